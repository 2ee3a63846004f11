// One field that entered filters read.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_INDEXED_FIELD_H_
#define FLUXGATE_CORE_SUBSCRIPTION_INDEXED_FIELD_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/filter/filter.h"
#include "core/message/field_table.h"
#include "core/subscription/prefix_table.h"
#include "core/subscription/value_dictionary.h"

namespace fluxgate {

struct IndexedField {
  explicit IndexedField(FieldSlot slot_of_field) : slot(slot_of_field) {}

  const FieldSlot slot;
  uint32_t readers = 0;  // filters that read it, in whatever way
  uint32_t ranges = 0;   // range predicates on it
  uint32_t equals = 0;   // predicates on it that need identities or know NULL
  ValueDictionary dictionary;
  PrefixTable prefixes;  // only those that filters are filed under

  bool compared() const { return ranges + equals + prefixes.size() > 0; }
};

class IndexedFields {
 public:
  // Counts what the filter does with each of its fields, and numbers its constants. `now`: messages
  // so far. Remove undoes it.
  void Add(const Filter& filter, uint64_t now);
  void Remove(const Filter& filter);

  // Makes the buckets that a filter is filed in by one of these predicates of its. `is_own`: it is
  // one of Filter::predicates(), where an equality or IN needs nothing beyond Add.
  void AddAccess(std::span<const Predicate> access, bool is_own, uint64_t now);
  void RemoveAccess(std::span<const Predicate> access, bool is_own);

  // Must be there.
  IndexedField& operator[](FieldSlot slot) const { return *by_slot_[slot]; }

  // Ascending by slot; those that some column or bucket needs.
  std::span<IndexedField* const> compared() const { return compared_; }
  std::span<const FieldSlot> slots() const { return slots_; }
  uint64_t slots_version() const { return slots_version_; }
  // Above every slot there ever was.
  size_t slot_end() const { return slot_end_; }
  size_t memory_bytes() const;

 private:
  void AcquireConstants(const Predicate& predicate, IndexedField& field, uint64_t now);
  void ReleaseConstants(const Predicate& predicate, IndexedField& field);
  void ListCompared();

  std::vector<std::unique_ptr<IndexedField>> by_slot_;
  std::vector<IndexedField*> compared_;
  std::vector<FieldSlot> slots_;
  uint64_t slots_version_ = 0;
  size_t slot_end_ = 0;
};

// The text that a boolean compares as with texts.
inline std::string_view BoolText(bool b) { return b ? "true" : "false"; }

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_INDEXED_FIELD_H_
