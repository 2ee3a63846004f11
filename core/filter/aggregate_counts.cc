#include "core/filter/aggregate_counts.h"

#include "core/filter/operators.h"

namespace fluxgate {

void ValueCounts::Add(const Value& value) {
  const PlacedValue placed(value);
  auto at = counts_.lower_bound(placed);
  if (at == counts_.end() || Less()(placed, at->first)) {
    at = counts_.emplace_hint(at, Key(placed), 0);
  }
  ++at->second;
  if (IsNan(value)) ++nans_;
}

void ValueCounts::Remove(const Value& value) {
  const auto at = counts_.find(PlacedValue(value));
  if (at == counts_.end()) return;
  if (--at->second == 0) counts_.erase(at);
  if (IsNan(value)) --nans_;
}

}  // namespace fluxgate
