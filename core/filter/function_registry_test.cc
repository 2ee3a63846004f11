#include "core/filter/function_registry.h"

#include <string>

#include "core/base/error.h"
#include "core/filter/parser.h"
#include "core/filter/value_expression.h"
#include "fmt/format.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

// Gives the number that its data points to, plus its first argument.
Value AddData(std::span<const Value> arguments, EvaluationContext& context) {
  return Value::Int(*static_cast<const int*>(context.data) + arguments[0].as_int());
}

constexpr int kSeven = 7;

Function PlusSeven(std::string_view name) {
  return {.name = name, .arguments_min = 1, .arguments_max = 1, .body = AddData, .data = &kSeven};
}

bool Matches(const FunctionRegistry& functions, std::string_view text, int64_t a) {
  FieldTable fields;
  const auto expression = ValueExpression::Compile(text, fields, {}, {.functions = &functions});
  EXPECT_TRUE(expression.ok()) << expression.status();
  const std::vector<Value> values(8, Value::Int(a));
  EvaluationInput input;
  input.values = values;
  EvaluationContext context;
  return (*expression)->Evaluate(input, context).as_bool();
}

TEST(FunctionRegistryTest, FunctionsAreCalledWithTheirDataInAnyCase) {
  FunctionRegistry functions;
  ASSERT_TRUE(functions.Add(PlusSeven("Plus_Seven")).ok());
  EXPECT_TRUE(Matches(functions, "plus_seven(/a) = 8", 1));
  EXPECT_FALSE(Matches(functions, "PLUS_SEVEN(/a) = 8", 2));
  EXPECT_TRUE(Matches(functions, "Plus_Seven(1) = 8", 0));  // when the filter is compiled
}

TEST(FunctionRegistryTest, WithoutItTheFunctionIsUnknown) {
  EXPECT_FALSE(ParseExpression("plus_seven(/a) = 8", {}, {}).ok());
  const FunctionRegistry empty;
  const auto parsed = ParseExpression("plus_seven(/a) = 8", {}, {.functions = &empty});
  EXPECT_EQ(ErrorText(parsed.status()), "unknown function 'plus_seven' at byte 0");
}

TEST(FunctionRegistryTest, ArgumentsAreCounted) {
  FunctionRegistry functions;
  ASSERT_TRUE(functions.Add(PlusSeven("f")).ok());
  const auto parsed = ParseExpression("f(1, 2) = 8", {}, {.functions = &functions});
  EXPECT_EQ(ErrorText(parsed.status()), "F takes 1 argument, found 2 at byte 0");
}

TEST(FunctionRegistryTest, NamesThatMeanSomethingAreRefused) {
  FunctionRegistry functions;
  for (const std::string_view name :
       {"CONCAT", "sum", "if", "Topic_Name", "client_name", "AMPS_INSTANCE_NAME", "and", "null",
        "True", "of", "as", "hint", "not"}) {
    EXPECT_EQ(ErrorText(functions.Add(PlusSeven(name))),
              fmt::format("function '{}' has a name that means something already", name));
  }
  for (const std::string_view name : {"", "1f", "a-b", "a b", "\xC3\xA4"}) {
    EXPECT_FALSE(functions.Add(PlusSeven(name)).ok()) << name;
  }
  ASSERT_TRUE(functions.Add(PlusSeven("f")).ok());
  EXPECT_EQ(ErrorText(functions.Add(PlusSeven("F"))), "function 'F' is there twice");
}

TEST(FunctionRegistryTest, Limits) {
  FunctionRegistry functions;
  EXPECT_TRUE(functions.Add(PlusSeven(std::string(FunctionRegistry::kNameBytesMax, 'x'))).ok());
  EXPECT_FALSE(
      functions.Add(PlusSeven(std::string(FunctionRegistry::kNameBytesMax + 1, 'x'))).ok());
  for (size_t i = 1; i < FunctionRegistry::kFunctionsMax; ++i) {
    ASSERT_TRUE(functions.Add(PlusSeven(fmt::format("f{}", i))).ok());
  }
  EXPECT_EQ(ErrorText(functions.Add(PlusSeven("more"))),
            "function 'more' is one too many: at most 1024");
}

}  // namespace
}  // namespace fluxgate
