// The values of a group, in order, with how often each is there: what ANY, MIN, MAX and UNIQUE need
// to give a value back when another is removed. Grows with the different values it is given.
#ifndef FLUXGATE_CORE_FILTER_AGGREGATE_COUNTS_H_
#define FLUXGATE_CORE_FILTER_AGGREGATE_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/btree_map.h"
#include "core/filter/value_order.h"
#include "core/message/value.h"

namespace fluxgate {

class ValueCounts {
 private:
  // Owns its text.
  class Key {
   public:
    explicit Key(const PlacedValue& placed)
        : placed_(placed),
          text_(placed.value.is_string() ? placed.value.as_string() : std::string_view()) {}
    PlacedValue placed() const {
      PlacedValue placed = placed_;
      if (placed.value.is_string()) placed.value = Value::String(text_);
      return placed;
    }

   private:
    PlacedValue placed_;
    std::string text_;
  };
  struct Less {
    using is_transparent = void;
    bool operator()(const Key& a, const Key& b) const { return (*this)(a.placed(), b.placed()); }
    bool operator()(const Key& a, const PlacedValue& b) const { return (*this)(a.placed(), b); }
    bool operator()(const PlacedValue& a, const Key& b) const { return (*this)(a, b.placed()); }
    bool operator()(const PlacedValue& a, const PlacedValue& b) const {
      return CompareFully(a, b) < 0;
    }
  };
  using Map = absl::btree_map<Key, uint64_t, Less>;

 public:
  // `value`: neither NULL nor an array.
  void Add(const Value& value);
  // One that was added and not removed since; nothing happens for others.
  void Remove(const Value& value);
  bool Contains(const Value& value) const { return counts_.contains(PlacedValue(value)); }
  void Clear() { *this = {}; }

  bool is_empty() const { return counts_.empty(); }
  // Unless is_empty(). Their text is this object's.
  Value least() const { return counts_.begin()->first.placed().value; }
  Value greatest() const { return counts_.rbegin()->first.placed().value; }
  bool has_nan() const { return nans_ != 0; }

 private:
  Map counts_;
  uint64_t nans_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_AGGREGATE_COUNTS_H_
