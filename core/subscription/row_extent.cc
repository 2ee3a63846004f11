#include "core/subscription/row_extent.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fluxgate {
namespace {

// A message beyond all bounds visits even the most selective rows of a one-sided column.
constexpr double kAlwaysVisited = 0.05;
// No set of rows has size zero: the other fields still have to count.
constexpr double kSizeMin = 1e-9;

double Inverse(double span) { return span > 0 && std::isfinite(span) ? 1 / span : 0; }

}  // namespace

RowExtent::RowExtent(const RowBlock& root) : shape_(*root.shape()) {
  double columns[kBoundColumnsMax][kRowsMax];
  CopyBoundColumns(root, columns);
  Bounds low;
  Bounds high;
  for (uint32_t k = 0; k < shape_.bound_count; ++k) {
    const auto [l, h] = std::minmax_element(columns[k], columns[k] + root.count());
    low[k] = *l;
    high[k] = *h;
  }
  for (uint32_t e = 0; e < shape_.extent_count; ++e) {
    const RowShape::Extent& extent = shape_.extents[e];
    if (extent.up >= 0 && extent.down >= 0) {
      spans_[e] = {.origin = 0, .inverse = Inverse(-(low[extent.up] + low[extent.down]))};
    } else {
      const int k = std::max(extent.up, extent.down);
      spans_[e] = {.origin = high[k], .inverse = Inverse(high[k] - low[k])};
    }
  }
}

inline double RowExtent::Part(uint32_t extent, double up, double down) const {
  const Span& span = spans_[extent];
  const RowShape::Extent& sides = shape_.extents[extent];
  if (sides.up >= 0 && sides.down >= 0) return std::max(kSizeMin, -(up + down) * span.inverse);
  const double bound = sides.up >= 0 ? up : down;
  // In this order a NaN (infinite bounds) gives the smaller part.
  return std::max(0.0, (span.origin - bound) * span.inverse) * (1 - kAlwaysVisited) +
         kAlwaysVisited;
}

double RowExtent::Size(const double* bounds) const {
  double size = 1;
  for (uint32_t e = 0; e < shape_.extent_count; ++e) {
    const RowShape::Extent& extent = shape_.extents[e];
    size *= Part(e, extent.up >= 0 ? bounds[extent.up] : 0,
                 extent.down >= 0 ? bounds[extent.down] : 0);
  }
  return size;
}

void RowExtent::ChildSizes(const RowBlock& block, const double* bounds, double* now,
                           double* with) const {
  const uint32_t count = block.count();
  std::fill(now, now + count, 1.0);
  std::fill(with, with + count, 1.0);
  for (uint32_t e = 0; e < shape_.extent_count; ++e) {
    const RowShape::Extent& extent = shape_.extents[e];
    const double* up = extent.up >= 0 ? block.column(extent.up) : block.column(extent.down);
    const double* down = extent.down >= 0 ? block.column(extent.down) : up;
    const double up_bound = bounds[extent.up >= 0 ? extent.up : extent.down];
    const double down_bound = extent.down >= 0 ? bounds[extent.down] : up_bound;
    for (uint32_t i = 0; i < count; ++i) {
      now[i] *= Part(e, up[i], down[i]);
      with[i] *= Part(e, std::min(up[i], up_bound), std::min(down[i], down_bound));
    }
  }
}

uint32_t RowExtent::CheapestChild(const RowBlock& block, const double* bounds) const {
  double now[kRowsMax];
  double with[kRowsMax];
  ChildSizes(block, bounds, now, with);
  uint32_t best = 0;
  for (uint32_t i = 1; i < block.count(); ++i) {
    const double growth = with[i] - now[i];
    const double least = with[best] - now[best];
    if (growth < least || (growth == least && now[i] < now[best])) best = i;
  }
  return best;
}

uint32_t RowExtent::CheapestChildFor(const RowBlock& block, uint32_t taken, uint64_t fits) const {
  Bounds bounds;
  for (uint32_t k = 0; k < shape_.bound_count; ++k) bounds[k] = block.column(k)[taken];
  double now[kRowsMax];
  double with[kRowsMax];
  ChildSizes(block, bounds.data(), now, with);
  uint32_t best = static_cast<uint32_t>(std::countr_zero(fits));
  for (uint64_t rest = fits; rest != 0; rest &= rest - 1) {
    const uint32_t i = static_cast<uint32_t>(std::countr_zero(rest));
    if (with[i] - now[i] < with[best] - now[best]) best = i;
  }
  return best;
}

void Widen(const RowShape& shape, double* bounds, const double* other) {
  for (uint32_t k = 0; k < shape.bound_count; ++k) bounds[k] = std::min(bounds[k], other[k]);
}

void CopyBoundColumns(const RowBlock& block, double (*columns)[kRowsMax]) {
  const uint32_t count = block.count();
  const RowShape& shape = *block.shape();
  uint32_t to = 0;
  for (uint32_t k = 0; k < block.column_count(); ++k) {
    const bool is_row = block.kind() == RowBlock::Kind::kUniform;
    if (is_row && shape.columns[k].test == ColumnTest::kOneOf) continue;
    std::copy(block.column(k), block.column(k) + count, columns[to++]);
    if (is_row && shape.columns[k].test == ColumnTest::kEqual) {
      std::transform(block.column(k), block.column(k) + count, columns[to++],
                     [](double bound) { return -bound; });
    }
  }
}

}  // namespace fluxgate
