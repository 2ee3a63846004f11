#include "core/subscription/shared_condition.h"

#include <fmt/format.h>

#include <string_view>

namespace fluxgate {
namespace {

using Kind = Predicate::Kind;

// Kind and field, then the pattern, or the prefixes each behind its length.
std::string KeyOf(const Predicate& predicate) {
  std::string key = fmt::format("{}/{}", static_cast<int>(predicate.kind), predicate.slot);
  if (predicate.kind != Kind::kPrefix) return key + "/" + predicate.regex->pattern();
  for (const Value& prefix : predicate.constants) {
    key += fmt::format("/{}:", prefix.as_string().size());
    key += prefix.as_string();
  }
  return key;
}

}  // namespace

SharedCondition* ConditionTable::Acquire(const Predicate& predicate) {
  const auto [it, added] = conditions_.try_emplace(KeyOf(predicate));
  SharedCondition& condition = it->second;
  ++condition.uses_;
  if (!added) return &condition;
  condition.key_ = &it->first;
  Predicate& own = condition.predicate_;
  own.kind = predicate.kind;
  own.slot = predicate.slot;
  if (predicate.kind != Kind::kPrefix) {
    own.regex = predicate.regex;
    return &condition;
  }
  // In the key they stand in the same order.
  const std::string_view key = it->first;
  size_t at = 0;
  for (const Value& prefix : predicate.constants) {
    at = key.find(':', at) + 1;
    const size_t size = prefix.as_string().size();
    own.constants.push_back(Value::String(key.substr(at, size)));
    at += size;
  }
  return &condition;
}

void ConditionTable::Release(SharedCondition* condition) {
  if (--condition->uses_ == 0) conditions_.erase(*condition->key_);
}

FilterBucket& ConditionTable::File(SharedCondition* condition) {
  if (condition->filed_++ == 0) {
    condition->filed_place_ = filed_.size();
    filed_.push_back(condition);
  }
  return condition->bucket_;
}

void ConditionTable::Unfile(SharedCondition* condition) {
  if (--condition->filed_ > 0) return;
  filed_[condition->filed_place_] = filed_.back();
  filed_[condition->filed_place_]->filed_place_ = condition->filed_place_;
  filed_.pop_back();
  if (filed_.empty()) filed_ = std::vector<SharedCondition*>();
}

size_t ConditionTable::memory_bytes() const {
  constexpr size_t kNodeBytes = sizeof(std::string) + sizeof(SharedCondition) + 64;
  return conditions_.size() * kNodeBytes + filed_.capacity() * sizeof(filed_[0]);
}

}  // namespace fluxgate
