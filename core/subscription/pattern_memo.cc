#include "core/subscription/pattern_memo.h"

namespace fluxgate {

bool PatternMemo::HoldsPattern(const Predicate& predicate, const Value& value) {
  if (places_.empty()) places_.resize(kPlaces);
  const Regex* const regex = predicate.regex.get();
  // Objects of one size lie at multiples of it: the low bits alone would meet too often.
  const uint64_t mixed = (reinterpret_cast<uintptr_t>(regex) + predicate.slot) * 0x9e3779b97f4a7c15;
  Place& place = places_[mixed >> 54];
  static_assert(kPlaces == size_t{1} << (64 - 54));
  if (place.regex != regex || place.message != message_ || place.slot != predicate.slot ||
      place.kind != predicate.kind) {
    place = {regex, message_, predicate.slot, predicate.kind, fluxgate::Holds(predicate, value)};
  }
  return place.holds;
}

}  // namespace fluxgate
