// Where an extractor puts what it finds: a field that is met once has that value, one that is met
// several times becomes an array, in the order of the body. Memory is kept from body to body.
#ifndef FLUXGATE_CORE_MESSAGE_FIELD_COLLECTOR_H_
#define FLUXGATE_CORE_MESSAGE_FIELD_COLLECTOR_H_

#include <cstdint>
#include <span>
#include <vector>

#include "core/message/field_table.h"
#include "core/message/value.h"

namespace fluxgate {

class FieldCollector {
 public:
  // `slots`: every slot that may be added to. `elements_max`: values in all arrays of one body.
  FieldCollector(std::span<const FieldSlot> slots, uint32_t elements_max);

  // Sets all slots to NULL. `values` is used until Finish.
  void Begin(std::span<Value> values) {
    values_ = values.data();
    for (const FieldSlot slot : slots_) values_[slot] = Value::Null();
    if (++round_ == 0) Restart();
    if (!repeated_.empty()) repeated_.clear();
  }

  // Text of `value` stays in place until the next Begin. False: over `elements_max`.
  bool Add(FieldSlot slot, const Value& value) {
    if (seen_[slot] != round_) {
      seen_[slot] = round_;
      values_[slot] = value;
      return true;
    }
    return AddRepeated(slot, value);
  }
  bool Add(std::span<const FieldSlot> slots, const Value& value) {
    for (const FieldSlot slot : slots) {
      if (!Add(slot, value)) return false;
    }
    return true;
  }

  bool has(FieldSlot slot) const { return seen_[slot] == round_; }

  // The arrays are in `values` only from here on; they stay until the next Begin.
  void Finish() {
    if (!repeated_.empty()) FinishArrays();
  }
  // All slots to NULL: the body turned out to be malformed.
  void Abandon();

 private:
  struct Repeated {
    FieldSlot slot;
    Value value;
  };

  void Restart();
  bool AddRepeated(FieldSlot slot, const Value& value);
  void FinishArrays();

  std::vector<FieldSlot> slots_;
  std::vector<uint32_t> seen_;  // by slot: the round in which it was added to
  uint32_t round_ = 0;
  uint32_t elements_max_;
  Value* values_ = nullptr;
  std::vector<Repeated> repeated_;  // all values but each slot's first, in order
  std::vector<Value> elements_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_FIELD_COLLECTOR_H_
