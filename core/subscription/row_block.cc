#include "core/subscription/row_block.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <new>

namespace fluxgate {
namespace {

// Columns of larger blocks start where no vector load crosses a cache line; small ones are many.
std::align_val_t AlignmentFor(uint32_t capacity) { return std::align_val_t(capacity < 8 ? 8 : 32); }

// A column is read in steps of four rows, also in blocks of one.
constexpr size_t kReadBehindBytes = 3 * sizeof(double);

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

RowBlock::RowBlock(Kind kind, const RowShape* shape, uint32_t columns, uint32_t capacity)
    : kind_(kind),
      capacity_(static_cast<uint8_t>(capacity)),
      columns_(static_cast<uint8_t>(columns)),
      shape_(shape) {}

size_t RowBlock::Bytes(Kind kind, uint32_t columns, uint32_t capacity) {
  size_t bytes = sizeof(RowBlock) + columns * capacity * sizeof(double);
  switch (kind) {
    case Kind::kUniform:
      bytes += capacity * sizeof(uint32_t);
      break;
    case Kind::kMixed:
      bytes += columns * (kTests * sizeof(uint64_t) + capacity * sizeof(Lane)) +
               capacity * (sizeof(RowShape*) + sizeof(uint32_t));
      break;
    case Kind::kInner:
      bytes += capacity * sizeof(RowBlock*);
      break;
  }
  const bool reads_behind = capacity < 4 && columns > 0;
  return bytes + (reads_behind ? kReadBehindBytes : 0);
}

uint32_t RowBlock::RowOf(uint32_t filter) const {
  const uint32_t* ids = filters();
  uint32_t row = 0;
  while (ids[row] != filter) ++row;
  return row;
}

uint32_t RowBlock::PlaceOf(const RowBlock* child) const {
  RowBlock* const* blocks = children();
  uint32_t place = 0;
  while (blocks[place] != child) ++place;
  return place;
}

Row RowBlock::ReadRow(uint32_t row) const {
  Row result;
  result.shape = row_shape(row);
  for (uint32_t k = 0; k < result.shape->column_count; ++k) result.bounds[k] = column(k)[row];
  result.filter = filters()[row];
  result.check = (check_ >> row & 1) != 0;
  return result;
}

Bounds RowBlock::ComputeBounds() const {
  Bounds bounds;
  uint32_t to = 0;
  for (uint32_t k = 0; to < shape_->bound_count; ++k) {
    const bool is_inner = kind_ == Kind::kInner;
    const ColumnTest test = is_inner ? ColumnTest::kAtLeast : shape_->columns[k].test;
    if (!HasBounds(test)) continue;
    const double* highs = is_inner ? column(shape_->bound_count + k) : column(k);
    const double low = *std::min_element(column(k), column(k) + count_);
    const double high = *std::max_element(highs, highs + count_);
    bounds.low[to] = low;
    bounds.high[to++] = high;
    if (test != ColumnTest::kEqual) continue;
    bounds.low[to] = -high;
    bounds.high[to++] = -low;
  }
  return bounds;
}

Bounds RowBlock::ReadBounds(uint32_t place) const {
  Bounds bounds;
  for (uint32_t k = 0; k < shape_->bound_count; ++k) {
    bounds.low[k] = column(k)[place];
    bounds.high[k] = column(shape_->bound_count + k)[place];
  }
  return bounds;
}

void RowBlock::SetBounds(uint32_t place, const Bounds& bounds) {
  for (uint32_t k = 0; k < shape_->bound_count; ++k) {
    column(k)[place] = bounds.low[k];
    column(shape_->bound_count + k)[place] = bounds.high[k];
  }
}

void RowBlock::AppendRow(const Row& row) {
  const uint32_t at = count_++;
  const RowShape& shape = *row.shape;
  for (uint32_t k = 0; k < shape.column_count; ++k) column(k)[at] = row.bounds[k];
  filters()[at] = row.filter;
  check_ |= static_cast<uint64_t>(row.check) << at;
  if (kind_ != Kind::kMixed) return;
  At<const RowShape*>(shapes_at())[at] = row.shape;
  for (uint32_t k = 0; k < columns_; ++k) {
    const bool used = k < shape.column_count;
    // What a row does not have, every message passes.
    if (!used) column(k)[at] = -kInfinity;
    lanes(k)[at] = used ? shape.columns[k].lane : kZeroLane;
    const uint64_t bit = 1ull << at;
    if (!used) continue;
    const ColumnTest test = shape.columns[k].test;
    if (test == ColumnTest::kEqual) tests()[kTests * k] |= bit;
    if (test == ColumnTest::kOneOf) tests()[kTests * k + 1] |= bit;
    if (test == ColumnTest::kNotEqual) tests()[kTests * k + 2] |= bit;
  }
}

void RowBlock::AppendChild(RowBlock* child, const Bounds& bounds) {
  const uint32_t at = count_++;
  SetBounds(at, bounds);
  children()[at] = child;
  child->SetParent(this);
}

void RowBlock::ClearBit(uint64_t& bits, uint32_t place, uint32_t last) {
  const uint64_t moved = bits >> last & 1;
  bits &= ~(1ull << place | 1ull << last);
  if (place != last) bits |= moved << place;
}

void RowBlock::Erase(uint32_t place) {
  const uint32_t last = --count_;
  for (uint32_t k = 0; k < columns_; ++k) column(k)[place] = column(k)[last];
  if (kind_ == Kind::kInner) {
    children()[place] = children()[last];
    return;
  }
  filters()[place] = filters()[last];
  ClearBit(check_, place, last);
  if (kind_ != Kind::kMixed) return;
  At<const RowShape*>(shapes_at())[place] = At<const RowShape*>(shapes_at())[last];
  for (uint32_t k = 0; k < columns_; ++k) {
    lanes(k)[place] = lanes(k)[last];
    for (uint32_t t = 0; t < kTests; ++t) ClearBit(tests()[kTests * k + t], place, last);
  }
}

RowBlock* BlockHeap::New(RowBlock::Kind kind, const RowShape* shape, uint32_t columns,
                         uint32_t capacity) {
  const size_t bytes = RowBlock::Bytes(kind, columns, capacity);
  void* memory = ::operator new(bytes, AlignmentFor(capacity));
  // Lanes of rows that were never entered must be lanes all the same: vector loads gather by them.
  std::memset(memory, 0, bytes);
  bytes_ += bytes;
  return new (memory) RowBlock(kind, shape, columns, capacity);
}

void BlockHeap::Delete(RowBlock* block) {
  const size_t bytes = RowBlock::Bytes(block->kind(), block->column_count(), block->capacity());
  const std::align_val_t alignment = AlignmentFor(block->capacity());
  bytes_ -= bytes;
  ::operator delete(static_cast<void*>(block), alignment);
}

uint32_t CapacityFor(uint32_t rows) { return std::bit_ceil(std::max(rows, 1u)); }

}  // namespace fluxgate
