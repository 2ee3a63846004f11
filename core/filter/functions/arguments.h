// How functions read their arguments and make their results: the conversions of the operators
// (core/filter/operators.h), for as many arguments as there are.
#ifndef FLUXGATE_CORE_FILTER_FUNCTIONS_ARGUMENTS_H_
#define FLUXGATE_CORE_FILTER_FUNCTIONS_ARGUMENTS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/filter/evaluation_context.h"
#include "core/filter/operators.h"
#include "core/message/value.h"

namespace fluxgate {

Value NanValue();

// A number as a count or a position: fractions are cut off, and what is beyond the range of an
// int64 becomes the end of that range. nullopt for NULL and NaN.
std::optional<int64_t> WholeArgument(const Value& value);

// A whole double in the range of int64 as Int; others as they are.
Value WholeResult(double number);

// A value's text: empty for NULL and for what has none. Must not outlive the value.
class TextArgument {
 public:
  explicit TextArgument(const Value& value)
      : text_(TextOf(value, buffer_)), lasts_(value.first().is_string()) {}
  TextArgument(const TextArgument&) = delete;
  TextArgument& operator=(const TextArgument&) = delete;

  std::string_view text() const { return text_; }
  // `part` of text() as a result.
  Value Part(std::string_view part, EvaluationContext& context) const {
    return Value::String(lasts_ ? part : context.text.Copy(part));
  }

 private:
  TextBuffer buffer_;
  std::string_view text_;
  bool lasts_;  // until the evaluation ends
};

bool AnyNull(std::span<const Value> arguments);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FUNCTIONS_ARGUMENTS_H_
