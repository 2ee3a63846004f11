// Records of one topic by the values of fields: which of them may match a filter? What comes out is
// never too little and may be too much, so the filter has the last word. One thread.
//
// A hash index is for equality and IN on all of its fields together; an ordered index is for
// equality, IN and ranges on its one field, and for walking in order.
#ifndef FLUXGATE_CORE_SOW_FIELD_INDEX_H_
#define FLUXGATE_CORE_SOW_FIELD_INDEX_H_

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/btree_set.h"
#include "core/filter/filter.h"
#include "core/message/field_table.h"
#include "core/message/value.h"

namespace fluxgate {

class FieldIndex {
 public:
  enum class Kind : uint8_t { kHash, kOrdered };

  // A record whose fields hold more combinations of elements than this is a candidate always.
  static constexpr size_t kTermsMax = 64;
  // Combinations of constants that a filter may ask one index for.
  static constexpr size_t kLookupsMax = 4096;

  // kOrdered has one slot.
  FieldIndex(Kind kind, std::vector<FieldSlot> slots);

  std::span<const FieldSlot> slots() const { return slots_; }
  Kind kind() const { return kind_; }

  // Slots from here on are not entered yet (an index that is made while the topic is in use); until
  // it is complete, Gather serves nothing.
  uint32_t built_end = UINT32_MAX;
  bool complete() const { return built_end == UINT32_MAX; }

  void Add(uint32_t record_slot, std::span<const Value> values);
  void Remove(uint32_t record_slot, std::span<const Value> values);
  void Replace(uint32_t record_slot, std::span<const Value> before, std::span<const Value> after);

  // Whether the filter has predicates that this index answers.
  bool Serves(const Filter& filter) const;
  // Appends the slots of all records that may match, each once, unordered. False: it does not
  // serve, or there are more than `max` (what was appended is then taken back).
  bool Gather(const Filter& filter, size_t max, std::vector<uint32_t>& record_slots) const;

  // Appends the slots of records in the order of the field, until at least `wanted` of them pass
  // `accept` and all that are not told apart by the index from the last one are there, too. False:
  // more than `max` would have to be looked at, or the index has records in several places.
  template <typename Accept>
  bool GatherInOrder(bool descending, size_t wanted, size_t max, Accept&& accept,
                     std::vector<uint32_t>& record_slots) const;

  size_t size() const { return entries_.size(); }
  uint64_t bytes() const { return entries_.size() * sizeof(Entry) * 4 / 3; }

 private:
  // What values look like in the index; order of kOrdered.
  enum class Class : uint32_t { kAlways, kNull, kNumber, kText };
  struct Term {
    Class type = Class::kNull;
    uint64_t bits = 0;
    auto operator<=>(const Term&) const = default;
  };
  struct Entry {
    uint64_t bits;
    Class type;
    uint32_t record_slot;
    friend auto operator<=>(const Entry& a, const Entry& b) {
      if (const auto order = a.type <=> b.type; order != 0) return order;
      if (const auto order = a.bits <=> b.bits; order != 0) return order;
      return a.record_slot <=> b.record_slot;
    }
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  static bool HasNoOnePlace(std::span<const Term> terms) {
    return terms.size() > 1 || terms[0].type == Class::kAlways;
  }
  static void OrderedTerms(const Value& value, std::vector<Term>& terms);
  void Terms(std::span<const Value> values, std::vector<Term>& terms) const;
  void HashTerms(std::span<const Value* const> parts, std::vector<Term>& terms) const;
  bool GatherTerm(const Term& low, const Term& high, size_t max,
                  std::vector<uint32_t>& record_slots) const;
  const Predicate* PredicateOn(const Filter& filter, FieldSlot slot) const;

  const Kind kind_;
  const std::vector<FieldSlot> slots_;
  absl::btree_set<Entry> entries_;
  size_t several_places_ = 0;                 // records that HasNoOnePlace
  mutable std::vector<Term> before_, after_;  // scratch
};

template <typename Accept>
bool FieldIndex::GatherInOrder(bool descending, size_t wanted, size_t max, Accept&& accept,
                               std::vector<uint32_t>& record_slots) const {
  if (!complete() || several_places_ != 0) return false;
  size_t accepted = 0;
  size_t seen = 0;
  const Entry* last = nullptr;
  const auto take = [&](const Entry& entry) {
    if (accepted >= wanted && last != nullptr &&
        (last->type != entry.type || last->bits != entry.bits)) {
      return false;
    }
    ++seen;
    last = &entry;
    if (accept(entry.record_slot)) {
      ++accepted;
      record_slots.push_back(entry.record_slot);
    }
    return seen <= max;
  };
  if (descending) {
    for (auto it = entries_.rbegin(); it != entries_.rend(); ++it) {
      if (!take(*it)) break;
    }
  } else {
    for (const Entry& entry : entries_) {
      if (!take(entry)) break;
    }
  }
  return seen <= max;
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_FIELD_INDEX_H_
