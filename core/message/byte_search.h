// Looking for single bytes 32 at a time.
#ifndef FLUXGATE_CORE_MESSAGE_BYTE_SEARCH_H_
#define FLUXGATE_CORE_MESSAGE_BYTE_SEARCH_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace fluxgate {

inline constexpr ptrdiff_t kSearchBytes = 32;

// Which of the 32 bytes from `p` on are `c`: one bit each, the first lowest.
inline uint32_t EqualBytes(const char* p, char c) {
#if defined(__AVX2__)
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c))));
#elif defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(c);
  const auto half = [wanted](const char* from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)));
  };
  return half(p) | half(p + 16) << 16;
#else
  uint32_t mask = 0;
  for (int i = 0; i < kSearchBytes; ++i) mask |= uint32_t{p[i] == c} << i;
  return mask;
#endif
}

// The first `c` from `p` on, or `end`. The 31 bytes behind `end` may be read.
inline const char* FindByte(const char* p, const char* end, char c) {
  for (; p < end; p += kSearchBytes) {
    const uint32_t mask = EqualBytes(p, c);
    if (mask == 0) continue;
    p += std::countr_zero(mask);
    return p < end ? p : end;
  }
  return end;
}

// The first `a` or `b`.
inline const char* FindEither(const char* p, const char* end, char a, char b) {
  for (; p < end; p += kSearchBytes) {
    const uint32_t mask = EqualBytes(p, a) | EqualBytes(p, b);
    if (mask == 0) continue;
    p += std::countr_zero(mask);
    return p < end ? p : end;
  }
  return end;
}

// Whether `size` bytes are the same. The 31 bytes behind either may be read.
inline bool SameBytes(const char* a, const char* b, size_t size) {
#if defined(__AVX2__)
  if (size <= 32) {
    const __m256i same = _mm256_cmpeq_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(a)),
                                           _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b)));
    const uint64_t differ = ~static_cast<uint32_t>(_mm256_movemask_epi8(same));
    return (differ & ((uint64_t{1} << size) - 1)) == 0;
  }
#endif
  return std::memcmp(a, b, size) == 0;
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_BYTE_SEARCH_H_
