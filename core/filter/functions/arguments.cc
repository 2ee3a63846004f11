#include "core/filter/functions/arguments.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/filter/compare.h"

namespace fluxgate {
namespace {

using Kind = Value::Kind;

constexpr double kTwo63 = 9223372036854775808.0;

}  // namespace

Value NanValue() { return Value::Double(std::numeric_limits<double>::quiet_NaN()); }

std::optional<int64_t> WholeArgument(const Value& value) {
  const Value number = NumberOf(value);
  switch (number.kind()) {
    case Kind::kInt:
      return number.as_int();
    case Kind::kUint:
      return INT64_MAX;
    case Kind::kDouble:
      break;
    default:
      return std::nullopt;
  }
  const double d = number.as_double();
  if (std::isnan(d)) return std::nullopt;
  if (d >= kTwo63) return INT64_MAX;
  if (d < -kTwo63) return INT64_MIN;
  return static_cast<int64_t>(d);
}

Value WholeResult(double number) {
  if (number >= -kTwo63 && number < kTwo63 && std::trunc(number) == number) {
    return Value::Int(static_cast<int64_t>(number));
  }
  return Value::Double(number);
}

bool AnyNull(std::span<const Value> arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const Value& value) { return value.is_null(); });
}

}  // namespace fluxgate
