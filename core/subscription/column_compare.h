// Comparing a column of bounds with one value, four rows an instruction where AVX2 is there. The
// answer is a bit per row. All functions may read (not use) up to the next multiple of four rows,
// so that bits at and above `rows` have to be masked out by the caller.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_COLUMN_COMPARE_H_
#define FLUXGATE_CORE_SUBSCRIPTION_COLUMN_COMPARE_H_

#include <bit>
#include <cstdint>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "core/subscription/row_shape.h"

namespace fluxgate {

inline constexpr uint32_t kRowsMax = 64;  // of a block: one bit each in a mask

// The first `rows` bits, rows in 0..64.
inline uint64_t RowMask(uint32_t rows) { return rows == kRowsMax ? ~0ull : (1ull << rows) - 1; }

#ifdef __AVX2__

inline uint64_t MaskBits(__m256d truth, uint32_t row) {
  return static_cast<uint64_t>(static_cast<unsigned>(_mm256_movemask_pd(truth))) << row;
}

inline __m256d HaveCommonBit(__m256d a, __m256d b) {
  const __m256i common = _mm256_castpd_si256(_mm256_and_pd(a, b));
  const __m256i none = _mm256_cmpeq_epi64(common, _mm256_setzero_si256());
  return _mm256_castsi256_pd(_mm256_xor_si256(none, _mm256_set1_epi64x(-1)));
}

#ifdef TRY512
template <int kCompare>
inline uint64_t RowsComparing(const double* bounds, uint32_t rows, double value) {
  const __m512d v = _mm512_set1_pd(value);
  uint64_t mask = 0;
  for (uint32_t i = 0; i < rows; i += 8) {
    mask |= static_cast<uint64_t>(_mm512_cmp_pd_mask(v, _mm512_loadu_pd(bounds + i), kCompare)) << i;
  }
  return mask;
}
#elif defined(TRYU)
template <int kCompare>
inline uint64_t RowsComparing(const double* bounds, uint32_t rows, double value) {
  const __m256d v = _mm256_set1_pd(value);
  uint64_t mask = 0;
  for (uint32_t i = 0; i < rows; i += 16) {
    const __m256i a = _mm256_castpd_si256(_mm256_cmp_pd(v, _mm256_loadu_pd(bounds + i), kCompare));
    const __m256i b = _mm256_castpd_si256(_mm256_cmp_pd(v, _mm256_loadu_pd(bounds + i+4), kCompare));
    const __m256i c = _mm256_castpd_si256(_mm256_cmp_pd(v, _mm256_loadu_pd(bounds + i+8), kCompare));
    const __m256i d = _mm256_castpd_si256(_mm256_cmp_pd(v, _mm256_loadu_pd(bounds + i+12), kCompare));
    uint64_t ab = _mm256_movemask_pd(_mm256_castsi256_pd(a)) | _mm256_movemask_pd(_mm256_castsi256_pd(b)) << 4;
    uint64_t cd = _mm256_movemask_pd(_mm256_castsi256_pd(c)) | _mm256_movemask_pd(_mm256_castsi256_pd(d)) << 4;
    mask |= (ab | cd << 8) << i;
  }
  return mask;
}
#else
template <int kCompare>
inline uint64_t RowsComparing(const double* bounds, uint32_t rows, double value) {
  const __m256d v = _mm256_set1_pd(value);
  uint64_t mask = 0;
  for (uint32_t i = 0; i < rows; i += 4) {
    mask |= MaskBits(_mm256_cmp_pd(v, _mm256_loadu_pd(bounds + i), kCompare), i);
  }
  return mask;
}
#endif

inline uint64_t RowsAtLeast(const double* bounds, uint32_t rows, double value) {
  return RowsComparing<_CMP_GE_OQ>(bounds, rows, value);
}

inline uint64_t RowsEqual(const double* bounds, uint32_t rows, double value) {
  return RowsComparing<_CMP_EQ_OQ>(bounds, rows, value);
}

inline uint64_t RowsOneOf(const double* bounds, uint32_t rows, double value) {
  const __m256d v = _mm256_set1_pd(value);
  uint64_t mask = 0;
  for (uint32_t i = 0; i < rows; i += 4) {
    mask |= MaskBits(HaveCommonBit(v, _mm256_loadu_pd(bounds + i)), i);
  }
  return mask;
}

#else

inline uint64_t RowsAtLeast(const double* bounds, uint32_t rows, double value) {
  uint64_t mask = 0;
  for (uint32_t i = 0; i < rows; ++i) mask |= static_cast<uint64_t>(value >= bounds[i]) << i;
  return mask;
}

inline uint64_t RowsEqual(const double* bounds, uint32_t rows, double value) {
  uint64_t mask = 0;
  for (uint32_t i = 0; i < rows; ++i) mask |= static_cast<uint64_t>(value == bounds[i]) << i;
  return mask;
}

inline uint64_t RowsOneOf(const double* bounds, uint32_t rows, double value) {
  const uint64_t v = std::bit_cast<uint64_t>(value);
  uint64_t mask = 0;
  for (uint32_t i = 0; i < rows; ++i) {
    mask |= static_cast<uint64_t>((v & std::bit_cast<uint64_t>(bounds[i])) != 0) << i;
  }
  return mask;
}

#endif

inline uint64_t RowsPassing(ColumnTest test, const double* bounds, uint32_t rows, double value) {
  switch (test) {
    case ColumnTest::kEqual:
      return RowsEqual(bounds, rows, value);
    case ColumnTest::kOneOf:
      return RowsOneOf(bounds, rows, value);
    case ColumnTest::kAtLeast:
      break;
  }
  return RowsAtLeast(bounds, rows, value);
}

// A column whose rows each name their own lane and test: rows in `equal` compare for equality, rows
// in `one_of` by common bits, the others as lower bounds.
inline uint64_t RowsPassingMixed(const double* bounds, const Lane* lanes, uint32_t rows,
                                 const double* values, uint64_t equal, uint64_t one_of) {
  uint64_t at_least_mask = 0;
  uint64_t equal_mask = 0;
  uint64_t one_of_mask = 0;
  uint32_t i = 0;
#ifdef __AVX2__
  for (; i + 4 <= rows; i += 4) {
    const __m256d v = _mm256_setr_pd(values[lanes[i]], values[lanes[i + 1]], values[lanes[i + 2]],
                                     values[lanes[i + 3]]);
    const __m256d bound = _mm256_loadu_pd(bounds + i);
    at_least_mask |= MaskBits(_mm256_cmp_pd(v, bound, _CMP_GE_OQ), i);
    equal_mask |= MaskBits(_mm256_cmp_pd(v, bound, _CMP_EQ_OQ), i);
    if (one_of != 0) one_of_mask |= MaskBits(HaveCommonBit(v, bound), i);
  }
#endif
  for (; i < rows; ++i) {
    const double v = values[lanes[i]];
    at_least_mask |= static_cast<uint64_t>(v >= bounds[i]) << i;
    equal_mask |= static_cast<uint64_t>(v == bounds[i]) << i;
    const uint64_t common = std::bit_cast<uint64_t>(v) & std::bit_cast<uint64_t>(bounds[i]);
    one_of_mask |= static_cast<uint64_t>(common != 0) << i;
  }
  return (at_least_mask & ~(equal | one_of)) | (equal_mask & equal) | (one_of_mask & one_of);
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_COLUMN_COMPARE_H_
