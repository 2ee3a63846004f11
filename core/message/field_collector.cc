#include "core/message/field_collector.h"

#include <algorithm>

namespace fluxgate {

FieldCollector::FieldCollector(std::span<const FieldSlot> slots, uint32_t elements_max)
    : slots_(slots.begin(), slots.end()), elements_max_(elements_max) {
  const auto last = std::max_element(slots_.begin(), slots_.end());
  if (last == slots_.end()) return;
  seen_.resize(*last + 1);
  array_seen_.resize(*last + 1);
  array_of_.resize(*last + 1);
}

void FieldCollector::Restart() {
  std::fill(seen_.begin(), seen_.end(), 0);
  std::fill(array_seen_.begin(), array_seen_.end(), 0);
  round_ = 1;
}

bool FieldCollector::AddRepeated(FieldSlot slot, const Value& value) {
  const bool is_new = array_seen_[slot] != round_;
  // With its second value a field becomes an array, and its first one an element.
  const uint32_t more = is_new ? 2 : 1;
  if (elements_max_ - elements_count_ < more) return false;
  elements_count_ += more;
  if (is_new) {
    array_seen_[slot] = round_;
    array_of_[slot] = static_cast<uint32_t>(arrays_.size());
    arrays_.push_back({slot, 1, 0});
  }
  const uint32_t array = array_of_[slot];
  ++arrays_[array].size;
  repeated_.push_back({array, value});
  return true;
}

void FieldCollector::FinishArrays() {
  // Not smaller again: setting elements to NULL that are about to be filled would cost.
  if (elements_.size() < elements_count_) elements_.resize(elements_count_);
  uint32_t begin = 0;
  for (Array& array : arrays_) {
    Value& field = values_[array.slot];
    elements_[begin] = field;
    field = Value::Array(std::span(elements_).subspan(begin, array.size));
    array.next = begin + 1;
    begin += array.size;
  }
  for (const Repeated& repeated : repeated_) {
    elements_[arrays_[repeated.array].next++] = repeated.value;
  }
}

void FieldCollector::Abandon() {
  for (const FieldSlot slot : slots_) values_[slot] = Value::Null();
}

}  // namespace fluxgate
