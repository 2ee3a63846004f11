// A bounded map from text to values that expire. Thread-safe. The time is handed in, so that what
// happens does not depend on how fast a machine is.
#ifndef FLUXGATE_MODULES_COMMON_EXPIRING_CACHE_H_
#define FLUXGATE_MODULES_COMMON_EXPIRING_CACHE_H_

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace fluxgate::modules {

template <typename Value>
class ExpiringCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `life`: how long a value is given back; zero or less: never. At most `entries_max` are kept;
  // the one that was put in first makes room.
  ExpiringCache(std::chrono::milliseconds life, size_t entries_max)
      : life_(life), entries_max_(entries_max) {}

  std::optional<Value> Get(const std::string& key, Time now) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return std::nullopt;
    if (now >= found->second->expires) {
      order_.erase(found->second);
      entries_.erase(found);
      return std::nullopt;
    }
    return found->second->value;
  }

  void Put(const std::string& key, Value value, Time now) {
    if (life_.count() <= 0 || entries_max_ == 0) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const auto found = entries_.find(key); found != entries_.end()) {
      order_.erase(found->second);
      entries_.erase(found);
    }
    if (entries_.size() >= entries_max_) {
      entries_.erase(order_.front().key);
      order_.pop_front();
    }
    order_.push_back({key, std::move(value), now + life_});
    entries_.emplace(key, std::prev(order_.end()));
  }

  size_t size() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return entries_.size();
  }

 private:
  struct Entry {
    std::string key;
    Value value;
    Time expires;
  };

  const std::chrono::milliseconds life_;
  const size_t entries_max_;
  mutable std::mutex mutex_;
  std::list<Entry> order_;
  std::unordered_map<std::string, typename std::list<Entry>::iterator> entries_;
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_EXPIRING_CACHE_H_
