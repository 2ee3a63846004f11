// Functions over numbers. Integers stay integers where the result is one; of doubles the results
// are those of the C library: NaN outside of a function's domain, infinity at its poles.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/filter/compare.h"
#include "core/filter/functions/arguments.h"
#include "core/filter/functions/builtin_functions.h"

namespace fluxgate {
namespace {

using Arguments = std::span<const Value>;
using Kind = Value::Kind;
using Wide = __int128;

constexpr double kPi = 3.14159265358979323846;

bool IsInteger(const Value& number) {
  return number.kind() == Kind::kInt || number.kind() == Kind::kUint;
}

Wide WideOf(const Value& integer) {
  return integer.kind() == Kind::kInt ? Wide{integer.as_int()} : Wide{integer.as_uint()};
}

Value Abs(Arguments arguments, EvaluationContext&) {
  const Value number = NumberOf(arguments[0]);
  if (number.is_null()) return number;
  if (!IsInteger(number)) return Value::Double(std::abs(number.as_double()));
  const Wide wide = WideOf(number);
  return IntegerOf(wide < 0 ? -wide : wide);
}

Value Sign(Arguments arguments, EvaluationContext&) {
  const Value number = NumberOf(arguments[0]);
  if (number.is_null() || IsNan(number)) return number;
  const double d = ToDouble(number);
  return Value::Int(d > 0 ? 1 : d < 0 ? -1 : 0);
}

// Of the arguments that are numbers or spell one.
Value Extreme(Arguments arguments, Ordering wanted) {
  Value extreme = NanValue();
  for (const Value& argument : arguments) {
    const Value number = NumberOf(argument);
    if (number.is_null() || IsNan(number)) continue;
    if (IsNan(extreme) || Compare(number, extreme) == wanted) extreme = number;
  }
  return extreme;
}

Value Greatest(Arguments arguments, EvaluationContext&) {
  return Extreme(arguments, Ordering::kGreater);
}
Value Least(Arguments arguments, EvaluationContext&) { return Extreme(arguments, Ordering::kLess); }

template <double (*F)(double)>
Value ToWhole(Arguments arguments, EvaluationContext&) {
  const Value number = NumberOf(arguments[0]);
  if (number.kind() != Kind::kDouble) return number;
  return WholeResult(F(number.as_double()));
}

// Half away from zero, at 10^-places, places < 0.
Value RoundInteger(Wide number, int64_t places) {
  // 10^20 is more than twice any number of 64 bits, and 10^19 is not.
  if (places < -20) return Value::Int(0);
  Wide unit = 1;
  for (int64_t i = places; i < 0; ++i) unit *= 10;
  const Wide half = number < 0 ? -unit / 2 : unit / 2;
  return IntegerOf((number + half) / unit * unit);
}

// A finite double is rounded as it is written: as the shortest decimal number that is this double,
// so that 2.675 rounds up, though the double is a little less.
Value RoundDouble(double number, int64_t places) {
  // Sign, digit, point, 16 digits, exponent.
  char text[32];
  const auto written =
      std::to_chars(text, text + sizeof text, number, std::chars_format::scientific);
  char* const exponent_sign =
      static_cast<char*>(std::memchr(text, 'e', static_cast<size_t>(written.ptr - text)));
  int exponent = 0;
  std::from_chars(exponent_sign + (exponent_sign[1] == '+' ? 2 : 1), written.ptr, exponent);
  // One 0 in front for the carry: digits[i] stands for 10^(exponent + 1 - i).
  char digits[32] = {'0'};
  int64_t count = 1;
  for (const char* p = text; p != exponent_sign; ++p) {
    if (*p >= '0' && *p <= '9') digits[count++] = *p;
  }
  // The first digit that goes.
  const int64_t first_gone = exponent + 2 + places;
  if (first_gone >= count) return Value::Double(number);
  if (first_gone <= 0) return Value::Double(0);
  const bool up = digits[first_gone] >= '5';
  count = first_gone;
  if (up) {
    int64_t i = count - 1;
    while (digits[i] == '9') digits[i--] = '0';
    ++digits[i];
  }
  const auto end =
      std::to_chars(digits + count, digits + sizeof digits, exponent + 1 - (count - 1));
  // The exponent goes behind an 'e'.
  const auto exponent_bytes = static_cast<size_t>(end.ptr - (digits + count));
  std::memmove(digits + count + 1, digits + count, exponent_bytes);
  digits[count] = 'e';
  double rounded = 0;
  const auto read = std::from_chars(digits, digits + count + 1 + exponent_bytes, rounded);
  if (read.ec == std::errc::result_out_of_range && exponent > 0) rounded = HUGE_VAL;
  return Value::Double(number < 0 && rounded != 0 ? -rounded : rounded);
}

Value Round(Arguments arguments, EvaluationContext&) {
  const Value number = NumberOf(arguments[0]);
  int64_t places = 0;
  if (arguments.size() == 2) {
    const Value wanted = NumberOf(arguments[1]);
    if (number.is_null() || wanted.is_null()) return Value::Null();
    if (IsNan(wanted)) return NanValue();
    // Further than any digit of any number.
    places = std::clamp<int64_t>(*WholeArgument(wanted), -2000, 2000);
  }
  if (number.is_null()) return number;
  if (IsInteger(number)) return places >= 0 ? number : RoundInteger(WideOf(number), places);
  if (!IsFinite(number) || number.as_double() == 0) return number;
  const Value rounded = RoundDouble(number.as_double(), places);
  return places > 0 ? rounded : WholeResult(rounded.as_double());
}

template <double (*F)(double)>
Value OfDouble(Arguments arguments, EvaluationContext&) {
  const Value number = NumberOf(arguments[0]);
  return number.is_null() ? number : Value::Double(F(ToDouble(number)));
}

// The integer power, while it has no more than 64 bits.
std::optional<Value> IntegerPower(Wide base, Wide exponent) {
  if (exponent < 0) return std::nullopt;
  if (base == 0 || base == 1) return IntegerOf(exponent == 0 ? 1 : base);
  if (base == -1) return Value::Int(exponent % 2 == 0 ? 1 : -1);
  if (exponent > 64) return std::nullopt;
  Wide power = 1;
  for (Wide i = 0; i < exponent; ++i) {
    if (__builtin_mul_overflow(power, base, &power)) return std::nullopt;
  }
  if (power > Wide{UINT64_MAX} || power < Wide{INT64_MIN}) return std::nullopt;
  return IntegerOf(power);
}

Value Power(Arguments arguments, EvaluationContext&) {
  const Value base = NumberOf(arguments[0]);
  const Value exponent = NumberOf(arguments[1]);
  if (base.is_null() || exponent.is_null()) return Value::Null();
  if (IsNan(base) || IsNan(exponent)) return NanValue();
  if (IsInteger(base) && IsInteger(exponent)) {
    const std::optional<Value> power = IntegerPower(WideOf(base), WideOf(exponent));
    if (power.has_value()) return *power;
  }
  return Value::Double(std::pow(ToDouble(base), ToDouble(exponent)));
}

double Radians(double degrees) { return degrees * (kPi / 180); }
double Degrees(double radians) { return radians * (180 / kPi); }

// Buckets 1 to n of equal width between two bounds, the lower one belonging to the first and the
// upper one to none; 0 in front of them and n + 1 behind.
Value WidthBucket(Arguments arguments, EvaluationContext&) {
  if (AnyNull(arguments)) return Value::Null();
  Value numbers[4];
  std::transform(arguments.begin(), arguments.end(), numbers, NumberOf);
  if (std::any_of(numbers, numbers + 4, IsNan)) return NanValue();
  // Wider than a double: a difference of doubles does not overflow.
  const long double value = ToDouble(numbers[0]);
  const long double min = ToDouble(numbers[1]);
  const long double max = ToDouble(numbers[2]);
  const int64_t buckets = *WholeArgument(numbers[3]);
  if (!std::isfinite(min) || !std::isfinite(max) || min == max || buckets < 1) return Value::Null();
  const long double sign = min < max ? 1 : -1;
  if ((value - min) * sign < 0) return Value::Int(0);
  if ((value - max) * sign >= 0) return IntegerOf(Wide{buckets} + 1);
  const long double place = (value - min) / (max - min) * static_cast<long double>(buckets);
  return IntegerOf(std::min(static_cast<Wide>(place) + 1, Wide{buckets}));
}

constexpr Function OneArgument(std::string_view name, FunctionBody body) {
  return {.name = name, .arguments_min = 1, .arguments_max = 1, .body = body};
}

}  // namespace

std::span<const Function> NumericFunctions() {
  static constexpr Function kFunctions[] = {
      OneArgument("ABS", Abs),
      {.name = "GREATEST",
       .arguments_min = 1,
       .arguments_max = Function::kVariadic,
       .body = Greatest},
      {.name = "LEAST", .arguments_min = 1, .arguments_max = Function::kVariadic, .body = Least},
      OneArgument("CEILING", ToWhole<std::ceil>),
      OneArgument("FLOOR", ToWhole<std::floor>),
      {.name = "ROUND", .arguments_min = 1, .arguments_max = 2, .body = Round},
      OneArgument("SIGN", Sign),
      OneArgument("EXP", OfDouble<std::exp>),
      OneArgument("LN", OfDouble<std::log>),
      OneArgument("LOG2", OfDouble<std::log2>),
      OneArgument("LOG10", OfDouble<std::log10>),
      {.name = "POWER", .arguments_min = 2, .arguments_max = 2, .body = Power},
      OneArgument("SQRT", OfDouble<std::sqrt>),
      OneArgument("RADIANS", OfDouble<Radians>),
      OneArgument("DEGREES", OfDouble<Degrees>),
      {.name = "WIDTH_BUCKET", .arguments_min = 4, .arguments_max = 4, .body = WidthBucket},
  };
  return kFunctions;
}

}  // namespace fluxgate
