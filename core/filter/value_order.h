// An order of all values, for what has to be sorted: MIN, MAX, ORDER BY. NULL, then NaN, then
// numbers, then text byte by byte. A boolean stands where 1 or 0 does and text that spells a number
// where the number does, because some message types know nothing but text; of an array the first
// element. Other than compare.h, by which '10' < '9' < 9.5 < '10', this is an order.
#ifndef FLUXGATE_CORE_FILTER_VALUE_ORDER_H_
#define FLUXGATE_CORE_FILTER_VALUE_ORDER_H_

#include <compare>

#include "core/message/value.h"

namespace fluxgate {

// A value and where it stands. Text is the value's.
struct PlacedValue {
  PlacedValue() = default;
  explicit PlacedValue(const Value& any);

  Value value;   // not an array
  Value number;  // what it stands as: Int, Uint or Double; NULL when not among numbers
};

// Equivalent are 1, 1.0, TRUE and '1'; all NaN; 0.0 and -0.0.
std::weak_ordering ComparePlaces(const PlacedValue& a, const PlacedValue& b);

// As above, and where that tells no difference, by kind (integer, double, boolean, text), sign of
// zero and spelling: equal only what is the same in every respect.
std::weak_ordering CompareFully(const PlacedValue& a, const PlacedValue& b);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_VALUE_ORDER_H_
