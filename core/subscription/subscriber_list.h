// Subscriptions that share a filter or a topic: walked for every matching message, left by one
// subscription at a time. Leaving takes constant time also from a list of a million, so that a
// client with many subscriptions can go without stalling the others.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIBER_LIST_H_
#define FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIBER_LIST_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"

namespace fluxgate {

class Subscription;

class SubscriberList {
 public:
  void Add(Subscription* subscription) {
    items_.push_back(subscription);
    if (positions_ != nullptr) {
      positions_->emplace(subscription, items_.size() - 1);
    } else if (items_.size() > kScanMax) {
      positions_ = std::make_unique<Positions>();
      for (size_t i = 0; i < items_.size(); ++i) positions_->emplace(items_[i], i);
    }
  }

  // The last one takes the leaving one's place: no order is kept.
  void Remove(Subscription* subscription) {
    size_t at;
    if (positions_ != nullptr) {
      const auto found = positions_->find(subscription);
      at = found->second;
      (*positions_)[items_.back()] = at;
      positions_->erase(subscription);
    } else {
      at = static_cast<size_t>(std::ranges::find(items_, subscription) - items_.begin());
    }
    items_[at] = items_.back();
    items_.pop_back();
    if (items_.empty()) {
      items_.shrink_to_fit();
      positions_.reset();
    }
  }

  bool empty() const { return items_.empty(); }
  std::span<Subscription* const> items() const { return {items_.data(), items_.size()}; }

 private:
  using Positions = absl::flat_hash_map<Subscription*, size_t>;
  static constexpr size_t kScanMax = 64;

  absl::InlinedVector<Subscription*, 2> items_;  // most filters have one subscriber
  std::unique_ptr<Positions> positions_;         // only for lists too long to scan
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_SUBSCRIBER_LIST_H_
