#include "core/filter/value_order.h"

#include <cmath>
#include <optional>

#include "core/filter/compare.h"

namespace fluxgate {
namespace {

using Kind = Value::Kind;

enum class Group { kNull, kNan, kNumber, kText };

bool IsNanNumber(const Value& number) {
  return number.kind() == Kind::kDouble && std::isnan(number.as_double());
}

Group GroupOf(const PlacedValue& placed) {
  if (!placed.number.is_null()) {
    return IsNanNumber(placed.number) ? Group::kNan : Group::kNumber;
  }
  return placed.value.is_null() ? Group::kNull : Group::kText;
}

// Numbers, of which none is NaN.
std::weak_ordering CompareNumbers(const Value& a, const Value& b) {
  if (a.kind() == Kind::kInt && b.kind() == Kind::kInt) return a.as_int() <=> b.as_int();
  switch (Compare(a, b)) {
    case Ordering::kLess:
      return std::weak_ordering::less;
    case Ordering::kGreater:
      return std::weak_ordering::greater;
    default:
      return std::weak_ordering::equivalent;
  }
}

int KindOrder(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return 2;
    case Kind::kString:
      return 3;
    case Kind::kDouble:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

PlacedValue::PlacedValue(const Value& any) : value(any.first()) {
  if (value.is_number()) {
    number = value;
  } else if (value.is_string()) {
    number = ParseNumber(value.as_string()).value_or(Value::Null());
  } else if (value.kind() == Kind::kBool) {
    number = Value::Int(value.as_bool() ? 1 : 0);
  }
}

std::weak_ordering ComparePlaces(const PlacedValue& a, const PlacedValue& b) {
  if (a.number.kind() == Kind::kDouble && b.number.kind() == Kind::kDouble) {
    const std::partial_ordering order = a.number.as_double() <=> b.number.as_double();
    if (order < 0) return std::weak_ordering::less;
    if (order > 0) return std::weak_ordering::greater;
  }
  const Group group = GroupOf(a);
  if (const auto order = group <=> GroupOf(b); order != 0) return order;
  switch (group) {
    case Group::kNumber:
      return CompareNumbers(a.number, b.number);
    case Group::kText:
      return a.value.as_string() <=> b.value.as_string();
    case Group::kNull:
    case Group::kNan:
      break;
  }
  return std::weak_ordering::equivalent;
}

std::weak_ordering CompareFully(const PlacedValue& a, const PlacedValue& b) {
  if (const auto order = ComparePlaces(a, b); order != 0) return order;
  const Kind kind = a.value.kind();
  if (const auto order = KindOrder(kind) <=> KindOrder(b.value.kind()); order != 0) return order;
  if (kind == Kind::kString) return a.value.as_string() <=> b.value.as_string();
  if (kind == Kind::kDouble && a.value.as_double() == 0) {
    return std::signbit(b.value.as_double()) <=> std::signbit(a.value.as_double());
  }
  return std::weak_ordering::equivalent;
}

}  // namespace fluxgate
