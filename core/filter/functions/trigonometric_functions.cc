// Trigonometry, in radians. NaN outside of a function's domain.
#include <algorithm>
#include <cmath>

#include "core/filter/compare.h"
#include "core/filter/functions/arguments.h"
#include "core/filter/functions/builtin_functions.h"

namespace fluxgate {
namespace {

using Arguments = std::span<const Value>;

double Cotangent(double angle) { return 1 / std::tan(angle); }

template <double (*F)(double)>
Value OfAngle(Arguments arguments, EvaluationContext&) {
  const Value number = NumberOf(arguments[0]);
  return number.is_null() ? number : Value::Double(F(ToDouble(number)));
}

Value ArcTangentOfTwo(Arguments arguments, EvaluationContext&) {
  if (AnyNull(arguments)) return Value::Null();
  return Value::Double(
      std::atan2(ToDouble(NumberOf(arguments[0])), ToDouble(NumberOf(arguments[1]))));
}

constexpr Function OneArgument(std::string_view name, FunctionBody body) {
  return {.name = name, .arguments_min = 1, .arguments_max = 1, .body = body};
}

}  // namespace

std::span<const Function> TrigonometricFunctions() {
  static constexpr Function kFunctions[] = {
      OneArgument("ACOS", OfAngle<std::acos>),
      OneArgument("ASIN", OfAngle<std::asin>),
      OneArgument("ATAN", OfAngle<std::atan>),
      {.name = "ATAN2", .arguments_min = 2, .arguments_max = 2, .body = ArcTangentOfTwo},
      OneArgument("COS", OfAngle<std::cos>),
      OneArgument("COSH", OfAngle<std::cosh>),
      OneArgument("COT", OfAngle<Cotangent>),
      OneArgument("SIN", OfAngle<std::sin>),
      OneArgument("SINH", OfAngle<std::sinh>),
      OneArgument("TAN", OfAngle<std::tan>),
      OneArgument("TANH", OfAngle<std::tanh>),
  };
  return kFunctions;
}

}  // namespace fluxgate
