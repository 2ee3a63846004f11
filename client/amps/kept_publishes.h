// Which publishes a store keeps: entries with consecutive sequences. Internal; one thread at a
// time.
#ifndef FLUXGATE_CLIENT_AMPS_KEPT_PUBLISHES_H_
#define FLUXGATE_CLIENT_AMPS_KEPT_PUBLISHES_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "amps/exceptions.h"

namespace AMPS::internal {

// `Entry` has a size(): the bytes of the frame.
template <typename Entry>
class KeptPublishes {
 public:
  explicit KeptPublishes(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // Throws when Add would have to refuse.
  void CheckAdd(uint64_t sequence, uint64_t size) const {
    if (sequence != last() + 1) {
      throw UsageException("publish " + std::to_string(sequence) + " cannot be stored behind " +
                           std::to_string(last()));
    }
    if (bytes_ + size > bytes_max_) {
      throw StoreException("the publish store is full: it keeps " + std::to_string(bytes_) +
                           " bytes of at most " + std::to_string(bytes_max_) + ", and " +
                           std::to_string(size) + " were to be added");
    }
  }
  void Add(Entry entry) {
    bytes_ += entry.size();
    entries_.push_back(std::move(entry));
  }
  void DiscardUpTo(uint64_t sequence) {
    while (!entries_.empty() && discarded_ < sequence) {
      bytes_ -= entries_.front().size();
      entries_.pop_front();
      ++discarded_;
    }
    discarded_ = std::max(discarded_, sequence);
  }
  const Entry* Find(uint64_t sequence) const {
    if (sequence <= discarded_ || sequence > last()) return nullptr;
    return &entries_[sequence - discarded_ - 1];
  }

  uint64_t discarded() const { return discarded_; }  // up to this one
  uint64_t last() const { return discarded_ + entries_.size(); }
  uint64_t lowest() const { return entries_.empty() ? 0 : discarded_ + 1; }
  size_t count() const { return entries_.size(); }
  uint64_t bytes() const { return bytes_; }
  std::deque<Entry>& entries() { return entries_; }

 private:
  const uint64_t bytes_max_;
  uint64_t bytes_ = 0;
  uint64_t discarded_ = 0;
  std::deque<Entry> entries_;
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_KEPT_PUBLISHES_H_
