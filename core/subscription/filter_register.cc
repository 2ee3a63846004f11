#include "core/subscription/filter_register.h"

#include <utility>

namespace fluxgate {

FilterRegister::Id FilterRegister::Add(std::shared_ptr<const Filter> filter) {
  Id id;
  if (free_ != kNone) {
    id = free_;
    free_ = (*this)[id].next_free;
  } else {
    id = end_++;
    if (id / kPiece == pieces_.size()) pieces_.push_back(std::make_unique<Piece>());
  }
  ++size_;
  (*this)[id].filter = std::move(filter);
  return id;
}

void FilterRegister::Remove(Id id) {
  RegisteredFilter& removed = (*this)[id];
  removed.filter.reset();
  removed.blocks.clear();
  removed.shape = nullptr;
  removed.conditions.clear();
  removed.filed = nullptr;
  removed.checks = 0;
  removed.check_residual = false;
  removed.repeats = false;
  removed.access = kNoAccess;
  removed.seen = 0;
  if (--size_ > 0) {
    removed.next_free = free_;
    free_ = id;
    return;
  }
  pieces_ = std::vector<std::unique_ptr<Piece>>();
  free_ = kNone;
  end_ = 0;
}

size_t FilterRegister::memory_bytes() const {
  return pieces_.capacity() * sizeof(pieces_[0]) + pieces_.size() * sizeof(Piece);
}

}  // namespace fluxgate
