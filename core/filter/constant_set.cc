#include "core/filter/constant_set.h"

#include <algorithm>
#include <optional>

namespace fluxgate {
namespace {

using Kind = Value::Kind;

bool Less(const Value& a, const Value& b) { return Compare(a, b) == Ordering::kLess; }

bool HasNumber(const std::vector<Value>& sorted, const Value& number) {
  return std::binary_search(sorted.begin(), sorted.end(), number, Less);
}

std::string_view BoolText(const Value& value) { return value.as_bool() ? "true" : "false"; }

}  // namespace

ConstantSet::ConstantSet(std::span<const Value> constants) {
  for (const Value& constant : constants) {
    if (constant.is_null() || IsNan(constant)) {
      has_null_ = true;
    } else if (constant.is_number()) {
      numbers_.push_back(constant);
      plain_numbers_.push_back(constant);
    } else if (constant.kind() == Kind::kBool) {
      strings_.push_back(BoolText(constant));
      numbers_.push_back(Value::Int(constant.as_bool() ? 1 : 0));
    } else {
      strings_.push_back(constant.as_string());
      const std::optional<Value> number = ParseNumber(constant.as_string());
      if (number.has_value()) numbers_.push_back(*number);
    }
  }
  std::sort(strings_.begin(), strings_.end());
  std::sort(numbers_.begin(), numbers_.end(), Less);
  std::sort(plain_numbers_.begin(), plain_numbers_.end(), Less);
}

Truth ConstantSet::Contains(const Value& value) const {
  if (value.is_array()) return ContainsAny(value.as_array());
  bool found = false;
  switch (value.kind()) {
    case Kind::kNull:
      return Truth::kNull;
    case Kind::kBool:
      found = HasString(BoolText(value)) ||
              HasNumber(plain_numbers_, Value::Int(value.as_bool() ? 1 : 0));
      break;
    case Kind::kString:
      found = HasString(value.as_string());
      if (!found && !plain_numbers_.empty()) {
        const std::optional<Value> number = ParseNumber(value.as_string());
        found = number.has_value() && HasNumber(plain_numbers_, *number);
      }
      break;
    case Kind::kDouble:
      if (IsNan(value)) return Truth::kNull;
      [[fallthrough]];
    default:
      found = HasNumber(numbers_, value);
  }
  if (found) return Truth::kTrue;
  return has_null_ ? Truth::kNull : Truth::kFalse;
}

// As if the elements were joined by OR.
Truth ConstantSet::ContainsAny(std::span<const Value> elements) const {
  Truth truth = Truth::kFalse;
  for (const Value& element : elements) {
    truth = Or(truth, Contains(element));
    if (truth == Truth::kTrue) break;
  }
  return truth;
}

bool ConstantSet::HasString(std::string_view text) const {
  return std::binary_search(strings_.begin(), strings_.end(), text);
}

}  // namespace fluxgate
