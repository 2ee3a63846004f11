#include "core/subscription/row_extent.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

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
  CopyLowBounds(root, columns);
  std::array<double, kBoundColumnsMax> low;
  std::array<double, kBoundColumnsMax> high;
  for (uint32_t k = 0; k < shape_.bound_count; ++k) {
    const auto [l, h] = std::minmax_element(columns[k], columns[k] + root.count());
    low[k] = *l;
    high[k] = *h;
  }
  for (uint32_t e = 0; e < shape_.extent_count; ++e) {
    const auto [one, other] = shape_.extents[e];
    spans_[e] = shape_.extents[e].two_sided()
                    ? Span{.origin = 0, .inverse = Inverse(-(low[one] + low[other]))}
                    : Span{.origin = high[one], .inverse = Inverse(high[one] - low[one])};
  }
}

inline double RowExtent::Part(uint32_t extent, double one, double other) const {
  const Span& span = spans_[extent];
  // In this order of arguments a NaN (infinite bounds) gives the smaller part.
  if (shape_.extents[extent].two_sided()) return std::max(kSizeMin, -(one + other) * span.inverse);
  return std::max(0.0, (span.origin - one) * span.inverse) * (1 - kAlwaysVisited) + kAlwaysVisited;
}

double RowExtent::Size(const Bounds& bounds) const {
  double size = 1;
  for (uint32_t e = 0; e < shape_.extent_count; ++e) {
    const auto [one, other] = shape_.extents[e];
    size *= Part(e, bounds.low[one], bounds.low[other]);
  }
  return size;
}

void RowExtent::ChildSizes(const RowBlock& block, const Bounds& bounds, double* now,
                           double* with) const {
  const uint32_t count = block.count();
  std::fill(now, now + count, 1.0);
  std::fill(with, with + count, 1.0);
  for (uint32_t e = 0; e < shape_.extent_count; ++e) {
    const auto [one, other] = shape_.extents[e];
    const double* ones = block.column(one);
    const double* others = block.column(other);
    for (uint32_t i = 0; i < count; ++i) {
      now[i] *= Part(e, ones[i], others[i]);
      with[i] *=
          Part(e, std::min(ones[i], bounds.low[one]), std::min(others[i], bounds.low[other]));
    }
  }
}

uint32_t RowExtent::CheapestChild(const RowBlock& block, const Bounds& bounds) const {
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
  double now[kRowsMax];
  double with[kRowsMax];
  ChildSizes(block, block.ReadBounds(taken), now, with);
  uint32_t best = static_cast<uint32_t>(std::countr_zero(fits));
  for (uint64_t rest = fits; rest != 0; rest &= rest - 1) {
    const uint32_t i = static_cast<uint32_t>(std::countr_zero(rest));
    if (with[i] - now[i] < with[best] - now[best]) best = i;
  }
  return best;
}

void CopyLowBounds(const RowBlock& block, double (*columns)[kRowsMax]) {
  const RowShape& shape = *block.shape();
  const bool is_inner = block.kind() == RowBlock::Kind::kInner;
  uint32_t to = 0;
  for (uint32_t k = 0; to < shape.bound_count; ++k) {
    const ColumnTest test = is_inner ? ColumnTest::kAtLeast : shape.columns[k].test;
    if (!HasBounds(test)) continue;
    const double* from = block.column(k);
    std::copy(from, from + block.count(), columns[to++]);
    if (test != ColumnTest::kEqual) continue;
    std::transform(from, from + block.count(), columns[to++], std::negate<double>());
  }
}

}  // namespace fluxgate
