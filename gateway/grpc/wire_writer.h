// Writes the protobuf wire format into space that is known to be large enough.
// Source: Protocol Buffers documentation, "Encoding".
#ifndef FLUXGATE_GATEWAY_GRPC_WIRE_WRITER_H_
#define FLUXGATE_GATEWAY_GRPC_WIRE_WRITER_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace fluxgate::grpc_api {

inline constexpr size_t kVarintBytesMax = 10;

constexpr size_t VarintSize(uint64_t value) {
  // (bits + 6) / 7 without a division, exact up to 64 bits.
  return (static_cast<size_t>(std::bit_width(value | 1)) * 9 + 64) / 64;
}

inline char* WriteVarint(uint64_t value, char* to) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

// Size of a field of type bytes, string or message whose tag takes one byte.
constexpr size_t BytesFieldSize(size_t size) { return 1 + VarintSize(size) + size; }

inline char* WriteBytesField(uint8_t tag, std::string_view bytes, char* to) {
  *to++ = static_cast<char>(tag);
  to = WriteVarint(bytes.size(), to);
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

// A length that is not known yet: four bytes, a valid varint whatever it becomes.
inline constexpr size_t kLengthBytes = 4;
inline constexpr size_t kLengthMax = (1u << 28) - 1;

inline void WriteLength(size_t length, char* to) {
  to[0] = static_cast<char>(length | 0x80);
  to[1] = static_cast<char>(length >> 7 | 0x80);
  to[2] = static_cast<char>(length >> 14 | 0x80);
  to[3] = static_cast<char>(length >> 21 & 0x7F);
}

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_WIRE_WRITER_H_
