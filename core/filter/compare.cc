#include "core/filter/compare.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "absl/strings/charconv.h"

namespace fluxgate {
namespace {

constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

template <typename T>
Ordering Order(T a, T b) {
  if (a < b) return Ordering::kLess;
  return a == b ? Ordering::kEqual : Ordering::kGreater;
}

Ordering Reverse(Ordering ordering) {
  if (ordering == Ordering::kLess) return Ordering::kGreater;
  return ordering == Ordering::kGreater ? Ordering::kLess : ordering;
}

Ordering OrderDoubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Ordering::kUnordered;
  return Order(a, b);
}

Ordering OrderIntDouble(int64_t a, double b) {
  if (std::isnan(b)) return Ordering::kUnordered;
  if (b >= kTwo63) return Ordering::kLess;
  if (b < -kTwo63) return Ordering::kGreater;
  const auto whole = static_cast<int64_t>(b);
  if (a != whole) return Order(a, whole);
  return Order(0.0, b - static_cast<double>(whole));
}

Ordering OrderUintDouble(uint64_t a, double b) {
  if (std::isnan(b)) return Ordering::kUnordered;
  if (b >= kTwo64) return Ordering::kLess;
  if (b < 0) return Ordering::kGreater;
  const auto whole = static_cast<uint64_t>(b);
  if (a != whole) return Order(a, whole);
  return Order(0.0, b - static_cast<double>(whole));
}

Ordering CompareNumbers(const Value& a, const Value& b) {
  using Kind = Value::Kind;
  switch (a.kind()) {
    case Kind::kInt:
      if (b.kind() == Kind::kInt) return Order(a.as_int(), b.as_int());
      if (b.kind() == Kind::kDouble) return OrderIntDouble(a.as_int(), b.as_double());
      return Ordering::kLess;  // a Uint is above the range of Int
    case Kind::kUint:
      if (b.kind() == Kind::kUint) return Order(a.as_uint(), b.as_uint());
      if (b.kind() == Kind::kDouble) return OrderUintDouble(a.as_uint(), b.as_double());
      return Ordering::kGreater;
    default:
      if (b.kind() == Kind::kDouble) return OrderDoubles(a.as_double(), b.as_double());
      return Reverse(CompareNumbers(b, a));
  }
}

Ordering CompareStrings(std::string_view a, std::string_view b) { return Order(a.compare(b), 0); }

std::string_view BoolText(bool b) { return b ? "true" : "false"; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// A decimal floating-point number that is known to be well formed, without a plus sign.
double DoubleOf(std::string_view text) {
  double d = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), d);
  if (result.ec != std::errc::result_out_of_range) return d;
  // Unlike the standard's, Abseil's function tells too large from too small.
  absl::from_chars(text.data(), text.data() + text.size(), d);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (d > 1) return kInfinity;
  return d < -1 ? -kInfinity : d;
}

}  // namespace

Ordering Compare(const Value& a, const Value& b) {
  using Kind = Value::Kind;
  if (a.is_null() || b.is_null()) return Ordering::kUnordered;
  if (a.is_array() || b.is_array()) return Compare(a.first(), b.first());
  if (a.is_number() && b.is_number()) return CompareNumbers(a, b);
  if (a.is_string() && b.is_string()) return CompareStrings(a.as_string(), b.as_string());
  if (a.kind() == Kind::kBool) {
    if (b.is_string()) return CompareStrings(BoolText(a.as_bool()), b.as_string());
    return Compare(Value::Int(a.as_bool() ? 1 : 0), b);
  }
  if (b.kind() == Kind::kBool) return Reverse(Compare(b, a));
  if (a.is_string()) {
    const std::optional<Value> number = ParseNumber(a.as_string());
    if (number.has_value()) return CompareNumbers(*number, b);
    const bool is_nan = b.kind() == Kind::kDouble && std::isnan(b.as_double());
    return is_nan ? Ordering::kUnordered : Ordering::kGreater;
  }
  return Reverse(Compare(b, a));
}

std::optional<Value> ParseNumber(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  const char* const digits = p;
  uint64_t magnitude = 0;
  bool fits = true;
  for (; p != end && IsDigit(*p); ++p) {
    fits = fits && !__builtin_mul_overflow(magnitude, uint64_t{10}, &magnitude) &&
           !__builtin_add_overflow(magnitude, static_cast<uint64_t>(*p - '0'), &magnitude);
  }
  const bool has_whole = p != digits;
  if (p == end && has_whole && fits) {
    if (!negative) return Value::Uint(magnitude);
    if (magnitude <= static_cast<uint64_t>(INT64_MAX)) {
      return Value::Int(-static_cast<int64_t>(magnitude));
    }
    if (magnitude == static_cast<uint64_t>(INT64_MAX) + 1) return Value::Int(INT64_MIN);
  }
  bool has_fraction = false;
  if (p != end && *p == '.') {
    ++p;
    has_fraction = p != end && IsDigit(*p);
    while (p != end && IsDigit(*p)) ++p;
  }
  if (!has_whole && !has_fraction) return std::nullopt;
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (p == end) return std::nullopt;
    while (p != end && IsDigit(*p)) ++p;
    if (!IsDigit(end[-1])) return std::nullopt;
  }
  if (p != end) return std::nullopt;
  return Value::Double(DoubleOf(text));
}

double ToDouble(const Value& number) {
  switch (number.kind()) {
    case Value::Kind::kInt:
      return static_cast<double>(number.as_int());
    case Value::Kind::kUint:
      return static_cast<double>(number.as_uint());
    default:
      return number.as_double();
  }
}

bool IsExactDouble(const Value& number) {
  if (number.kind() == Value::Kind::kDouble) return !std::isnan(number.as_double());
  return CompareNumbers(number, Value::Double(ToDouble(number))) == Ordering::kEqual;
}

}  // namespace fluxgate
