// Comparing a column of bounds with one value, four rows an instruction where AVX2 is there. The
// answer is a bit per row; bits at and above `rows` have to be masked out by the caller. Up to the
// next multiple of four rows is read (not used), or of sixteen when there are more than eight.
// A value that is NaN (all bits set) passes every test but `!=`, where it passes none.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_COLUMN_COMPARE_H_
#define FLUXGATE_CORE_SUBSCRIPTION_COLUMN_COMPARE_H_

#include <array>
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

inline bool IsEqualOrNan(double value, double bound) { return !(value < bound || value > bound); }

#ifdef __AVX2__

inline uint64_t MaskBits(__m256d truth, uint32_t row) {
  return static_cast<uint64_t>(static_cast<unsigned>(_mm256_movemask_pd(truth))) << row;
}

inline __m256d HaveCommonBit(__m256d a, __m256d b) {
  const __m256i common = _mm256_castpd_si256(_mm256_and_pd(a, b));
  const __m256i none = _mm256_cmpeq_epi64(common, _mm256_setzero_si256());
  return _mm256_castsi256_pd(_mm256_xor_si256(none, _mm256_set1_epi64x(-1)));
}

// Sixteen rows a turn: the fewer turns, the fewer of them are mispredicted.
template <typename Passes>
uint64_t RowsWhere(const double* bounds, uint32_t rows, Passes passes) {
  uint64_t mask = 0;
  if (rows <= 8) {
    for (uint32_t i = 0; i < rows; i += 4) mask |= MaskBits(passes(bounds + i), i);
    return mask;
  }
  for (uint32_t i = 0; i < rows; i += 16) {
    const double* at = bounds + i;
    mask |= (MaskBits(passes(at), 0) | MaskBits(passes(at + 4), 4) | MaskBits(passes(at + 8), 8) |
             MaskBits(passes(at + 12), 12))
            << i;
  }
  return mask;
}

inline uint64_t RowsAtLeast(const double* bounds, uint32_t rows, double value) {
  const __m256d v = _mm256_set1_pd(value);
  return RowsWhere(bounds, rows, [v](const double* at) {
    return _mm256_cmp_pd(v, _mm256_loadu_pd(at), _CMP_NLT_UQ);
  });
}

inline uint64_t RowsEqual(const double* bounds, uint32_t rows, double value) {
  const __m256d v = _mm256_set1_pd(value);
  return RowsWhere(bounds, rows, [v](const double* at) {
    return _mm256_cmp_pd(v, _mm256_loadu_pd(at), _CMP_EQ_UQ);
  });
}

inline uint64_t RowsNotEqual(const double* bounds, uint32_t rows, double value) {
  const __m256d v = _mm256_set1_pd(value);
  return RowsWhere(bounds, rows, [v](const double* at) {
    return _mm256_cmp_pd(v, _mm256_loadu_pd(at), _CMP_NEQ_OQ);
  });
}

inline uint64_t RowsOneOf(const double* bounds, uint32_t rows, double value) {
  const __m256d v = _mm256_set1_pd(value);
  return RowsWhere(bounds, rows,
                   [v](const double* at) { return HaveCommonBit(v, _mm256_loadu_pd(at)); });
}

#else

template <typename Passes>
uint64_t RowsWhere(const double* bounds, uint32_t rows, Passes passes) {
  uint64_t mask = 0;
  for (uint32_t i = 0; i < rows; ++i) mask |= static_cast<uint64_t>(passes(bounds[i])) << i;
  return mask;
}

inline uint64_t RowsAtLeast(const double* bounds, uint32_t rows, double value) {
  return RowsWhere(bounds, rows, [value](double bound) { return !(value < bound); });
}

inline uint64_t RowsEqual(const double* bounds, uint32_t rows, double value) {
  return RowsWhere(bounds, rows, [value](double bound) { return IsEqualOrNan(value, bound); });
}

inline uint64_t RowsNotEqual(const double* bounds, uint32_t rows, double value) {
  return RowsWhere(bounds, rows, [value](double bound) { return !IsEqualOrNan(value, bound); });
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
    case ColumnTest::kNotEqual:
      return RowsNotEqual(bounds, rows, value);
    case ColumnTest::kAtLeast:
      break;
  }
  return RowsAtLeast(bounds, rows, value);
}

// By row: the test of a column whose rows each have their own. Rows in none of these compare by
// kAtLeast.
struct MixedTests {
  uint64_t equal;
  uint64_t one_of;
  uint64_t not_equal;
};

// A column whose rows each name their own lane and test.
inline uint64_t RowsPassingMixed(const double* bounds, const Lane* lanes, uint32_t rows,
                                 const double* values, const MixedTests& tests) {
  uint64_t at_least = 0;
  uint64_t equal = 0;
  uint64_t one_of = 0;
  uint32_t i = 0;
#ifdef __AVX2__
  for (; i + 4 <= rows; i += 4) {
    const __m256d v = _mm256_setr_pd(values[lanes[i]], values[lanes[i + 1]], values[lanes[i + 2]],
                                     values[lanes[i + 3]]);
    const __m256d bound = _mm256_loadu_pd(bounds + i);
    at_least |= MaskBits(_mm256_cmp_pd(v, bound, _CMP_NLT_UQ), i);
    equal |= MaskBits(_mm256_cmp_pd(v, bound, _CMP_EQ_UQ), i);
    if (tests.one_of != 0) one_of |= MaskBits(HaveCommonBit(v, bound), i);
  }
#endif
  for (; i < rows; ++i) {
    const double v = values[lanes[i]];
    at_least |= static_cast<uint64_t>(!(v < bounds[i])) << i;
    equal |= static_cast<uint64_t>(IsEqualOrNan(v, bounds[i])) << i;
    const uint64_t common = std::bit_cast<uint64_t>(v) & std::bit_cast<uint64_t>(bounds[i]);
    one_of |= static_cast<uint64_t>(common != 0) << i;
  }
  const uint64_t others = tests.equal | tests.one_of | tests.not_equal;
  return (at_least & ~others) | (equal & tests.equal) | (one_of & tests.one_of) |
         (~equal & tests.not_equal);
}

// Writes the ids that `mask` has a bit for, in order, and returns the end. May write seven more;
// ids are read up to the next multiple of eight when there are more than four.
inline uint32_t* CopyIds(const uint32_t* ids, uint32_t rows, uint64_t mask, uint32_t* out) {
#ifdef __AVX2__
  // By a byte of the mask: the positions of its bits, lowest first, a byte each.
  static constexpr auto kPositions = [] {
    std::array<uint64_t, 256> positions{};
    for (uint32_t bits = 0; bits < 256; ++bits) {
      uint32_t shift = 0;
      for (uint64_t bit = 0; bit < 8; ++bit) {
        if ((bits >> bit & 1) == 0) continue;
        positions[bits] |= bit << shift;
        shift += 8;
      }
    }
    return positions;
  }();
  if (rows > 4) {
    for (; mask != 0; mask >>= 8, ids += 8) {
      const auto positions = static_cast<int64_t>(kPositions[mask & 0xff]);
      const __m256i order = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(positions));
      const __m256i eight = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(ids));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                          _mm256_permutevar8x32_epi32(eight, order));
      out += std::popcount(mask & 0xff);
    }
    return out;
  }
#endif
  static_cast<void>(rows);
  for (; mask != 0; mask &= mask - 1) *out++ = ids[std::countr_zero(mask)];
  return out;
}
inline constexpr uint32_t kCopyIdsSlack = 7;

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_COLUMN_COMPARE_H_
