// Conditions that no column can say - patterns and prefixes - shared by all filters of an index
// that have them, and evaluated at most once per message. Filters that have nothing better are
// filed under one of theirs. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_SHARED_CONDITION_H_
#define FLUXGATE_CORE_SUBSCRIPTION_SHARED_CONDITION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/filter/filter.h"
#include "core/message/value.h"
#include "core/subscription/filter_bucket.h"

namespace fluxgate {

class SharedCondition {
 public:
  // Of the message with this number, which has these values.
  bool Holds(uint64_t message, std::span<const Value> values) {
    if (message_ != message) {
      message_ = message;
      holds_ = fluxgate::Holds(predicate_, values[predicate_.slot]);
    }
    return holds_;
  }

  bool is_negated() const { return predicate_.kind == Predicate::Kind::kNotLike; }
  // Of the filters that are filed under it.
  const FilterBucket& bucket() const { return bucket_; }

 private:
  friend class ConditionTable;

  Predicate predicate_;
  uint64_t message_ = 0;  // the last one that it was evaluated for; they are counted from 1
  bool holds_ = false;
  uint32_t uses_ = 0;
  uint32_t filed_ = 0;      // filters in the bucket
  size_t filed_place_ = 0;  // in ConditionTable::filed_, if there are any
  FilterBucket bucket_;
  const std::string* key_ = nullptr;  // also the storage of the predicate's texts
};

class ConditionTable {
 public:
  static bool IsShared(const Predicate& predicate) {
    return predicate.kind == Predicate::Kind::kPrefix || predicate.kind == Predicate::Kind::kLike ||
           predicate.kind == Predicate::Kind::kNotLike;
  }

  // One use more; IsShared holds.
  SharedCondition* Acquire(const Predicate& predicate);
  void Release(SharedCondition* condition);

  // The bucket for one filter more; Unfile undoes it after the filter has left.
  FilterBucket& File(SharedCondition* condition);
  void Unfile(SharedCondition* condition);
  // Those with filters filed under them.
  std::span<SharedCondition* const> filed() const { return filed_; }

  size_t size() const { return conditions_.size(); }
  size_t memory_bytes() const;

 private:
  // A tree, unlike a hash table, never stops to rebuild itself.
  std::map<std::string, SharedCondition> conditions_;
  std::vector<SharedCondition*> filed_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_SHARED_CONDITION_H_
