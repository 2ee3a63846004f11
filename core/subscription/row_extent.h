// How large bounds over rows are, as a stand-in for how many messages will visit those rows: per
// field the part of the tree's whole span that the bounds leave open, all fields multiplied.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_ROW_EXTENT_H_
#define FLUXGATE_CORE_SUBSCRIPTION_ROW_EXTENT_H_

#include <array>
#include <cstdint>

#include "core/subscription/row_block.h"
#include "core/subscription/row_shape.h"

namespace fluxgate {

class RowExtent {
 public:
  // Measures against the span of `root`, a block that is not mixed and not empty.
  explicit RowExtent(const RowBlock& root);

  double Size(const Bounds& bounds) const;

  // The child of an inner block that grows least by taking in `bounds`; of equal ones the smallest.
  uint32_t CheapestChild(const RowBlock& block, const Bounds& bounds) const;

  // Of the children that `fits` has a bit for, the one that grows least by taking in child `taken`.
  uint32_t CheapestChildFor(const RowBlock& block, uint32_t taken, uint64_t fits) const;

 private:
  // Of the whole tree on one field.
  struct Span {
    double origin;   // of a one-sided extent: the highest bound
    double inverse;  // 1 / the span; 0 when there is none or no end to it
  };
  double Part(uint32_t extent, double one, double other) const;
  void ChildSizes(const RowBlock& block, const Bounds& bounds, double* now, double* with) const;

  const RowShape& shape_;
  std::array<Span, kBoundColumnsMax> spans_;
};

// The lowest bounds of each of a block's rows or children, by column.
void CopyLowBounds(const RowBlock& block, double (*columns)[kRowsMax]);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_ROW_EXTENT_H_
