#include "core/subscription/row_shape.h"

#include <algorithm>

namespace fluxgate {
namespace {

bool IsDown(Lane lane) { return (lane & 1) != 0; }

// Pairs each lane's lowest bound with its negated highest one.
void SetExtents(RowShape& shape) {
  for (uint8_t i = 0; i < shape.bound_count; ++i) {
    const Lane lane = shape.bound_lanes[i];
    const Lane up = IsDown(lane) ? lane - 1 : lane;
    uint8_t e = 0;
    for (; e < shape.extent_count; ++e) {
      const RowShape::Extent& extent = shape.extents[e];
      const Lane other = shape.bound_lanes[extent.up >= 0 ? extent.up : extent.down];
      if ((IsDown(other) ? other - 1 : other) == up &&
          (IsDown(lane) ? extent.down : extent.up) < 0) {
        break;
      }
    }
    if (e == shape.extent_count) ++shape.extent_count;
    (IsDown(lane) ? shape.extents[e].down : shape.extents[e].up) = static_cast<int8_t>(i);
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
    for (const Column& column : columns) {
      if (column.test == ColumnTest::kOneOf) continue;
      shape->bound_lanes[shape->bound_count++] = column.lane;
      if (column.test == ColumnTest::kEqual) {
        shape->bound_lanes[shape->bound_count++] = DownOf(column.lane);
      }
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

void WriteRowBounds(const RowShape& shape, const double* bounds, double* out) {
  for (uint8_t i = 0; i < shape.column_count; ++i) {
    const ColumnTest test = shape.columns[i].test;
    if (test == ColumnTest::kOneOf) continue;
    *out++ = bounds[i];
    if (test == ColumnTest::kEqual) *out++ = -bounds[i];
  }
}

}  // namespace fluxgate
