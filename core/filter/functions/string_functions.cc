// Functions over text. Bytes, not characters.
#include "core/filter/functions/builtin_functions.h"
#include "core/filter/operators.h"

namespace fluxgate {
namespace {

Value Length(std::span<const Value> arguments, EvaluationContext&) {
  if (arguments[0].is_null()) return Value::Null();
  TextBuffer buffer;
  return Value::Int(static_cast<int64_t>(TextOf(arguments[0], buffer).size()));
}

}  // namespace

std::span<const Function> StringFunctions() {
  static constexpr Function kFunctions[] = {
      {.name = "LENGTH", .arguments_min = 1, .arguments_max = 1, .body = Length},
  };
  return kFunctions;
}

}  // namespace fluxgate
