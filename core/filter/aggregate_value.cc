#include "core/filter/aggregate_value.h"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace fluxgate {
namespace {

using Kind = Value::Kind;

constexpr double kTwo64 = 18446744073709551616.0;

// A whole double in the range of the integers as the integer; NaN and zero in one form.
Value OneForm(double number) {
  if (std::isnan(number)) return Value::Double(NAN);
  if (std::trunc(number) != number) return Value::Double(number);
  if (number >= 0 && number < kTwo64) return Value::Uint(static_cast<uint64_t>(number));
  if (number < 0 && number >= -kTwo64 / 2) return Value::Int(static_cast<int64_t>(number));
  return Value::Double(number);
}

template <typename T>
std::string Tagged(char tag, T number) {
  std::string bytes(1 + sizeof number, tag);
  std::memcpy(bytes.data() + 1, &number, sizeof number);
  return bytes;
}

}  // namespace

void KeptValue::Set(const Value& value) {
  value_ = value;
  if (value.is_string()) {
    text_ = value.as_string();
  } else {
    text_.clear();
    text_.shrink_to_fit();
  }
}

std::string IdentityOf(const Value& value) {
  const Value& first = value.first();
  const Value one = first.kind() == Kind::kDouble ? OneForm(first.as_double()) : first;
  switch (one.kind()) {
    case Kind::kNull:
    case Kind::kArray:
      break;
    case Kind::kBool:
      return one.as_bool() ? "t" : "f";
    case Kind::kInt:
      return Tagged('i', one.as_int());
    case Kind::kUint:
      return Tagged('u', one.as_uint());
    case Kind::kDouble:
      return Tagged('d', one.as_double());
    case Kind::kString:
      return "s" + std::string(one.as_string());
  }
  return {};
}

}  // namespace fluxgate
