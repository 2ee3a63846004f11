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
  // `slots`: every slot that may be added to. `elements_max`: values in all arrays of one body
  // together; a field that is met once does not count.
  FieldCollector(std::span<const FieldSlot> slots, uint32_t elements_max);

  // Sets all slots to NULL. `values` is used until Finish.
  void Begin(std::span<Value> values) {
    for (const FieldSlot slot : slots_) values[slot] = Value::Null();
    BeginInPlace(values);
  }
  // The same where the caller has set the slots: those that are not added to keep what they have.
  void BeginInPlace(std::span<Value> values) {
    values_ = values.data();
    if (++round_ == 0) Restart();
    repeated_.clear();
    arrays_.clear();
    elements_count_ = 0;
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
    uint32_t array;  // index in arrays_
    Value value;
  };
  struct Array {
    FieldSlot slot;
    uint32_t size;
    uint32_t next;  // while they are filled: where the next element goes
  };

  void Restart();
  bool AddRepeated(FieldSlot slot, const Value& value);
  void FinishArrays();

  std::vector<FieldSlot> slots_;
  std::vector<uint32_t> seen_;  // by slot: the round in which it was added to
  uint32_t round_ = 0;
  uint32_t elements_max_;
  uint32_t elements_count_ = 0;
  Value* values_ = nullptr;
  std::vector<Repeated> repeated_;  // all values but each slot's first, in order
  std::vector<Array> arrays_;
  // By slot: the round in which it became an array, and which one.
  std::vector<uint32_t> array_seen_;
  std::vector<uint32_t> array_of_;
  std::vector<Value> elements_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_FIELD_COLLECTOR_H_
