// How a filter is filed: under which values, and as which columns. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_FILTER_PLAN_H_
#define FLUXGATE_CORE_SUBSCRIPTION_FILTER_PLAN_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/filter/filter.h"
#include "core/subscription/filter_register.h"
#include "core/subscription/indexed_field.h"
#include "core/subscription/row_shape.h"

namespace fluxgate {

// The predicates of one of which a message finds the filter; none for kNoAccess.
std::span<const Predicate> AccessOf(const Filter& filter, AccessNumber access);
// Whether that is one of Filter::predicates(), whose constants IndexedFields::Add has taken up, and
// not the parts of an OR.
bool IsOwnPredicate(const Filter& filter, AccessNumber access);

struct FilterPlan {
  // The one that the fewest messages are expected to pass. kNoAccess: the filter has none and goes
  // into the bucket of all messages.
  AccessNumber access = kNoAccess;
  // Where a message finds it, distinct.
  std::vector<FilterBucket*> buckets;
  // A message may find it in several of them; otherwise one that passes finds exactly one.
  bool repeats = false;
  // The other simple predicates, sorted, and their bounds.
  std::vector<Column> columns;
  std::vector<double> bounds;
  // Of these, buckets and columns say more than is so.
  PredicateSet checks = 0;
  bool check_residual = false;

  // Without access, and no bound keeps messages away from it either.
  bool is_unbounded() const {
    return access == kNoAccess &&
           std::none_of(columns.begin(), columns.end(),
                        [](const Column& column) { return HasBounds(column.test); });
  }
};

// The filter has been added to `fields`; AddAccess is done here, RemoveAccess is the caller's.
// `now`: messages so far.
FilterPlan PlanFilter(const Filter& filter, IndexedFields& fields, uint64_t now);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_FILTER_PLAN_H_
