#include "core/filter/operators.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace fluxgate {
namespace {

using Kind = Value::Kind;
using Wide = __int128;

const Value kNan = Value::Double(std::numeric_limits<double>::quiet_NaN());

Wide WideOf(const Value& integer) {
  return integer.kind() == Kind::kInt ? Wide{integer.as_int()} : Wide{integer.as_uint()};
}

Value IntegerArithmetic(ArithmeticOp op, Wide a, Wide b) {
  switch (op) {
    case ArithmeticOp::kAdd:
      return IntegerOf(a + b);
    case ArithmeticOp::kSubtract:
      return IntegerOf(a - b);
    case ArithmeticOp::kMultiply: {
      Wide product;
      if (__builtin_mul_overflow(a, b, &product)) {
        return Value::Double(static_cast<double>(a) * static_cast<double>(b));
      }
      return IntegerOf(product);
    }
    case ArithmeticOp::kDivide:
      return b == 0 ? Value::Null() : IntegerOf(a / b);
    case ArithmeticOp::kModulo:
      return b == 0 ? Value::Null() : IntegerOf(a % b);
  }
  return Value::Null();
}

Value DoubleArithmetic(ArithmeticOp op, double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return kNan;
  switch (op) {
    case ArithmeticOp::kAdd:
      return Value::Double(a + b);
    case ArithmeticOp::kSubtract:
      return Value::Double(a - b);
    case ArithmeticOp::kMultiply:
      return Value::Double(a * b);
    case ArithmeticOp::kDivide:
      return b == 0 ? Value::Null() : Value::Double(a / b);
    case ArithmeticOp::kModulo:
      return b == 0 ? Value::Null() : Value::Double(std::fmod(a, b));
  }
  return Value::Null();
}

template <typename Test>
Truth TestText(const Value& value, const Value& part, Test&& test) {
  return AnyElementOfEither(value, part, [&test](const Value& a, const Value& b) {
    TextBuffer buffers[2];
    const std::string_view text = TextOf(a, buffers[0]);
    const std::string_view wanted = TextOf(b, buffers[1]);
    if (text.empty() || wanted.empty()) return Truth::kNull;
    return TruthOf(test(text, wanted));
  });
}

}  // namespace

Value NumberOf(const Value& any) {
  const Value& value = any.first();
  if (value.kind() == Kind::kBool) return Value::Int(value.as_bool() ? 1 : 0);
  if (value.is_string()) return ParseNumber(value.as_string()).value_or(kNan);
  return value;
}

Value IntegerOf(__int128 wide) {
  if (wide > Wide{UINT64_MAX} || wide < Wide{INT64_MIN}) {
    return Value::Double(static_cast<double>(wide));
  }
  return wide < 0 ? Value::Int(static_cast<int64_t>(wide))
                  : Value::Uint(static_cast<uint64_t>(wide));
}

Truth TruthOf(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return Truth::kNull;
    case Kind::kBool:
      return TruthOf(value.as_bool());
    case Kind::kInt:
      return TruthOf(value.as_int() != 0);
    case Kind::kUint:
      return Truth::kTrue;
    case Kind::kDouble:
      return IsNan(value) ? Truth::kNull : TruthOf(value.as_double() != 0);
    case Kind::kArray:
      return TruthOf(value.first());
    case Kind::kString:
      break;
  }
  const std::string_view text = value.as_string();
  if (text == "true") return Truth::kTrue;
  if (text == "false") return Truth::kFalse;
  const std::optional<Value> number = ParseNumber(text);
  return number.has_value() ? TruthOf(*number) : Truth::kNull;
}

CompareOp Mirrored(CompareOp op) {
  switch (op) {
    case CompareOp::kLess:
      return CompareOp::kGreater;
    case CompareOp::kLessEqual:
      return CompareOp::kGreaterEqual;
    case CompareOp::kGreater:
      return CompareOp::kLess;
    case CompareOp::kGreaterEqual:
      return CompareOp::kLessEqual;
    default:
      return op;
  }
}

Value Arithmetic(ArithmeticOp op, const Value& a, const Value& b) {
  if (a.first().is_null() || b.first().is_null()) return Value::Null();
  const Value x = NumberOf(a);
  const Value y = NumberOf(b);
  if (x.kind() != Kind::kDouble && y.kind() != Kind::kDouble) {
    return IntegerArithmetic(op, WideOf(x), WideOf(y));
  }
  return DoubleArithmetic(op, ToDouble(x), ToDouble(y));
}

Value Negate(const Value& a) {
  if (a.first().is_null()) return Value::Null();
  const Value x = NumberOf(a);
  return x.kind() == Kind::kDouble ? Value::Double(-x.as_double()) : IntegerOf(-WideOf(x));
}

std::string_view TextOf(const Value& value, TextBuffer& buffer) {
  char* const begin = buffer.bytes;
  char* const end = begin + sizeof buffer.bytes;
  std::to_chars_result result{begin, std::errc()};
  switch (value.kind()) {
    case Kind::kNull:
      break;
    case Kind::kString:
      return value.as_string();
    case Kind::kArray:
      return TextOf(value.first(), buffer);
    case Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Kind::kInt:
      result = std::to_chars(begin, end, value.as_int());
      break;
    case Kind::kUint:
      result = std::to_chars(begin, end, value.as_uint());
      break;
    case Kind::kDouble:
      if (!IsNan(value)) result = std::to_chars(begin, end, value.as_double());
      break;
  }
  return {begin, static_cast<size_t>(result.ptr - begin)};
}

Truth Between(const Value& value, const Value& low, const Value& high) {
  return AnyElement(value, [&](const Value& element) {
    return And(Holds(CompareOp::kGreaterEqual, Compare(element, low)),
               Holds(CompareOp::kLessEqual, Compare(element, high)));
  });
}

Truth BeginsWith(const Value& value, const Value& prefix) {
  return TestText(value, prefix, [](std::string_view text, std::string_view part) {
    return text.starts_with(part);
  });
}

Truth EndsWith(const Value& value, const Value& suffix) {
  return TestText(value, suffix, [](std::string_view text, std::string_view part) {
    return text.ends_with(part);
  });
}

Truth Like(const Value& value, const Regex& regex, uint64_t& work_left) {
  return AnyElement(value, [&](const Value& element) {
    TextBuffer buffer;
    const std::string_view text = TextOf(element, buffer);
    if (text.empty()) return Truth::kNull;
    switch (regex.Match(text, work_left)) {
      case RegexMatch::kNo:
        return Truth::kFalse;
      case RegexMatch::kYes:
        return Truth::kTrue;
      case RegexMatch::kLimit:
        break;
    }
    return Truth::kNull;
  });
}

bool IsNan(const Value& any) {
  const Value& value = any.first();
  return value.kind() == Kind::kDouble && std::isnan(value.as_double());
}

bool IsFinite(const Value& value) {
  return value.kind() != Kind::kDouble || std::isfinite(value.as_double());
}

}  // namespace fluxgate
