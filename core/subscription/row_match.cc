#include "core/subscription/row_match.h"

#include <algorithm>
#include <bit>

#include "core/subscription/column_compare.h"

namespace fluxgate {
namespace {

using Kind = RowBlock::Kind;

uint64_t PassingUniform(const RowBlock& block, const double* lanes) {
  const RowShape& shape = *block.shape();
  uint64_t mask = RowMask(block.count());
  for (uint32_t k = 0; k < block.column_count() && mask != 0; ++k) {
    const Column& column = shape.columns[k];
    mask &= RowsPassing(column.test, block.column(k), block.count(), lanes[column.lane]);
  }
  return mask;
}

uint64_t PassingMixed(const RowBlock& block, const double* lanes) {
  // Rows behind the last one have valid lanes, so whole vectors can be read.
  const uint32_t rows = std::min(block.capacity(), (block.count() + 3) & ~3u);
  uint64_t mask = RowMask(block.count());
  for (uint32_t k = 0; k < block.column_count() && mask != 0; ++k) {
    mask &= RowsPassingMixed(block.column(k), block.lanes(k), rows, lanes, block.equal(k),
                             block.one_of(k));
  }
  return mask;
}

void MatchLeaf(const RowBlock& block, const double* lanes, RowMatches& matches) {
  uint64_t mask =
      block.kind() == Kind::kMixed ? PassingMixed(block, lanes) : PassingUniform(block, lanes);
  if (mask == 0) return;
  const uint64_t check = mask & block.check();
  if (check != 0) {
    matches.check.Append(block.filters(), check);
    mask &= ~check;
  }
  matches.found.Append(block.filters(), mask);
}

void MatchChildren(const RowBlock& block, const double* lanes, RowMatches& matches) {
  const RowShape& shape = *block.shape();
  uint64_t visit = RowMask(block.count());
  for (uint32_t k = 0; k < block.column_count(); ++k) {
    visit &= RowsAtLeast(block.column(k), block.count(), lanes[shape.bound_lanes[k]]);
    if (visit == 0) return;
  }
  RowBlock* const* children = block.children();
  for (uint64_t rest = visit; rest != 0; rest &= rest - 1) {
    __builtin_prefetch(children[std::countr_zero(rest)]);
  }
  for (; visit != 0; visit &= visit - 1) {
    MatchRows(*children[std::countr_zero(visit)], lanes, matches);
  }
}

}  // namespace

void FilterList::Append(const uint32_t* filters, uint64_t mask) {
  if (capacity_ - count_ < kRowsMax) Grow();
  uint32_t* out = ids_.get() + count_;
  count_ += static_cast<size_t>(std::popcount(mask));
  for (; mask != 0; mask &= mask - 1) *out++ = filters[std::countr_zero(mask)];
}

void FilterList::Grow() {
  const size_t capacity = std::max<size_t>(4 * kRowsMax, 2 * capacity_);
  auto ids = std::make_unique_for_overwrite<uint32_t[]>(capacity);
  std::copy(ids_.get(), ids_.get() + count_, ids.get());
  ids_ = std::move(ids);
  capacity_ = capacity;
}

void FilterList::GiveBack() {
  ids_.reset();
  count_ = 0;
  capacity_ = 0;
}

void MatchRows(const RowBlock& root, const double* lanes, RowMatches& matches) {
  if (root.kind() == Kind::kInner) {
    MatchChildren(root, lanes, matches);
  } else {
    MatchLeaf(root, lanes, matches);
  }
}

}  // namespace fluxgate
