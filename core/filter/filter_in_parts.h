// What an index does with a filter, spelled out with public means only: for tests.
#ifndef FLUXGATE_CORE_FILTER_FILTER_IN_PARTS_H_
#define FLUXGATE_CORE_FILTER_FILTER_IN_PARTS_H_

#include <limits>
#include <span>

#include "core/filter/compare.h"
#include "core/filter/filter.h"

namespace fluxgate {

inline bool PredicateHolds(const Predicate& predicate, const Value& value) {
  if (predicate.kind != Predicate::Kind::kAnyOf && predicate.kind != Predicate::Kind::kRange) {
    return Holds(predicate, value);
  }
  if (value.is_array()) return Holds(predicate, value);
  if (predicate.kind == Predicate::Kind::kAnyOf) {
    for (const Value& constant : predicate.constants) {
      if (Compare(value, constant) == Ordering::kEqual) return true;
    }
    return false;
  }
  const Ordering low = Compare(value, Value::Double(predicate.low));
  const Ordering high = Compare(value, Value::Double(predicate.high));
  return (low == Ordering::kEqual || low == Ordering::kGreater) &&
         (high == Ordering::kEqual || high == Ordering::kLess ||
          predicate.high == std::numeric_limits<double>::infinity());
}

inline bool MatchesInParts(const Filter& filter, std::span<const Value> values) {
  if (filter.never()) return false;
  for (const Predicate& predicate : filter.predicates()) {
    if (!PredicateHolds(predicate, values[predicate.slot])) return false;
  }
  return filter.ResidualMatches(values);
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FILTER_IN_PARTS_H_
