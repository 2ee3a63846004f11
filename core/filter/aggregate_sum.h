// The sum of numbers, as SUM, AVG and ARRAY_SUM form it: exact while all of them are integers,
// compensated (Neumaier) for doubles. Any NaN makes it NaN.
#ifndef FLUXGATE_CORE_FILTER_AGGREGATE_SUM_H_
#define FLUXGATE_CORE_FILTER_AGGREGATE_SUM_H_

#include "core/message/value.h"

namespace fluxgate {

class NumberSum {
 public:
  // An Int, Uint or Double.
  void Add(const Value& number);
  // An integer while no double was added and it fits into 64 bits, else a double.
  Value Result() const;
  double AsDouble() const;

 private:
  __int128 integers_ = 0;  // 2^63 numbers of 64 bits do not overflow it
  double doubles_ = 0;
  double lost_ = 0;  // what rounding took from doubles_
  bool has_doubles_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_AGGREGATE_SUM_H_
