// Rows of one shape as a tree: leaves of up to 64 rows, above them blocks of up to 64 children with
// the lowest bounds of each. A row is a point with a coordinate per column, a message asks for all
// points that lie below it in every coordinate, and what the bounds rule out is not visited. So a
// million ranges on one field cost a message little more than those that contain its value,
// whatever their widths, and several ranged fields narrow the search together.
//
// Kept as an R-tree is (A. Guttman, "R-trees: a dynamic index structure for spatial searching",
// 1984): a row goes where it widens the bounds least, a full block is divided where the two halves
// will be visited least often. "Size" of bounds stands for how often messages visit them.
//
// Insert and Remove take time logarithmic in the rows. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_ROW_TREE_H_
#define FLUXGATE_CORE_SUBSCRIPTION_ROW_TREE_H_

#include <array>

#include "core/subscription/filter_register.h"
#include "core/subscription/row_block.h"
#include "core/subscription/row_extent.h"
#include "core/subscription/row_shape.h"

namespace fluxgate {

// What rows are kept in and with: shared by all buckets of an index.
struct RowStore {
  BlockHeap heap;
  FilterRegister filters;
  ShapeTable shapes;
};

// Operations on the tree under a root block (kUniform or kInner, never empty). Both return the
// root, which may be another block than before; its bucket has to be set by the caller.
RowBlock* InsertInTree(RowBlock* root, const Row& row, RowStore& store);

// Erases the filter's row from `leaf`; null when it was the tree's last row.
RowBlock* RemoveFromTree(RowBlock* leaf, uint32_t filter, RowStore& store);

// A block with the same rows or children in another capacity, known to its parent and filters in
// place of `block`, which is gone.
RowBlock* Resize(RowBlock* block, uint32_t columns, uint32_t capacity, RowStore& store);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_ROW_TREE_H_
