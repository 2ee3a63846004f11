// The filters of an index by id, and in which blocks their rows lie. Grows in pieces, so that no
// entry ever moves and no Add pays for all the others. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_FILTER_REGISTER_H_
#define FLUXGATE_CORE_SUBSCRIPTION_FILTER_REGISTER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "core/filter/filter.h"
#include "core/subscription/row_block.h"

namespace fluxgate {

// What the filter is filed under. A number below predicates().size(): that predicate; then the
// alternatives of one OR after the other.
using AccessNumber = uint32_t;
inline constexpr AccessNumber kNoAccess = UINT32_MAX;

// Predicates that the columns do not decide, by position, as bits.
using PredicateSet = uint32_t;
inline constexpr PredicateSet kAllPredicates = UINT32_MAX;  // however many there are

class SharedCondition;

struct RegisteredFilter {
  std::shared_ptr<const Filter> filter;
  // One block per bucket that the filter is in; never the same block twice.
  absl::InlinedVector<RowBlock*, 2> blocks;
  SharedCondition* filed = nullptr;  // it is filed under this one
  RowShape* shape = nullptr;         // of its rows; null: it has none
  // What survivors of the columns are checked with, the cheaper first.
  absl::InlinedVector<SharedCondition*, 2> conditions;
  PredicateSet checks = 0;  // those that are no conditions
  bool check_residual = false;
  bool repeats = false;  // FilterPlan::repeats
  AccessNumber access = kNoAccess;
  uint32_t next_free = 0;  // of an id that is not in use
  uint64_t seen = 0;       // the last message that found it; kept for those that repeat
};

class FilterRegister {
 public:
  using Id = uint32_t;

  Id Add(std::shared_ptr<const Filter> filter);
  void Remove(Id id);

  RegisteredFilter& operator[](Id id) { return (*pieces_[id / kPiece])[id % kPiece]; }
  const RegisteredFilter& operator[](Id id) const { return (*pieces_[id / kPiece])[id % kPiece]; }

  // Called by whoever moves rows about.
  void Entered(Id id, RowBlock* block) { (*this)[id].blocks.push_back(block); }
  void Moved(Id id, const RowBlock* from, RowBlock* to) {
    for (RowBlock*& block : (*this)[id].blocks) {
      if (block == from) {
        block = to;
        return;
      }
    }
  }

  size_t size() const { return size_; }
  Id end() const { return end_; }  // above every id in use
  size_t memory_bytes() const;

 private:
  static constexpr Id kPiece = 32;  // small: an index of one filter has a piece as well
  using Piece = std::array<RegisteredFilter, kPiece>;

  std::vector<std::unique_ptr<Piece>> pieces_;
  static constexpr Id kNone = UINT32_MAX;
  Id free_ = kNone;  // the first of a chain
  Id end_ = 0;
  size_t size_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_FILTER_REGISTER_H_
