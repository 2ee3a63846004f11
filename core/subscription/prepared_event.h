// A message's values in the form that filters are compared in: lanes of doubles, and the buckets of
// the filters that are filed under its values. Made once per message; keeps its memory. Reactor
// thread only.
//
// A field that holds an array has lanes that pass whatever some element passes, and more: the
// largest value and the largest negated one, and identities that pass every test. Its buckets are
// those of all elements. What is found then has to be asked whether it really matches.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_PREPARED_EVENT_H_
#define FLUXGATE_CORE_SUBSCRIPTION_PREPARED_EVENT_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/message/value.h"
#include "core/subscription/indexed_field.h"
#include "core/subscription/row_shape.h"

namespace fluxgate {

class PreparedEvent {
 public:
  // Room for slots below `slot_end`.
  void Reserve(size_t slot_end);
  void GiveBack();

  void Prepare(std::span<IndexedField* const> fields, std::span<const Value> values);

  const double* lanes() const { return lines_.empty() ? nullptr : lines_.data()->lane; }
  // With filters in them; distinct.
  std::span<FilterBucket* const> buckets() const { return buckets_; }

  // One of the fields held an array: rows found are candidates only, and some may be found twice.
  bool has_arrays() const { return has_arrays_; }

  size_t memory_bytes() const;

 private:
  struct alignas(64) FieldLanes {
    double lane[kLanesPerField];
  };

  void PrepareField(IndexedField& field, const Value& value);
  void PrepareArray(IndexedField& field, std::span<const Value> elements);
  void PreparePrefixes(IndexedField& field, const Value& value);
  void PrepareNumber(IndexedField& field, const Value& number);
  void PrepareText(IndexedField& field, std::string_view text);
  void PrepareBool(IndexedField& field, bool b);
  void Visit(FilterBucket& bucket) {
    if (!bucket.empty()) buckets_.push_back(&bucket);
  }
  double* lanes_of(FieldSlot slot) { return lines_[slot + 1].lane; }

  std::vector<FieldLanes> lines_;  // the first is of no field and stays zero
  std::vector<FilterBucket*> buckets_;
  bool has_arrays_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_PREPARED_EVENT_H_
