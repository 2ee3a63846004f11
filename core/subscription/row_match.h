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
  // The ids that `mask` has a bit for.
  void Append(const uint32_t* filters, uint64_t mask);
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
  FilterList found;    // matching, nothing left to ask
  FilterList check;    // pass all columns of a row with Row::check
  FilterList doubted;  // may pass: a lane was not exact
};

// The lanes of one event. `exact` null: every lane is exact. Otherwise `lanes` errs on the side of
// passing and `exact` on the side of failing, and what they disagree on is in doubt.
struct EventLanes {
  const double* lanes;
  const double* exact;
};

void MatchRows(const RowBlock& root, const EventLanes& event, RowMatches& matches);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_ROW_MATCH_H_
