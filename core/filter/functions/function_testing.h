// For tests: calls a function by name with plain C++ values and shows the result as text.
#ifndef FLUXGATE_CORE_FILTER_FUNCTIONS_FUNCTION_TESTING_H_
#define FLUXGATE_CORE_FILTER_FUNCTIONS_FUNCTION_TESTING_H_

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/filter/functions/builtin_functions.h"

namespace fluxgate {

// What a test writes for a value: nullptr is NULL.
class Argument {
 public:
  Argument(std::nullptr_t) {}                                   // NOLINT: meant to convert
  Argument(bool b) : value_(Value::Bool(b)) {}                  // NOLINT
  Argument(int i) : value_(Value::Int(i)) {}                    // NOLINT
  Argument(int64_t i) : value_(Value::Int(i)) {}                // NOLINT
  Argument(uint64_t i) : value_(Value::Uint(i)) {}              // NOLINT
  Argument(double d) : value_(Value::Double(d)) {}              // NOLINT
  Argument(const char* s) : value_(Value::String(s)) {}         // NOLINT
  Argument(std::string_view s) : value_(Value::String(s)) {}    // NOLINT
  Argument(const std::string& s) : value_(Value::String(s)) {}  // NOLINT
  Argument(const Value& value) : value_(value) {}               // NOLINT
  const Value& value() const { return value_; }

 private:
  Value value_;
};

// NULL, true, 1, 1.0, NaN, 'text', [1, 2].
inline std::string Show(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "NULL";
    case Value::Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Value::Kind::kInt:
      return fmt::format("{}", value.as_int());
    case Value::Kind::kUint:
      return fmt::format("{}", value.as_uint());
    case Value::Kind::kDouble:
      if (std::isnan(value.as_double())) return "NaN";
      if (std::trunc(value.as_double()) == value.as_double() &&
          std::abs(value.as_double()) < 1e15) {
        return fmt::format("{:.1f}", value.as_double());
      }
      return fmt::format("{}", value.as_double());
    case Value::Kind::kString:
      return fmt::format("'{}'", value.as_string());
    case Value::Kind::kArray:
      break;
  }
  std::string text = "[";
  for (const Value& element : value.as_array()) {
    text += (text.size() == 1 ? "" : ", ") + Show(element);
  }
  return text + "]";
}

inline const Function& Find(std::string_view name) {
  const Function* const function = FindBuiltinFunction(name);
  if (function == nullptr) ADD_FAILURE() << "no function " << name;
  static const Function kNone{
      .name = "", .body = [](std::span<const Value>, EvaluationContext&) { return Value::Null(); }};
  return function == nullptr ? kNone : *function;
}

// The result goes with the next call for `context`, as in an evaluation of its own.
inline std::string CallIn(EvaluationContext& context, std::string_view name,
                          std::initializer_list<Argument> arguments) {
  const Function& function = Find(name);
  std::vector<Value> values;
  for (const Argument& argument : arguments) values.push_back(argument.value());
  EXPECT_GE(values.size(), function.arguments_min) << name;
  EXPECT_LE(values.size(), function.arguments_max) << name;
  context.text.Reset();
  return Show(function.body(values, context));
}

inline std::string Call(std::string_view name, std::initializer_list<Argument> arguments) {
  EvaluationContext context;
  return CallIn(context, name, arguments);
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FUNCTIONS_FUNCTION_TESTING_H_
