#include "gateway/grpc/wire_reader.h"

namespace fluxgate::grpc_api {

bool WireReader::ReadTagSlow(uint32_t& tag) {
  uint64_t value;
  if (!ReadVarintSlow(value) || value > UINT32_MAX) return false;
  tag = static_cast<uint32_t>(value);
  return (tag >> 3) != 0;
}

bool WireReader::ReadVarintSlow(uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (at_ == end_) return false;
    const uint64_t byte = static_cast<uint8_t>(*at_++);
    // Bits above the 64th are dropped, as protobuf does.
    value |= (byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

bool WireReader::SkipValue(uint32_t tag, int depth) {
  switch (static_cast<WireType>(tag & 7)) {
    case WireType::kVarint: {
      uint64_t ignored;
      return ReadVarint(ignored);
    }
    case WireType::kFixed64:
      if (end_ - at_ < 8) return false;
      at_ += 8;
      return true;
    case WireType::kFixed32:
      if (end_ - at_ < 4) return false;
      at_ += 4;
      return true;
    case WireType::kBytes: {
      std::string_view ignored;
      return ReadBytes(ignored);
    }
    case WireType::kGroup: {
      if (depth >= kGroupDepthMax) return false;
      uint32_t inner;
      while (ReadTag(inner)) {
        if ((inner & 7) == static_cast<uint32_t>(WireType::kGroupEnd)) {
          return inner >> 3 == tag >> 3;
        }
        if (!SkipValue(inner, depth + 1)) return false;
      }
      return false;
    }
    case WireType::kGroupEnd:
      break;
  }
  return false;
}

}  // namespace fluxgate::grpc_api
