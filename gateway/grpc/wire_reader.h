// Reads the protobuf wire format field by field, without copying and without building objects.
// Source: Protocol Buffers documentation, "Encoding".
#ifndef FLUXGATE_GATEWAY_GRPC_WIRE_READER_H_
#define FLUXGATE_GATEWAY_GRPC_WIRE_READER_H_

#include <cstdint>
#include <string_view>

namespace fluxgate::grpc_api {

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroup = 3,
  kGroupEnd = 4,
  kFixed32 = 5
};

// The tag of a field as one number; a constant for `case`.
constexpr uint32_t Tag(uint32_t field, WireType type) {
  return field << 3 | static_cast<uint32_t>(type);
}

class WireReader {
 public:
  // `bytes` outlives the reader and every view it returns.
  explicit WireReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool AtEnd() const { return at_ == end_; }
  const char* position() const { return at_; }

  // Each returns false when the bytes are malformed; the reader is of no use after that.

  bool ReadTag(uint32_t& tag) {
    if (at_ != end_ && (*at_ & 0x80) == 0) {
      tag = static_cast<uint8_t>(*at_++);
      return (tag >> 3) != 0;
    }
    return ReadTagSlow(tag);
  }

  bool ReadVarint(uint64_t& value) {
    // Lengths of up to 16 KiB without a call.
    if (end_ - at_ >= 2) {
      const auto low = static_cast<uint8_t>(at_[0]), high = static_cast<uint8_t>(at_[1]);
      if (low < 0x80) {
        value = low;
        at_ += 1;
        return true;
      }
      if (high < 0x80) {
        value = (low & 0x7Fu) | static_cast<uint32_t>(high) << 7;
        at_ += 2;
        return true;
      }
    }
    return ReadVarintSlow(value);
  }

  bool ReadBytes(std::string_view& bytes) {
    uint64_t size;
    if (!ReadVarint(size) || size > static_cast<uint64_t>(end_ - at_)) return false;
    bytes = {at_, static_cast<size_t>(size)};
    at_ += size;
    return true;
  }

  // Passes over the value of a field that is not known, groups included.
  bool Skip(uint32_t tag) { return SkipValue(tag, 0); }

 private:
  // As deep as protobuf's own parsers go.
  static constexpr int kGroupDepthMax = 100;

  bool ReadTagSlow(uint32_t& tag);
  bool ReadVarintSlow(uint64_t& value);
  bool SkipValue(uint32_t tag, int depth);

  const char* at_;
  const char* end_;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_WIRE_READER_H_
