// The fields of an encoded Protocol Buffers message, one after the other, without knowing their
// meaning (protobuf.dev, "Encoding").
#ifndef FLUXGATE_CORE_MESSAGE_PROTOBUF_WIRE_H_
#define FLUXGATE_CORE_MESSAGE_PROTOBUF_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/message/message_reader.h"

namespace fluxgate {

enum class WireType : uint8_t { kVarint, kFixed64, kBytes, kStartGroup, kEndGroup, kFixed32 };

// Groups inside groups that are passed over.
inline constexpr size_t kGroupDepthMax = 100;

// Takes a varint off `left`. False: cut short, or longer than ten bytes.
inline bool ReadVarint(std::string_view& left, uint64_t& number) {
  if (!left.empty() && static_cast<unsigned char>(left[0]) < 0x80) {
    number = static_cast<unsigned char>(left[0]);
    left.remove_prefix(1);
    return true;
  }
  number = 0;
  for (size_t i = 0; i < left.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(left[i]);
    number |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      left.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

inline void AppendVarint(uint64_t number, std::string& out) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

inline void AppendTag(uint32_t number, WireType type, std::string& out) {
  AppendVarint(uint64_t{number} << 3 | static_cast<uint64_t>(type), out);
}

struct WireField {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t bits = 0;         // of a varint or fixed value
  std::string_view content;  // of bytes and groups
  std::string_view value;    // as it stands behind the tag
};

// Takes a scalar value of that type (no group) off `left`.
inline bool ReadWireValue(std::string_view& left, WireField& field) {
  const char* const begin = left.data();
  switch (field.type) {
    case WireType::kVarint:
      if (!ReadVarint(left, field.bits)) return false;
      break;
    case WireType::kFixed64:
      if (left.size() < 8) return false;
      field.bits = LoadLittle<uint64_t>(begin);
      left.remove_prefix(8);
      break;
    case WireType::kFixed32:
      if (left.size() < 4) return false;
      field.bits = LoadLittle<uint32_t>(begin);
      left.remove_prefix(4);
      break;
    case WireType::kBytes: {
      uint64_t size;
      if (!ReadVarint(left, size) || size > left.size()) return false;
      field.content = left.substr(0, size);
      left.remove_prefix(size);
      break;
    }
    case WireType::kStartGroup:
    case WireType::kEndGroup:
      return false;
  }
  field.value = {begin, static_cast<size_t>(left.data() - begin)};
  return true;
}

// As libprotobuf does, what is above 32 bits in five bytes is dropped. False: no tag.
inline bool ReadTag(std::string_view& left, uint32_t& tag) {
  constexpr size_t kTagBytesMax = 5;
  const size_t size = left.size();
  uint64_t number;
  if (!ReadVarint(left, number) || size - left.size() > kTagBytesMax) return false;
  tag = static_cast<uint32_t>(number);
  return tag >= 8 && (tag & 7) <= 5;
}

// The content of group `number`, taken off `left` with the tag at its end.
bool ReadGroup(std::string_view& left, uint32_t number, std::string_view& content);

// Takes the next field off `left`, which is not empty. False: malformed.
inline bool ReadWireField(std::string_view& left, WireField& field) {
  uint32_t tag;
  if (!ReadTag(left, tag)) return false;
  field.number = tag >> 3;
  field.type = static_cast<WireType>(tag & 7);
  if (field.type == WireType::kStartGroup) {
    const char* const begin = left.data();
    if (!ReadGroup(left, field.number, field.content)) return false;
    field.value = {begin, static_cast<size_t>(left.data() - begin)};
    return true;
  }
  return ReadWireValue(left, field);
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_PROTOBUF_WIRE_H_
