#include "core/subscription/row_shape.h"

#include <algorithm>

namespace fluxgate {
namespace {

// Pairs the lowest bound on a field with the one on its negated value.
void SetExtents(RowShape& shape) {
  for (uint8_t i = 0; i < shape.bound_count; ++i) {
    RowShape::Extent* open = nullptr;
    for (uint8_t e = 0; e < shape.extent_count && open == nullptr; ++e) {
      RowShape::Extent& extent = shape.extents[e];
      const bool same_field = DownOf(shape.bound_lanes[extent.one]) == shape.bound_lanes[i];
      if (same_field && !extent.two_sided()) open = &extent;
    }
    if (open != nullptr) {
      open->other = i;
    } else {
      shape.extents[shape.extent_count++] = {i, i};
    }
  }
}

}  // namespace

RowShape* ShapeTable::Acquire(std::span<const Column> columns) {
  std::unique_ptr<RowShape>& shape = shapes_[std::vector<Column>(columns.begin(), columns.end())];
  if (shape == nullptr) {
    shape = std::make_unique<RowShape>();
    shape->number = next_number_++;
    shape->column_count = static_cast<uint8_t>(columns.size());
    std::copy(columns.begin(), columns.end(), shape->columns.begin());
    for (size_t k = 0; k < columns.size(); ++k) {
      const auto add_bound = [&](Lane lane) {
        shape->column_bounds[k] |= static_cast<uint16_t>(1u << shape->bound_count);
        shape->bound_lanes[shape->bound_count++] = lane;
      };
      const auto [test, lane] = columns[k];
      if (HasBounds(test)) add_bound(lane);
      if (test == ColumnTest::kEqual) add_bound(DownOf(lane));
    }
    SetExtents(*shape);
  }
  ++shape->uses;
  return shape.get();
}

void ShapeTable::Release(RowShape* shape) {
  if (--shape->uses > 0) return;
  const auto begin = shape->columns.begin();
  shapes_.erase(std::vector<Column>(begin, begin + shape->column_count));
}

size_t ShapeTable::memory_bytes() const {
  constexpr size_t kNodeBytes = 64 + 4 * sizeof(Column);
  return shapes_.size() * (sizeof(RowShape) + kNodeBytes);
}

Bounds BoundsOf(const Row& row) {
  Bounds result;
  uint32_t to = 0;
  for (uint8_t i = 0; i < row.shape->column_count; ++i) {
    const ColumnTest test = row.shape->columns[i].test;
    if (!HasBounds(test)) continue;
    result.low[to++] = row.bounds[i];
    if (test == ColumnTest::kEqual) result.low[to++] = -row.bounds[i];
  }
  std::copy(result.low.begin(), result.low.begin() + to, result.high.begin());
  return result;
}

void Widen(Bounds& bounds, const Bounds& other, const RowShape& shape) {
  for (uint32_t k = 0; k < shape.bound_count; ++k) {
    bounds.low[k] = std::min(bounds.low[k], other.low[k]);
    bounds.high[k] = std::max(bounds.high[k], other.high[k]);
  }
}

}  // namespace fluxgate
