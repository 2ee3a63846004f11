// What regular expressions have said about the fields of one message: filters that share a pattern
// share its evaluation. Remembers the last of those that fall on the same place; costs nothing to
// keep up to date. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_PATTERN_MEMO_H_
#define FLUXGATE_CORE_SUBSCRIPTION_PATTERN_MEMO_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/filter/filter.h"
#include "core/message/value.h"

namespace fluxgate {

class PatternMemo {
 public:
  // Forgets everything.
  void NewMessage() { ++message_; }

  // As fluxgate::Holds. `value` is that of the predicate's field in this message.
  bool Holds(const Predicate& predicate, const Value& value) {
    const bool worth_it = predicate.regex != nullptr && !predicate.regex->literal().has_value();
    return worth_it ? HoldsPattern(predicate, value) : fluxgate::Holds(predicate, value);
  }

  void GiveBack() { places_ = std::vector<Place>(); }
  size_t memory_bytes() const { return places_.capacity() * sizeof(Place); }

 private:
  static constexpr size_t kPlaces = 1024;

  struct Place {
    const Regex* regex = nullptr;
    uint64_t message = 0;
    FieldSlot slot = 0;
    Predicate::Kind kind = Predicate::Kind::kLike;
    bool holds = false;
  };

  bool HoldsPattern(const Predicate& predicate, const Value& value);

  std::vector<Place> places_;
  uint64_t message_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_PATTERN_MEMO_H_
