// Strings, numbers and names of JSON (RFC 8259, sections 3, 6 and 7), checked to the letter.
#ifndef FLUXGATE_CORE_MESSAGE_JSON_SCALAR_H_
#define FLUXGATE_CORE_MESSAGE_JSON_SCALAR_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/message/text_scratch.h"
#include "core/message/value.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace fluxgate {

// The value that [begin, end) spells, without blanks around it; false when it spells none. 64 bytes
// from any place in the text on may be read.
inline bool ReadJsonScalar(const char* begin, const char* end, TextScratch& scratch, Value& value);

// The text of what stands between the quotes; false for what may not stand there.
bool ReadJsonString(const char* begin, const char* end, TextScratch& scratch,
                    std::string_view& text);

// Everything that the inline functions below leave over.
bool ReadJsonScalarSlow(const char* begin, const char* end, TextScratch& scratch, Value& value);

namespace json_internal {

inline uint64_t LoadWord(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

constexpr uint64_t Repeat(uint8_t byte) { return uint64_t{0x0101010101010101} * byte; }

// The number that eight digits spell, each taken off its '0'; bytes of zero count as leading zeros.
inline uint64_t EightDigits(uint64_t digits) {
  digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ff;
  digits = (digits * 100 + (digits >> 16)) & 0x0000ffff0000ffff;
  return (digits * 10000 + (digits >> 32)) & 0xffffffff;
}

// The most frequent numbers: positive, up to eight characters, with or without a fraction.
inline bool ReadShortNumber(const char* begin, size_t size, Value& value) {
  constexpr double kPowers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  if (size > 8) return false;
  const int unused = 64 - 8 * static_cast<int>(size);
  // The first character lowest, moved up so that missing digits in front are zeros.
  const uint64_t digits = (LoadWord(begin) ^ Repeat('0')) << unused;
  const uint64_t others = (digits | (digits + Repeat(0x80 - 10))) & Repeat(0x80);
  if (others == 0) {
    if (*begin == '0' && size > 1) return false;
    value = Value::Int(static_cast<int64_t>(EightDigits(digits)));
    return true;
  }
  // Exactly one character is no digit, and not the first or last: take it out.
  const int dot = __builtin_ctzll(others) & ~7;
  if ((others & (others - 1)) != 0 || dot == 56 || dot <= unused) return false;
  if ((digits >> dot & 0xff) != ('.' ^ '0') || (*begin == '0' && dot > unused + 8)) {
    return false;
  }
  const uint64_t behind = digits & (~uint64_t{0} << 8 << dot);
  const uint64_t before = (digits & ((uint64_t{1} << dot) - 1)) << 8;
  const auto mantissa = static_cast<double>(EightDigits(before | behind));
  // Both numbers exact: one division rounds correctly.
  value = Value::Double(mantissa / kPowers[(56 - dot) / 8]);
  return true;
}

#ifdef __AVX2__
// The most frequent strings: up to 32 bytes of printable ASCII without a backslash.
inline bool ReadShortString(const char* begin, size_t size, Value& value) {
  if (size > 32) return false;
  const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(begin));
  // As signed numbers, bytes beyond ASCII are below the blank like control characters.
  const __m256i special =
      _mm256_or_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(' '), x),
                      _mm256_or_si256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8('"')),
                                      _mm256_cmpeq_epi8(x, _mm256_set1_epi8('\\'))));
  const uint64_t mask = static_cast<uint32_t>(_mm256_movemask_epi8(special));
  if ((mask & ((uint64_t{1} << size) - 1)) != 0) return false;
  value = Value::String({begin, size});
  return true;
}
#else
inline bool ReadShortString(const char*, size_t, Value&) { return false; }
#endif

}  // namespace json_internal

inline bool ReadJsonScalar(const char* begin, const char* end, TextScratch& scratch, Value& value) {
  if (begin < end) {
    const auto size = static_cast<size_t>(end - begin);
    if (*begin == '"') {
      if (size >= 2 && end[-1] == '"' &&
          json_internal::ReadShortString(begin + 1, size - 2, value)) {
        return true;
      }
    } else if (json_internal::ReadShortNumber(begin, size, value)) {
      return true;
    }
  }
  return ReadJsonScalarSlow(begin, end, scratch, value);
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_JSON_SCALAR_H_
