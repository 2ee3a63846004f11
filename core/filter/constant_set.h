// The constants of an IN list, prepared: whether a value equals one of them, in the sense of
// Compare(), in logarithmic time.
#ifndef FLUXGATE_CORE_FILTER_CONSTANT_SET_H_
#define FLUXGATE_CORE_FILTER_CONSTANT_SET_H_

#include <span>
#include <string_view>
#include <vector>

#include "core/filter/operators.h"
#include "core/message/value.h"

namespace fluxgate {

class ConstantSet {
 public:
  // Text must outlive the set.
  explicit ConstantSet(std::span<const Value> constants);

  // Of an array: of any element. TRUE, else NULL for a NULL among the constants and for NULL and
  // NaN, else FALSE.
  Truth Contains(const Value& value) const;

 private:
  Truth ContainsAny(std::span<const Value> elements) const;
  bool HasString(std::string_view text) const;

  std::vector<std::string_view> strings_;  // equal to a string value; sorted, as are all
  std::vector<Value> numbers_;             // equal to a number value
  std::vector<Value> plain_numbers_;       // equal to a string or boolean value taken as a number
  bool has_null_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_CONSTANT_SET_H_
