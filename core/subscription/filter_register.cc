#include "core/subscription/filter_register.h"

#include <utility>

namespace fluxgate {

FilterRegister::Id FilterRegister::Add(std::shared_ptr<const Filter> filter) {
  Id id;
  if (free_ != RegisteredFilter::kNone) {
    id = free_;
    free_ = (*this)[id].access;
  } else {
    id = end_++;
    if (id / kPiece == pieces_.size()) pieces_.push_back(std::make_unique<Piece>());
  }
  ++size_;
  (*this)[id] = RegisteredFilter{.filter = std::move(filter)};
  return id;
}

void FilterRegister::Remove(Id id) {
  (*this)[id] = RegisteredFilter();
  if (--size_ > 0) {
    (*this)[id].access = free_;
    free_ = id;
    return;
  }
  pieces_ = {};
  free_ = RegisteredFilter::kNone;
  end_ = 0;
}

size_t FilterRegister::memory_bytes() const {
  return pieces_.capacity() * sizeof(pieces_[0]) + pieces_.size() * sizeof(Piece);
}

}  // namespace fluxgate
