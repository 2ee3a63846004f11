// How large bounds over rows are, as a stand-in for how many messages will visit those rows: per
// field the part of the tree's whole span that the bounds leave open, all fields multiplied.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_ROW_EXTENT_H_
#define FLUXGATE_CORE_SUBSCRIPTION_ROW_EXTENT_H_

#include <array>
#include <cstdint>

#include "core/subscription/row_block.h"
#include "core/subscription/row_shape.h"

namespace fluxgate {

// Bounds over rows, in the order of RowShape::bound_lanes.
using Bounds = std::array<double, kBoundColumnsMax>;

class RowExtent {
 public:
  // Measures against the span of `root`, a block that is not mixed and not empty.
  explicit RowExtent(const RowBlock& root);

  double Size(const double* bounds) const;

  // The child of an inner block that grows least by taking in `bounds`; of equal ones the smallest.
  uint32_t CheapestChild(const RowBlock& block, const double* bounds) const;

  // Of the children that `fits` has a bit for, the one that grows least by taking in child `taken`.
  uint32_t CheapestChildFor(const RowBlock& block, uint32_t taken, uint64_t fits) const;

 private:
  // On one field, from the lowest bounds there; an open side is passed as null.
  struct Span {
    double origin;   // one-sided: the highest bound
    double inverse;  // 1 / the whole span; 0 when it is none or infinite
  };
  double Part(uint32_t extent, double up, double down) const;
  void ChildSizes(const RowBlock& block, const double* bounds, double* now, double* with) const;

  const RowShape& shape_;
  std::array<Span, kBoundColumnsMax> spans_;
};

// `bounds` widened to take in `other`.
void Widen(const RowShape& shape, double* bounds, const double* other);

// The bound columns of a block's rows or children, row by row.
void CopyBoundColumns(const RowBlock& block, double (*columns)[kRowsMax]);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_ROW_EXTENT_H_
