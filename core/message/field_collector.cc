#include "core/message/field_collector.h"

#include <algorithm>

namespace fluxgate {

FieldCollector::FieldCollector(std::span<const FieldSlot> slots, uint32_t elements_max)
    : slots_(slots.begin(), slots.end()), elements_max_(elements_max) {
  const auto last = std::max_element(slots_.begin(), slots_.end());
  if (last != slots_.end()) seen_.resize(*last + 1);
}

void FieldCollector::Restart() {
  std::fill(seen_.begin(), seen_.end(), 0);
  round_ = 1;
}

bool FieldCollector::AddRepeated(FieldSlot slot, const Value& value) {
  // A slot's first value makes one element more.
  if (repeated_.size() + 1 >= elements_max_) return false;
  repeated_.push_back({slot, value});
  return true;
}

void FieldCollector::FinishArrays() {
  std::stable_sort(repeated_.begin(), repeated_.end(),
                   [](const Repeated& a, const Repeated& b) { return a.slot < b.slot; });
  elements_.clear();
  // Arrays point into it: it must not grow while they are made.
  elements_.reserve(2 * repeated_.size());
  for (size_t i = 0; i < repeated_.size();) {
    const FieldSlot slot = repeated_[i].slot;
    const size_t begin = elements_.size();
    elements_.push_back(values_[slot]);
    for (; i < repeated_.size() && repeated_[i].slot == slot; ++i) {
      elements_.push_back(repeated_[i].value);
    }
    values_[slot] = Value::Array(std::span(elements_).subspan(begin));
  }
}

void FieldCollector::Abandon() {
  for (const FieldSlot slot : slots_) values_[slot] = Value::Null();
}

}  // namespace fluxgate
