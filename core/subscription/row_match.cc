#include "core/subscription/row_match.h"

#include <algorithm>
#include <array>
#include <bit>

#include "core/subscription/column_compare.h"

namespace fluxgate {
namespace {

using Kind = RowBlock::Kind;

// A block to look at, and the bounds (bits in the order of RowShape::bound_lanes) that are not
// known to hold for all of its rows.
struct Visit {
  const RowBlock* block;
  uint32_t open;
};

constexpr uint32_t kAllOpen = (1u << kBoundColumnsMax) - 1;

bool IsOpen(const RowShape& shape, uint32_t column, uint32_t open) {
  const uint32_t bounds = shape.column_bounds[column];
  return bounds == 0 || (bounds & open) != 0;
}

// Large indexes do not fit into the caches: the next block is on its way while one is compared.
// One straight run over the lines costs less than working out which of them will be needed.
void PrefetchBody(const RowBlock& block) {
  constexpr size_t kLine = 64;
  const char* at = reinterpret_cast<const char*>(&block);
  const size_t bytes = block.searched_bytes();
  for (size_t i = kLine; i < bytes; i += kLine) __builtin_prefetch(at + i);
}

uint64_t PassingUniform(const Visit& visit, const double* lanes) {
  const RowBlock& block = *visit.block;
  const RowShape& shape = *block.shape();
  uint64_t mask = RowMask(block.count());
  for (uint32_t k = 0; k < block.column_count() && mask != 0; ++k) {
    if (!IsOpen(shape, k, visit.open)) continue;
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
    mask &= RowsPassingMixed(block.column(k), block.lanes(k), rows, lanes, block.mixed_tests(k));
  }
  return mask;
}

void MatchLeaf(const Visit& visit, const double* lanes, RowMatches& matches) {
  const RowBlock& block = *visit.block;
  uint64_t mask =
      block.kind() == Kind::kMixed ? PassingMixed(block, lanes) : PassingUniform(visit, lanes);
  if (mask == 0) return;
  const uint64_t check = mask & block.check();
  if (check != 0) {
    matches.check.Append(block, check);
    mask &= ~check;
  }
  matches.found.Append(block, mask);
}

void MatchVisits(std::span<const Visit> visits, const double* lanes, RowMatches& matches);

void MatchChildren(const Visit& visit, const double* lanes, RowMatches& matches) {
  const RowBlock& block = *visit.block;
  const RowShape& shape = *block.shape();
  const uint32_t count = block.count();
  const uint32_t all_open = visit.open & ((1u << shape.bound_count) - 1);
  uint64_t reached = RowMask(count);
  for (uint32_t open = all_open; open != 0 && reached != 0; open &= open - 1) {
    const int k = std::countr_zero(open);
    reached &= RowsAtLeast(block.column(k), count, lanes[shape.bound_lanes[k]]);
  }
  if (reached == 0) return;

  std::array<Visit, kRowsMax> children;
  uint32_t reached_count = 0;
  for (uint64_t rest = reached; rest != 0; rest &= rest - 1) {
    const RowBlock* child = block.children()[std::countr_zero(rest)];
    __builtin_prefetch(child);
    children[reached_count++] = {child, all_open};
  }
  for (uint32_t open = all_open; open != 0; open &= open - 1) {
    const int k = std::countr_zero(open);
    const double value = lanes[shape.bound_lanes[k]];
    const double* highs = block.column(shape.bound_count + k);
    uint64_t rest = reached;
    for (uint32_t i = 0; i < reached_count; ++i, rest &= rest - 1) {
      const bool holds = value >= highs[std::countr_zero(rest)];
      children[i].open &= ~(static_cast<uint32_t>(holds) << k);
    }
  }
  MatchVisits({children.data(), reached_count}, lanes, matches);
}

void MatchVisits(std::span<const Visit> visits, const double* lanes, RowMatches& matches) {
  for (size_t i = 0; i < visits.size(); ++i) {
    if (i + 1 < visits.size()) PrefetchBody(*visits[i + 1].block);
    if (visits[i].block->kind() == Kind::kInner) {
      MatchChildren(visits[i], lanes, matches);
    } else {
      MatchLeaf(visits[i], lanes, matches);
    }
  }
}

}  // namespace

void FilterList::Append(const RowBlock& block, uint64_t mask) {
  if (capacity_ - count_ < kRowsMax + kCopyIdsSlack) Grow();
  uint32_t* const end = ids_.get() + count_;
  count_ += static_cast<size_t>(CopyIds(block.filters(), block.count(), mask, end) - end);
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

void MatchRows(std::span<const RowBlock* const> roots, const double* lanes, RowMatches& matches) {
  constexpr size_t kBatch = 64;
  std::array<Visit, kBatch> visits;
  while (!roots.empty()) {
    const size_t count = std::min(kBatch, roots.size());
    for (size_t i = 0; i < count; ++i) {
      __builtin_prefetch(roots[i]);
      visits[i] = {roots[i], kAllOpen};
    }
    MatchVisits({visits.data(), count}, lanes, matches);
    roots = roots.subspan(count);
  }
}

}  // namespace fluxgate
