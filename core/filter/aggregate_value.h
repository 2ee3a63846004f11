// One value that outlives the message it comes from, and when two values are the same.
#ifndef FLUXGATE_CORE_FILTER_AGGREGATE_VALUE_H_
#define FLUXGATE_CORE_FILTER_AGGREGATE_VALUE_H_

#include <string>

#include "core/message/value.h"

namespace fluxgate {

class KeptValue {
 public:
  // Not an array.
  void Set(const Value& value);
  void Clear() { Set(Value::Null()); }
  // Its text is this object's.
  Value value() const { return value_.is_string() ? Value::String(text_) : value_; }
  bool is_null() const { return value_.is_null(); }

 private:
  Value value_;
  std::string text_;
};

// Bytes that are equal for values that count as the same: numbers with the same number, text with
// the same bytes. A boolean, a number and a text are never the same; NaN is the same as NaN. This
// is no comparison of the language, in which '1' = 1 and '1.0' = 1, but not '1' = '1.0'.
std::string IdentityOf(const Value& value);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_AGGREGATE_VALUE_H_
