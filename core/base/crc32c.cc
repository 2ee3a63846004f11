#include "core/base/crc32c.h"

#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstring>

namespace fluxgate {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint32_t kPolynomial = 0x82f63b78;  // the lowest bit first
constexpr size_t kWordBytes = sizeof(uint64_t);

// Tables[n][byte]: the remainder of `byte` followed by n zero bytes.
constexpr std::array<std::array<uint32_t, 256>, kWordBytes> MakeTables() {
  std::array<std::array<uint32_t, 256>, kWordBytes> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t word = byte;
    for (int bit = 0; bit < 8; ++bit) {
      word = (word & 1) != 0 ? (word >> 1) ^ kPolynomial : word >> 1;
    }
    tables[0][byte] = word;
  }
  for (size_t n = 1; n < kWordBytes; ++n) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[n - 1][byte];
      tables[n][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr auto kTables = MakeTables();

uint64_t ReadWord(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

}  // namespace

uint32_t ExtendCrc32cByTables(uint32_t crc, std::string_view bytes) {
  crc = ~crc;
  while (bytes.size() >= kWordBytes) {
    const uint64_t word = ReadWord(bytes.data()) ^ crc;
    crc = 0;
    for (size_t n = 0; n < kWordBytes; ++n) {
      crc ^= kTables[kWordBytes - 1 - n][(word >> (8 * n)) & 0xff];
    }
    bytes.remove_prefix(kWordBytes);
  }
  for (const char c : bytes) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint8_t>(c)) & 0xff];
  return ~crc;
}

uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes) {
#ifdef __SSE4_2__
  uint64_t word = ~crc;
  while (bytes.size() >= kWordBytes) {
    word = _mm_crc32_u64(word, ReadWord(bytes.data()));
    bytes.remove_prefix(kWordBytes);
  }
  auto rest = static_cast<uint32_t>(word);
  for (const char c : bytes) rest = _mm_crc32_u8(rest, static_cast<uint8_t>(c));
  return ~rest;
#else
  return ExtendCrc32cByTables(crc, bytes);
#endif
}

}  // namespace fluxgate
