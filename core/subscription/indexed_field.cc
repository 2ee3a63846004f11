#include "core/subscription/indexed_field.h"

#include <algorithm>
#include <cmath>

namespace fluxgate {
namespace {

using Kind = Predicate::Kind;

// Calls `use` for each text and number that has to be numbered for the constant.
template <typename Use>
void ForEachNumbered(const Value& constant, Use use) {
  if (constant.kind() == Value::Kind::kBool) {
    use(Value::Int(constant.as_bool() ? 1 : 0));
    use(Value::String(BoolText(constant.as_bool())));
  } else if (constant.kind() != Value::Kind::kDouble || !std::isnan(constant.as_double())) {
    if (!constant.is_null()) use(constant);
  }
}

// The counter of the field that the predicate belongs to; null: the index does nothing with it
// unless a filter is filed under it.
uint32_t IndexedField::*CountOf(const Predicate& predicate) {
  switch (predicate.kind) {
    case Kind::kRange:
      return &IndexedField::ranges;
    case Kind::kAnyOf:
    case Kind::kNotEqual:
    case Kind::kNoneOf:
    case Kind::kNull:
    case Kind::kNotNull:
      return &IndexedField::equals;
    case Kind::kPrefix:
    case Kind::kLike:
    case Kind::kNotLike:
      break;
  }
  return nullptr;
}

}  // namespace

void IndexedFields::Add(const Filter& filter, uint64_t now) {
  for (const FieldSlot slot : filter.slots()) {
    slot_end_ = std::max<size_t>(slot_end_, slot + 1);
    if (by_slot_.size() <= slot) by_slot_.resize(slot + 1);
    if (by_slot_[slot] == nullptr) {
      by_slot_[slot] = std::make_unique<IndexedField>(slot);
      slots_.insert(std::lower_bound(slots_.begin(), slots_.end(), slot), slot);
      ++slots_version_;
    }
    ++by_slot_[slot]->readers;
  }
  bool newly_compared = false;
  for (const Predicate& predicate : filter.predicates()) {
    uint32_t IndexedField::*const count = CountOf(predicate);
    if (count == nullptr) continue;
    IndexedField& field = *by_slot_[predicate.slot];
    newly_compared |= !field.compared();
    ++(field.*count);
    AcquireConstants(predicate, field, now);
  }
  if (newly_compared) ListCompared();
}

void IndexedFields::Remove(const Filter& filter) {
  bool no_longer_compared = false;
  for (const Predicate& predicate : filter.predicates()) {
    uint32_t IndexedField::*const count = CountOf(predicate);
    if (count == nullptr) continue;
    IndexedField& field = *by_slot_[predicate.slot];
    ReleaseConstants(predicate, field);
    --(field.*count);
    no_longer_compared |= !field.compared();
  }
  if (no_longer_compared) ListCompared();
  for (const FieldSlot slot : filter.slots()) {
    if (--by_slot_[slot]->readers > 0) continue;
    by_slot_[slot].reset();
    slots_.erase(std::lower_bound(slots_.begin(), slots_.end(), slot));
    ++slots_version_;
  }
  if (!slots_.empty()) return;
  by_slot_ = std::vector<std::unique_ptr<IndexedField>>();
  compared_ = std::vector<IndexedField*>();
  slots_ = std::vector<FieldSlot>();
}

void IndexedFields::AddAccess(std::span<const Predicate> access, bool is_own, uint64_t now) {
  if (is_own && access[0].kind == Kind::kAnyOf) return;
  bool newly_compared = false;
  for (const Predicate& predicate : access) {
    IndexedField& field = *by_slot_[predicate.slot];
    newly_compared |= !field.compared();
    if (predicate.kind == Kind::kAnyOf) {
      ++field.equals;
      AcquireConstants(predicate, field, now);
      continue;
    }
    for (const Value& prefix : predicate.constants) {
      field.prefixes.Acquire(PrefixTable::Cut(prefix.as_string()), now);
    }
  }
  if (newly_compared) ListCompared();
}

void IndexedFields::RemoveAccess(std::span<const Predicate> access, bool is_own) {
  if (is_own && access[0].kind == Kind::kAnyOf) return;
  bool no_longer_compared = false;
  for (const Predicate& predicate : access) {
    IndexedField& field = *by_slot_[predicate.slot];
    if (predicate.kind == Kind::kAnyOf) {
      --field.equals;
      ReleaseConstants(predicate, field);
    } else {
      for (const Value& prefix : predicate.constants) {
        field.prefixes.Release(PrefixTable::Cut(prefix.as_string()));
      }
    }
    no_longer_compared |= !field.compared();
  }
  if (no_longer_compared) ListCompared();
}

void IndexedFields::AcquireConstants(const Predicate& predicate, IndexedField& field,
                                     uint64_t now) {
  for (const Value& constant : predicate.constants) {
    ForEachNumbered(constant, [&](const Value& v) { field.dictionary.Acquire(v, now); });
  }
}

void IndexedFields::ReleaseConstants(const Predicate& predicate, IndexedField& field) {
  for (const Value& constant : predicate.constants) {
    ForEachNumbered(constant,
                    [&](const Value& v) { field.dictionary.Release(field.dictionary.Find(v)); });
  }
}

void IndexedFields::ListCompared() {
  compared_.clear();
  for (const FieldSlot slot : slots_) {
    if (by_slot_[slot]->compared()) compared_.push_back(by_slot_[slot].get());
  }
}

size_t IndexedFields::memory_bytes() const {
  size_t bytes = by_slot_.capacity() * sizeof(by_slot_[0]) +
                 compared_.capacity() * sizeof(compared_[0]) +
                 slots_.capacity() * sizeof(slots_[0]);
  for (const FieldSlot slot : slots_) {
    bytes += sizeof(IndexedField) + by_slot_[slot]->dictionary.memory_bytes() +
             by_slot_[slot]->prefixes.memory_bytes();
  }
  return bytes;
}

}  // namespace fluxgate
