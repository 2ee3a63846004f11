#include "core/filter/functions/builtin_functions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

TEST(BuiltinFunctionsTest, AreFoundInAnyCase) {
  ASSERT_NE(FindBuiltinFunction("CONCAT"), nullptr);
  EXPECT_EQ(FindBuiltinFunction("concat"), FindBuiltinFunction("CONCAT"));
  EXPECT_EQ(FindBuiltinFunction("Regexp_Match"), FindBuiltinFunction("REGEXP_MATCH"));
  EXPECT_EQ(FindBuiltinFunction("CONCA"), nullptr);
  EXPECT_EQ(FindBuiltinFunction(""), nullptr);
}

TEST(BuiltinFunctionsTest, EachIsDescribedInFull) {
  for (const Function* function : BuiltinFunctions()) {
    EXPECT_EQ(FindBuiltinFunction(function->name), function) << function->name;
    EXPECT_NE(function->body, nullptr) << function->name;
    EXPECT_LE(function->arguments_min, function->arguments_max) << function->name;
    EXPECT_GE(function->arguments_min, function->takes_time ? 1 : 0) << function->name;
  }
}

// Every function with values of every kind and at the ends of their ranges in every place.
TEST(BuiltinFunctionsTest, AnyArgumentsGiveAValue) {
  static const std::string kLong(5000, 'a');
  static const Value kArray[] = {Value::Int(1), Value::Null(), Value::String("x")};
  const std::vector<Value> values = {
      Value::Null(),
      Value::Bool(true),
      Value::Int(0),
      Value::Int(-1),
      Value::Int(INT64_MIN),
      Value::Int(INT64_MAX),
      Value::Uint(UINT64_MAX),
      Value::Double(0.5),
      Value::Double(-0.0),
      Value::Double(1e308),
      Value::Double(-5e-324),
      Value::Double(std::nan("")),
      Value::Double(std::numeric_limits<double>::infinity()),
      Value::String("12"),
      Value::String("%Y\\1$("),
      Value::String(std::string_view("\0\xff", 2)),
      Value::String(kLong),
      Value::Array(kArray),
  };
  EvaluationContext context;
  for (const Function* function : BuiltinFunctions()) {
    const size_t most = std::min<size_t>(function->arguments_max, 4);
    for (size_t count = function->arguments_min; count <= most; ++count) {
      size_t combinations = 1;
      for (size_t i = 0; i < count; ++i) combinations *= values.size();
      std::vector<Value> arguments(count);
      // Of the many combinations of four an odd step takes a sample.
      const size_t step = count > 3 ? 37 : 1;
      for (size_t combination = 0; combination < combinations; combination += step) {
        size_t rest = combination;
        for (Value& argument : arguments) {
          argument = values[rest % values.size()];
          if (!function->takes_arrays) argument = argument.first();
          rest /= values.size();
        }
        context.text.Reset();
        const Value result = function->body(arguments, context);
        if (!result.is_string()) continue;
        // Reads all of it, for the sanitizers.
        EXPECT_LE(std::string(result.as_string()).size(), EvaluationText::kBytesMax);
      }
    }
  }
}

}  // namespace
}  // namespace fluxgate
