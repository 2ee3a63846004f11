// Time as text and back (time_text.h).
#include <cmath>

#include "core/filter/compare.h"
#include "core/filter/functions/arguments.h"
#include "core/filter/functions/builtin_functions.h"
#include "core/filter/functions/time_text.h"

namespace fluxgate {
namespace {

using Arguments = std::span<const Value>;

Value Strftime(Arguments arguments, EvaluationContext& context) {
  const TextArgument format(arguments[0]);
  const Value time = NumberOf(arguments[1]);
  if (format.text().empty() || time.is_null()) return Value::Null();
  const double seconds = ToDouble(time);
  if (!(seconds >= kSecondsMin && seconds < kSecondsEnd)) return Value::Null();
  // To the microsecond, as near as a double knows today's time: .123 is not to become .122.
  double whole = std::floor(seconds);
  double microseconds = std::round((seconds - whole) * 1e6);
  if (microseconds == 1e6) {
    whole += 1;
    microseconds = 0;
  }
  if (whole >= kSecondsEnd) return Value::Null();
  TimeWriter writer(static_cast<int64_t>(whole), static_cast<int>(microseconds));
  if (!writer.Write(format.text())) return Value::Null();
  return Value::String(context.text.Copy(writer.text()));
}

Value Strptime(Arguments arguments, EvaluationContext&) {
  const TextArgument text(arguments[0]);
  const TextArgument format(arguments[1]);
  if (text.text().empty() || format.text().empty()) return Value::Null();
  const std::optional<double> seconds = ReadTime(text.text(), format.text());
  return seconds.has_value() ? Value::Double(*seconds) : Value::Null();
}

}  // namespace

std::span<const Function> TimeFunctions() {
  static constexpr Function kFunctions[] = {
      {.name = "STRFTIME", .arguments_min = 2, .arguments_max = 2, .body = Strftime},
      {.name = "STRPTIME", .arguments_min = 2, .arguments_max = 2, .body = Strptime},
  };
  return kFunctions;
}

}  // namespace fluxgate
