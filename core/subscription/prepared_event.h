// A message's values in the form that filters are compared in: lanes of doubles, and the buckets of
// the filters that are filed under its values. Made once per message; keeps its memory. Reactor
// thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_PREPARED_EVENT_H_
#define FLUXGATE_CORE_SUBSCRIPTION_PREPARED_EVENT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "core/message/value.h"
#include "core/subscription/indexed_field.h"
#include "core/subscription/row_match.h"
#include "core/subscription/row_shape.h"

namespace fluxgate {

class PreparedEvent {
 public:
  // Room for slots below `slot_end`.
  void Reserve(size_t slot_end);
  void GiveBack();

  void Prepare(std::span<IndexedField* const> fields, std::span<const Value> values);

  EventLanes lanes() const { return {lanes_.data(), inexact_ ? exact_.data() : nullptr}; }
  // With filters in them; distinct.
  std::span<FilterBucket* const> buckets() const { return buckets_; }

  size_t memory_bytes() const;

 private:
  struct alignas(64) FieldLanes {
    double lane[kLanesPerField];
  };
  class LaneArray {
   public:
    double* of(FieldSlot slot) { return lines_[slot + 1].lane; }
    const double* data() const { return lines_.data()->lane; }
    std::vector<FieldLanes> lines_;
  };

  void PrepareField(IndexedField& field, const Value& value);
  void SetNumber(const Value& number, double* lanes);
  void SetIdentity(const Constant* constant, LaneKind kind, double* lanes);
  void Visit(Constant* constant);
  void Visit(FilterBucket& bucket);
  void CopyExact(std::span<IndexedField* const> fields);

  LaneArray lanes_;
  LaneArray exact_;
  bool inexact_ = false;
  std::vector<FilterBucket*> buckets_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_PREPARED_EVENT_H_
