// A sum that is exact: every double, every 64-bit integer and the square of each is a whole
// multiple of one small power of two, and is added as such. What was added and taken away again
// leaves nothing behind, in any order.
#ifndef FLUXGATE_CORE_FILTER_WIDE_SUM_H_
#define FLUXGATE_CORE_FILTER_WIDE_SUM_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"

namespace fluxgate {

// mantissa * 2^exponent; may be far beyond what a double holds.
struct ScaledDouble {
  double mantissa = 0;
  int exponent = 0;

  double ToDouble() const;
};

// Holds only the 64-bit limbs that its numbers reach, between the lowest and the highest: four are
// in the object, the 70 of the full range on the heap. At most 2^63 numbers.
class WideSum {
 public:
  using Magnitude = unsigned __int128;

  WideSum() = default;
  // Moved as it is copied: g++ 12 takes the inlined vector's move for a use of what is not set.
  WideSum(const WideSum&) = default;
  WideSum& operator=(const WideSum&) = default;

  // Adds magnitude * 2^exponent, or takes it away. An exponent from kExponentMin to 2048.
  void Add(Magnitude magnitude, int exponent, bool is_negative);

  // The nearest with a mantissa of 53 bits (ties to even).
  ScaledDouble Rounded() const;
  // count * squares - sum * sum, which must not be negative; exact up to the rounding.
  static ScaledDouble Spread(uint64_t count, const WideSum& squares, const WideSum& sum);

  static constexpr int kExponentMin = -2 * 1074;  // of the square of the smallest double

 private:
  static constexpr int kLimbBits = 64;
  // Position of 2^0 in limbs; all positions are positive.
  static constexpr int kOneLimb = 34;

  void Cover(int begin, int end);
  bool is_negative() const { return !limbs_.empty() && static_cast<int64_t>(limbs_.back()) < 0; }
  absl::InlinedVector<uint64_t, 4> Absolute() const;

  // Two's complement, least first. The last one only takes carries, so it cannot overflow.
  absl::InlinedVector<uint64_t, 4> limbs_;
  int begin_ = 0;  // position of the first
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_WIDE_SUM_H_
