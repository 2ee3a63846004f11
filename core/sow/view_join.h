// What a view knows of one topic that is joined: its records by the value they are joined by, and
// which of the leftmost topic's records have asked for that value. One thread.
#ifndef FLUXGATE_CORE_SOW_VIEW_JOIN_H_
#define FLUXGATE_CORE_SOW_VIEW_JOIN_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"

namespace fluxgate {

class ViewJoin {
 public:
  // Value, then key: those of one value stand together, in the order of their keys.
  using Entries = absl::btree_set<std::pair<uint64_t, uint64_t>>;

  // The record has this value now; nullopt: it has none, or is gone. Returns what it had.
  std::optional<uint64_t> SetValue(uint64_t key, std::optional<uint64_t> value) {
    std::optional<uint64_t> had;
    const auto known = values_.find(key);
    if (known != values_.end()) had = known->second;
    if (had == value) return had;
    if (had.has_value()) records_.erase({*had, key});
    if (value.has_value()) {
      records_.emplace(*value, key);
      values_.insert_or_assign(key, *value);
    } else {
      values_.erase(known);
    }
    return had;
  }

  void Want(uint64_t value, uint64_t left_key) { wanted_.emplace(value, left_key); }
  void Forget(uint64_t value, uint64_t left_key) { wanted_.erase({value, left_key}); }

  const Entries& records() const { return records_; }
  const Entries& wanted() const { return wanted_; }

  uint64_t bytes() const {
    // A B-tree of pairs is three quarters full.
    constexpr uint64_t kEntryBytes = sizeof(Entries::value_type) * 4 / 3;
    return (records_.size() + wanted_.size()) * kEntryBytes +
           values_.capacity() * (sizeof(decltype(values_)::value_type) + 1);
  }

 private:
  Entries records_;
  Entries wanted_;
  absl::flat_hash_map<uint64_t, uint64_t> values_;  // by key
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_VIEW_JOIN_H_
