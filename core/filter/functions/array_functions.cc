// Functions over arrays. A value that is no array is taken as an array of one, NULL as one of none.
#include <algorithm>
#include <cstring>

#include "core/filter/aggregate_sum.h"
#include "core/filter/compare.h"
#include "core/filter/functions/arguments.h"
#include "core/filter/functions/builtin_functions.h"

namespace fluxgate {
namespace {

using Arguments = std::span<const Value>;

Value ArrayCount(Arguments arguments, EvaluationContext&) {
  return Value::Int(static_cast<int64_t>(arguments[0].elements().size()));
}

Value Extreme(const Value& array, Ordering wanted) {
  Value extreme;
  for (const Value& element : array.elements()) {
    if (IsNan(element)) return element;
    if (element.is_null()) continue;
    if (extreme.is_null() || Compare(element, extreme) == wanted) extreme = element;
  }
  return extreme;
}

Value ArrayMax(Arguments arguments, EvaluationContext&) {
  return Extreme(arguments[0], Ordering::kGreater);
}
Value ArrayMin(Arguments arguments, EvaluationContext&) {
  return Extreme(arguments[0], Ordering::kLess);
}

Value ArraySum(Arguments arguments, EvaluationContext&) {
  NumberSum sum;
  bool any = false;
  for (const Value& element : arguments[0].elements()) {
    if (element.is_null()) continue;
    sum.Add(NumberOf(element));
    any = true;
  }
  return any ? sum.Result() : Value::Null();
}

// Elements without text (NULL, NaN) are left out, or stand as the third argument.
Value ArrayToString(Arguments arguments, EvaluationContext& context) {
  if (arguments[0].is_null()) return Value::Null();
  const TextArgument delimiter(arguments[1]);
  const TextArgument replacement(arguments.size() == 3 ? arguments[2] : Value::Null());
  // Twice over the elements: the length, then the text.
  size_t bytes = 0;
  char* begin = nullptr;
  char* place = nullptr;
  const auto put = [&](std::string_view text) {
    bytes += text.size();
    if (begin == nullptr || text.empty()) return;
    std::memcpy(place, text.data(), text.size());
    place += text.size();
  };
  const auto put_all = [&] {
    bytes = 0;
    bool first = true;
    for (const Value& element : arguments[0].elements()) {
      TextBuffer buffer;
      std::string_view text = TextOf(element, buffer);
      if (text.empty()) text = replacement.text();
      if (text.empty()) continue;
      if (!first) put(delimiter.text());
      first = false;
      put(text);
    }
  };
  put_all();
  begin = place = context.text.Allocate(bytes);
  if (begin == nullptr) return Value::Null();
  put_all();
  return Value::String({begin, bytes});
}

constexpr Function OfArray(std::string_view name, FunctionBody body) {
  return {.name = name, .arguments_min = 1, .arguments_max = 1, .body = body, .takes_arrays = true};
}

}  // namespace

std::span<const Function> ArrayFunctions() {
  static constexpr Function kFunctions[] = {
      OfArray("ARRAY_COUNT", ArrayCount),
      OfArray("ARRAY_MAX", ArrayMax),
      OfArray("ARRAY_MIN", ArrayMin),
      OfArray("ARRAY_SUM", ArraySum),
      {.name = "ARRAY_TO_STRING",
       .arguments_min = 2,
       .arguments_max = 3,
       .body = ArrayToString,
       .takes_arrays = true},
  };
  return kFunctions;
}

}  // namespace fluxgate
