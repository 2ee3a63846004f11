// Functions about NULL and values that have no other way to be written.
#include <algorithm>
#include <optional>

#include "core/filter/functions/arguments.h"
#include "core/filter/functions/builtin_functions.h"

namespace fluxgate {
namespace {

using Arguments = std::span<const Value>;

Value Coalesce(Arguments arguments, EvaluationContext&) {
  const auto found = std::find_if(arguments.begin(), arguments.end(),
                                  [](const Value& value) { return !value.is_null(); });
  return found == arguments.end() ? Value::Null() : *found;
}

Value True(Arguments, EvaluationContext&) { return Value::Bool(true); }
Value False(Arguments, EvaluationContext&) { return Value::Bool(false); }
Value Nan(Arguments, EvaluationContext&) { return NanValue(); }

Value Char(Arguments arguments, EvaluationContext& context) {
  const std::optional<int64_t> code = WholeArgument(arguments[0]);
  if (!code.has_value() || *code < 0 || *code > 255) return Value::Null();
  const char c = static_cast<char>(*code);
  return Value::String(context.text.Copy({&c, 1}));
}

}  // namespace

std::span<const Function> NullFunctions() {
  static constexpr Function kFunctions[] = {
      {.name = "COALESCE",
       .arguments_min = 1,
       .arguments_max = Function::kVariadic,
       .body = Coalesce},
      {.name = "TRUE_VALUE", .body = True},
      {.name = "FALSE_VALUE", .body = False},
      {.name = "NAN_VALUE", .body = Nan},
      {.name = "CHAR_VALUE", .arguments_min = 1, .arguments_max = 1, .body = Char},
  };
  return kFunctions;
}

}  // namespace fluxgate
