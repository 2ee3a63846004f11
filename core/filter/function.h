// The functions that expressions may call. A function is a plain C++ function from values to a
// value; a family of them lives in one file under functions/ and exports a list of `Function`s,
// which functions/builtin_functions.cc names in one line.
#ifndef FLUXGATE_CORE_FILTER_FUNCTION_H_
#define FLUXGATE_CORE_FILTER_FUNCTION_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "core/filter/evaluation_context.h"
#include "core/message/value.h"

namespace fluxgate {

// Any thread, one call at a time for each context. Arguments are as many as the function allows;
// text in them stays in place until the evaluation ends, and so must text in the result: use
// context.text. Nothing an argument holds is an error: what makes no sense gives NULL.
using FunctionBody = Value (*)(std::span<const Value> arguments, EvaluationContext& context);

struct Function {
  static constexpr uint8_t kVariadic = 255;

  std::string_view name;  // upper case; expressions may spell it in any case
  uint8_t arguments_min = 0;
  uint8_t arguments_max = 0;  // kVariadic: any number
  FunctionBody body = nullptr;
  // Handed arrays as they are; others are handed the first element.
  bool takes_arrays = false;
  // The same arguments always give the same result: with constants it is called once, when the
  // expression is compiled.
  bool deterministic = true;
  // The compiler appends the time of the message, seconds since 1970 as a double, as the last
  // argument. It is counted in arguments_min and arguments_max, but not written in expressions.
  bool takes_time = false;
  // Which argument is a regular expression; a literal there is compiled with the expression and
  // handed over as context.literal_pattern().
  int8_t pattern_argument = -1;
  // Handed over as context.data; not with a pattern_argument.
  const void* data = nullptr;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FUNCTION_H_
