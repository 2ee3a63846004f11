// How a filter is filed: under which values, and as which columns. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_FILTER_PLAN_H_
#define FLUXGATE_CORE_SUBSCRIPTION_FILTER_PLAN_H_

#include <cstdint>
#include <vector>

#include "core/filter/filter.h"
#include "core/subscription/indexed_field.h"
#include "core/subscription/row_shape.h"

namespace fluxgate {

struct FilterPlan {
  static constexpr uint32_t kNoAccess = UINT32_MAX;

  // The equality or IN predicate that the filter is filed under: the one that the fewest messages
  // are expected to pass; kNoAccess: it has none and goes into the bucket of all messages.
  uint32_t access = kNoAccess;
  // Where a message finds it, distinct; a message that passes `access` finds exactly one of them.
  std::vector<FilterBucket*> buckets;
  // The other simple predicates, sorted, and their bounds.
  std::vector<Column> columns;
  std::vector<double> bounds;
  // Buckets and columns say more than is so: ask the whole filter, not only its residual.
  bool check_whole = false;
};

// The filter has been added to `fields`. `now`: messages so far.
FilterPlan PlanFilter(const Filter& filter, const IndexedFields& fields, uint64_t now);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_FILTER_PLAN_H_
