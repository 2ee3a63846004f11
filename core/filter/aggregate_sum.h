// The sum of numbers, as SUM, AVG and ARRAY_SUM form it: exact, whatever the numbers and their
// order, and rounded once. Any NaN makes it NaN, as do infinities of both signs.
#ifndef FLUXGATE_CORE_FILTER_AGGREGATE_SUM_H_
#define FLUXGATE_CORE_FILTER_AGGREGATE_SUM_H_

#include <cstdint>

#include "core/filter/wide_sum.h"
#include "core/message/value.h"

namespace fluxgate {

class NumberSum {
 public:
  // An Int, Uint or Double.
  void Add(const Value& number) { Change(number, false); }
  // One that was added and not removed since: as if it had never been there.
  void Remove(const Value& number) { Change(number, true); }
  // An integer while there is no double and it fits into 64 bits, else a double.
  Value Result() const;
  // Of `count` numbers.
  double Average(uint64_t count) const;

 private:
  void Change(const Value& number, bool is_removed);
  // Infinite or NaN.
  bool has_special() const { return nans_ + infinities_[0] + infinities_[1] != 0; }
  double Special() const;
  ScaledDouble Total() const;

  __int128 integers_ = 0;  // 2^63 numbers of 64 bits do not overflow it
  WideSum doubles_;        // the finite ones
  uint64_t double_count_ = 0;
  uint64_t nans_ = 0;
  uint64_t infinities_[2] = {};  // positive, negative
};

// The standard deviation of numbers: exact sums, rounded at the end, so that it is 0 for numbers
// that are all the same and never less than that.
class NumberSpread {
 public:
  void Add(const Value& number) { Change(number, false); }
  void Remove(const Value& number) { Change(number, true); }
  uint64_t count() const { return count_; }
  // `degrees`: count() or one less; not 0. NaN when a number is not finite.
  double Deviation(uint64_t degrees) const;

 private:
  void Change(const Value& number, bool is_removed);

  WideSum sum_;
  WideSum squares_;
  uint64_t count_ = 0;
  uint64_t not_finite_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_AGGREGATE_SUM_H_
