// The filters that share an access value (`symbol = 'S0042'`), or that have none.
//
// Rows of a shape that is frequent here have a tree of their own. Rows of rare shapes share mixed
// blocks, in the order of their shapes: there each row names its own lanes, which costs a little
// more per row and much less than a visit to a tree for a row or two.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_FILTER_BUCKET_H_
#define FLUXGATE_CORE_SUBSCRIPTION_FILTER_BUCKET_H_

#include <cstdint>
#include <span>

#include "absl/container/inlined_vector.h"
#include "core/subscription/row_block.h"
#include "core/subscription/row_tree.h"

namespace fluxgate {

// As many rows of one shape in a mixed block get a tree.
inline constexpr uint32_t kTreeRowsMin = 8;

class FilterBucket {
 public:
  FilterBucket() = default;
  FilterBucket(const FilterBucket&) = delete;  // blocks point to their bucket
  FilterBucket& operator=(const FilterBucket&) = delete;

  void Insert(const Row& row, RowStore& store);
  // `block` holds a row of `filter` and is of this bucket.
  void Remove(RowBlock* block, uint32_t filter, RowStore& store);

  // What a message has to visit.
  std::span<RowBlock* const> roots() const { return {roots_.data(), roots_.size()}; }
  bool empty() const { return roots_.empty(); }
  size_t memory_bytes() const;  // beside the object and the blocks

 private:
  size_t mixed_count() const;
  void SetRoot(size_t at, RowBlock* root);
  void InsertRoot(size_t at, RowBlock* root);
  void EraseRoot(size_t at);
  size_t TreePlace(const RowShape& shape) const;
  size_t MixedPlace(const RowShape& shape) const;
  void InsertMixed(const Row& row, RowStore& store);
  void PlantTree(size_t at, const RowShape& shape, RowStore& store);
  void SplitMixed(size_t at, RowStore& store);
  void RemoveMixed(size_t at, uint32_t filter, RowStore& store);
  void JoinMixed(size_t at, RowStore& store);

  // Mixed blocks first, ascending by the shapes in them; then trees, ascending by shape. No shape
  // is in two roots.
  absl::InlinedVector<RowBlock*, 2> roots_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_FILTER_BUCKET_H_
