#include "core/subscription/row_tree.h"

#include <algorithm>
#include <bit>

#include "core/subscription/row_split.h"

namespace fluxgate {
namespace {

using Kind = RowBlock::Kind;

// Blocks that become this empty look for a sibling to join, so that what is left after many
// removals is as dense as if it had been entered anew.
constexpr uint32_t kSparseRowsMax = kRowsMax / 4;
constexpr uint32_t kMergedRowsMax = kRowsMax * 3 / 4;

void WidenChild(RowBlock& block, uint32_t place, const Bounds& bounds) {
  Bounds widened = block.ReadBounds(place);
  Widen(widened, bounds, *block.shape());
  block.SetBounds(place, widened);
}

// `block`, with room for one more.
RowBlock* MakeRoom(RowBlock* block, RowStore& store) {
  if (block->count() < block->capacity()) return block;
  return Resize(block, block->column_count(), 2 * block->capacity(), store);
}

RowBlock* GiveBackRoom(RowBlock* block, RowStore& store) {
  if (block->count() > block->capacity() / 4) return block;
  return Resize(block, block->column_count(), CapacityFor(block->count()), store);
}

// A root over `root` and the half split off it.
RowBlock* SplitRoot(RowBlock* root, RowStore& store) {
  const RowShape* shape = root->shape();
  RowBlock* half = Split(root, RowExtent(*root), store);
  RowBlock* above = store.heap.New(Kind::kInner, shape, 2 * shape->bound_count, 2);
  above->AppendChild(root, root->ComputeBounds());
  above->AppendChild(half, half->ComputeBounds());
  return above;
}

void MoveAll(RowBlock* from, RowBlock* to, RowStore& store) {
  for (uint32_t i = 0; i < from->count(); ++i) {
    if (from->kind() == Kind::kInner) {
      to->AppendChild(from->children()[i], from->ReadBounds(i));
    } else {
      const Row row = from->ReadRow(i);
      to->AppendRow(row);
      store.filters.Moved(row.filter, from, to);
    }
  }
}

// Puts what is left in child `place` into the sibling that suffers least; false when none has room.
bool JoinSibling(RowBlock* parent, uint32_t place, RowStore& store) {
  RowBlock* block = parent->children()[place];
  uint64_t fits = 0;
  for (uint32_t i = 0; i < parent->count(); ++i) {
    const uint32_t together = parent->children()[i]->count() + block->count();
    if (i != place && together <= kMergedRowsMax) fits |= 1ull << i;
  }
  if (fits == 0) return false;
  const uint32_t target = RowExtent(*parent).CheapestChildFor(*parent, place, fits);
  RowBlock* sibling = parent->children()[target];
  const uint32_t together = sibling->count() + block->count();
  if (together > sibling->capacity()) {
    sibling = Resize(sibling, sibling->column_count(), CapacityFor(together), store);
  }
  MoveAll(block, sibling, store);
  WidenChild(*parent, target, parent->ReadBounds(place));
  parent->Erase(place);
  store.heap.Delete(block);
  return true;
}

// The root of what is left of a tree below `root`.
RowBlock* TrimRoot(RowBlock* root, RowStore& store) {
  if (root->count() == 0) {
    store.heap.Delete(root);
    return nullptr;
  }
  while (root->kind() == Kind::kInner && root->count() == 1) {
    RowBlock* child = root->children()[0];
    child->SetBucket(root->bucket());
    store.heap.Delete(root);
    root = child;
  }
  return GiveBackRoom(root, store);
}

}  // namespace

RowBlock* Resize(RowBlock* block, uint32_t columns, uint32_t capacity, RowStore& store) {
  RowBlock* resized = store.heap.New(block->kind(), block->shape(), columns, capacity);
  MoveAll(block, resized, store);
  RowBlock* parent = block->parent();
  if (parent != nullptr) {
    parent->children()[parent->PlaceOf(block)] = resized;
    resized->SetParent(parent);
  } else {
    resized->SetBucket(block->bucket());
  }
  store.heap.Delete(block);
  return resized;
}

RowBlock* InsertInTree(RowBlock* root, const Row& row, RowStore& store) {
  if (root->full()) root = SplitRoot(root, store);
  RowBlock* block = root;
  if (root->kind() == Kind::kInner) {
    const Bounds bounds = BoundsOf(row);
    const RowExtent extent(*root);
    // Full blocks are divided on the way down, so that there is always room for the half.
    while (block->kind() == Kind::kInner) {
      const uint32_t place = extent.CheapestChild(*block, bounds);
      RowBlock* child = block->children()[place];
      if (!child->full()) {
        WidenChild(*block, place, bounds);
        block = child;
        continue;
      }
      RowBlock* half = Split(child, extent, store);
      block->SetBounds(place, child->ComputeBounds());
      RowBlock* roomy = MakeRoom(block, store);
      if (block == root) root = roomy;
      block = roomy;
      block->AppendChild(half, half->ComputeBounds());
    }
  }
  RowBlock* leaf = MakeRoom(block, store);
  if (block == root) root = leaf;
  leaf->AppendRow(row);
  store.filters.Entered(row.filter, leaf);
  return root;
}

RowBlock* RemoveFromTree(RowBlock* leaf, uint32_t filter, RowStore& store) {
  leaf->Erase(leaf->RowOf(filter));
  RowBlock* block = leaf;
  bool shrunk = true;
  while (block->parent() != nullptr) {
    RowBlock* parent = block->parent();
    const uint32_t place = parent->PlaceOf(block);
    if (block->count() == 0) {
      parent->Erase(place);
      store.heap.Delete(block);
    } else {
      parent->SetBounds(place, block->ComputeBounds());
      const bool sparse =
          shrunk && block->count() <= kSparseRowsMax && std::has_single_bit(block->count());
      shrunk = sparse && JoinSibling(parent, place, store);
      if (!shrunk) GiveBackRoom(block, store);
    }
    block = parent;
  }
  return TrimRoot(block, store);
}

}  // namespace fluxgate
