#include "core/filter/functions/arguments.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/filter/compare.h"

namespace fluxgate {
namespace {

using Kind = Value::Kind;
using Wide = __int128;

constexpr double kTwo63 = 9223372036854775808.0;

}  // namespace

Value NanValue() { return Value::Double(std::numeric_limits<double>::quiet_NaN()); }

Value NumberArgument(const Value& value) {
  if (value.is_array()) return NumberArgument(value.first());
  if (value.kind() == Kind::kBool) return Value::Int(value.as_bool() ? 1 : 0);
  if (value.is_string()) return ParseNumber(value.as_string()).value_or(NanValue());
  return value;
}

std::optional<int64_t> WholeArgument(const Value& value) {
  const Value number = NumberArgument(value);
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

Value IntegerResult(__int128 integer) {
  if (integer > Wide{UINT64_MAX} || integer < Wide{INT64_MIN}) {
    return Value::Double(static_cast<double>(integer));
  }
  return integer < 0 ? Value::Int(static_cast<int64_t>(integer))
                     : Value::Uint(static_cast<uint64_t>(integer));
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
