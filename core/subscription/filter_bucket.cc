#include "core/subscription/filter_bucket.h"

#include <algorithm>
#include <array>
#include <bit>

namespace fluxgate {
namespace {

using Kind = RowBlock::Kind;

// Neighbouring mixed blocks are joined when both together are this small.
constexpr uint32_t kJoinedRowsMax = kRowsMax / 2;

bool IsMixed(const RowBlock* block) { return block->kind() == Kind::kMixed; }

uint64_t LowestShape(const RowBlock& mixed) {
  uint64_t lowest = mixed.row_shape(0)->number;
  for (uint32_t i = 1; i < mixed.count(); ++i) {
    lowest = std::min(lowest, mixed.row_shape(i)->number);
  }
  return lowest;
}

uint64_t RowsOfShape(const RowBlock& mixed, const RowShape& shape) {
  uint64_t rows = 0;
  for (uint32_t i = 0; i < mixed.count(); ++i) {
    if (mixed.row_shape(i) == &shape) rows |= 1ull << i;
  }
  return rows;
}

uint32_t WidestShape(const RowBlock& mixed, uint64_t rows) {
  uint32_t columns = 0;
  for (; rows != 0; rows &= rows - 1) {
    const auto row = static_cast<uint32_t>(std::countr_zero(rows));
    columns = std::max<uint32_t>(columns, mixed.row_shape(row)->column_count);
  }
  return columns;
}

void MoveRows(RowBlock* from, uint64_t rows, RowBlock* to, RowStore& store) {
  // From the end, so that what Erase moves into the gap is known to stay.
  for (uint32_t i = from->count(); i-- > 0;) {
    if ((rows >> i & 1) == 0) continue;
    const Row row = from->ReadRow(i);
    to->AppendRow(row);
    store.filters.Moved(row.filter, from, to);
    from->Erase(i);
  }
}

}  // namespace

size_t FilterBucket::mixed_count() const {
  return std::partition_point(roots_.begin(), roots_.end(), IsMixed) - roots_.begin();
}

void FilterBucket::SetRoot(size_t at, RowBlock* root) {
  root->SetBucket(this);
  roots_[at] = root;
}

void FilterBucket::EraseRoot(size_t at) {
  roots_.erase(roots_.begin() + at);
  if (roots_.empty()) roots_.shrink_to_fit();
}

void FilterBucket::InsertRoot(size_t at, RowBlock* root) {
  root->SetBucket(this);
  roots_.insert(roots_.begin() + at, root);
}

// Where the tree of the shape is or would be.
size_t FilterBucket::TreePlace(const RowShape& shape) const {
  const auto before = [&](const RowBlock* root) {
    return IsMixed(root) || root->shape()->number < shape.number;
  };
  return std::partition_point(roots_.begin(), roots_.end(), before) - roots_.begin();
}

// The mixed block that the shape belongs to; there must be one.
size_t FilterBucket::MixedPlace(const RowShape& shape) const {
  const auto not_after = [&](const RowBlock* root) {
    return IsMixed(root) && LowestShape(*root) <= shape.number;
  };
  const size_t after =
      std::partition_point(roots_.begin(), roots_.end(), not_after) - roots_.begin();
  return after > 0 ? after - 1 : 0;
}

void FilterBucket::Insert(const Row& row, RowStore& store) {
  const size_t at = TreePlace(*row.shape);
  if (at < roots_.size() && roots_[at]->shape() == row.shape) {
    SetRoot(at, InsertInTree(roots_[at], row, store));
  } else {
    InsertMixed(row, store);
  }
}

void FilterBucket::InsertMixed(const Row& row, RowStore& store) {
  const uint32_t columns = row.shape->column_count;
  if (mixed_count() == 0) InsertRoot(0, store.heap.New(Kind::kMixed, nullptr, columns, 1));
  size_t at = roots_[0]->count() == 0 ? 0 : MixedPlace(*row.shape);
  if (roots_[at]->full()) {
    SplitMixed(at, store);
    at = MixedPlace(*row.shape);
  }
  RowBlock* block = roots_[at];
  if (block->count() == block->capacity() || columns > block->column_count()) {
    block = Resize(block, std::max(columns, block->column_count()), CapacityFor(block->count() + 1),
                   store);
    SetRoot(at, block);
  }
  block->AppendRow(row);
  store.filters.Entered(row.filter, block);
  if (std::popcount(RowsOfShape(*block, *row.shape)) >= static_cast<int>(kTreeRowsMin)) {
    PlantTree(at, *row.shape, store);
  }
}

void FilterBucket::PlantTree(size_t at, const RowShape& shape, RowStore& store) {
  RowBlock* mixed = roots_[at];
  RowBlock* tree = store.heap.New(Kind::kUniform, &shape, shape.column_count, kTreeRowsMin);
  MoveRows(mixed, RowsOfShape(*mixed, shape), tree, store);
  InsertRoot(TreePlace(shape), tree);
  if (mixed->count() == 0) {
    EraseRoot(at);
    store.heap.Delete(mixed);
  }
}

void FilterBucket::SplitMixed(size_t at, RowStore& store) {
  RowBlock* block = roots_[at];
  std::array<uint64_t, kRowsMax> shapes;
  for (uint32_t i = 0; i < block->count(); ++i) shapes[i] = block->row_shape(i)->number;
  std::sort(shapes.begin(), shapes.begin() + block->count());
  // Fewer than kTreeRowsMin rows have the middle one's shape, so both parts get rows.
  const uint64_t middle = shapes[block->count() / 2];
  uint64_t upper = 0;
  for (uint32_t i = 0; i < block->count(); ++i) {
    if (block->row_shape(i)->number >= middle) upper |= 1ull << i;
  }
  const auto rows = static_cast<uint32_t>(std::popcount(upper));
  RowBlock* half =
      store.heap.New(Kind::kMixed, nullptr, WidestShape(*block, upper), CapacityFor(rows));
  MoveRows(block, upper, half, store);
  InsertRoot(at + 1, half);
}

void FilterBucket::Remove(RowBlock* block, uint32_t filter, RowStore& store) {
  RowBlock* root = block;
  while (root->parent() != nullptr) root = root->parent();
  const size_t at = std::find(roots_.begin(), roots_.end(), root) - roots_.begin();
  if (root->kind() == Kind::kMixed) {
    RemoveMixed(at, filter, store);
    return;
  }
  root = RemoveFromTree(block, filter, store);
  if (root != nullptr) {
    SetRoot(at, root);
  } else {
    EraseRoot(at);
  }
}

void FilterBucket::RemoveMixed(size_t at, uint32_t filter, RowStore& store) {
  RowBlock* block = roots_[at];
  block->Erase(block->RowOf(filter));
  if (block->count() == 0) {
    EraseRoot(at);
    store.heap.Delete(block);
    return;
  }
  if (block->count() <= block->capacity() / 4) {
    const uint32_t columns = WidestShape(*block, RowMask(block->count()));
    SetRoot(at, Resize(block, columns, CapacityFor(block->count()), store));
  }
  JoinMixed(at, store);
  if (at > 0) JoinMixed(at - 1, store);
}

// Joins the mixed block with the next one if both are small.
void FilterBucket::JoinMixed(size_t at, RowStore& store) {
  if (at + 1 >= mixed_count()) return;
  RowBlock* block = roots_[at];
  RowBlock* next = roots_[at + 1];
  const uint32_t rows = block->count() + next->count();
  if (rows > kJoinedRowsMax) return;
  block = Resize(block, std::max(block->column_count(), next->column_count()), CapacityFor(rows),
                 store);
  SetRoot(at, block);
  MoveRows(next, RowMask(next->count()), block, store);
  EraseRoot(at + 1);
  store.heap.Delete(next);
}

size_t FilterBucket::memory_bytes() const {
  constexpr size_t kInline = 2;
  return roots_.capacity() > kInline ? roots_.capacity() * sizeof(RowBlock*) : 0;
}

}  // namespace fluxgate
