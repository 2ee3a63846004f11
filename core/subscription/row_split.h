// Dividing a full block of rows or children in two.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_ROW_SPLIT_H_
#define FLUXGATE_CORE_SUBSCRIPTION_ROW_SPLIT_H_

#include "core/subscription/row_extent.h"
#include "core/subscription/row_tree.h"

namespace fluxgate {

// Moves about half of a full block (not mixed) to a new one, which has no parent yet: the half by
// which the sizes of the two add up to least.
RowBlock* Split(RowBlock* block, const RowExtent& extent, RowStore& store);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_ROW_SPLIT_H_
