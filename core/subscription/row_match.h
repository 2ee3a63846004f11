// Finds the rows of a bucket that a prepared event passes. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_ROW_MATCH_H_
#define FLUXGATE_CORE_SUBSCRIPTION_ROW_MATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/subscription/row_block.h"

namespace fluxgate {

// Ids of filters, appended a block at a time. Keeps its memory from one message to the next.
class FilterList {
 public:
  // Those of the block's rows that `mask` has a bit for.
  void Append(const RowBlock& block, uint64_t mask);
  void Clear() { count_ = 0; }
  std::span<const uint32_t> ids() const { return {ids_.get(), count_}; }
  size_t memory_bytes() const { return capacity_ * sizeof(uint32_t); }
  void GiveBack();

 private:
  void Grow();

  std::unique_ptr<uint32_t[]> ids_;
  size_t count_ = 0;
  size_t capacity_ = 0;
};

struct RowMatches {
  FilterList found;  // nothing left to ask
  FilterList check;  // rows with Row::check

  void Clear() {
    found.Clear();
    check.Clear();
  }
  void GiveBack() {
    found.GiveBack();
    check.GiveBack();
  }
  size_t memory_bytes() const { return found.memory_bytes() + check.memory_bytes(); }
};

// Adds the rows under `roots` whose columns the event's lanes pass.
void MatchRows(std::span<const RowBlock* const> roots, const double* lanes, RowMatches& matches);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_ROW_MATCH_H_
