#include "core/module/loaded_functions.h"

#include "core/base/error.h"
#include "core/filter/filter.h"
#include "core/filter/value_expression.h"
#include "core/module/testing/module_testing.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

class LoadedFunctionsTest : public testing::Test {
 protected:
  void SetUp() override {
    const ModuleDefinition definitions[] = {
        {"sample", ModulePath("modules/samples/functions/functions.so"), {}},
        {"bad", TestModulePath("bad_functions"), {}}};
    ASSERT_TRUE(host_.Load(definitions).ok());
  }

  std::string LoadError(const LoadedFunctionDefinition& definition) {
    const auto functions = LoadFunctions(host_, std::span(&definition, 1));
    EXPECT_FALSE(functions.ok());
    return ErrorText(functions.status());
  }

  // The value of an expression whose only field is 9 bytes of text, "/t".
  std::string Evaluate(std::string_view text) {
    const LoadedFunctionDefinition definitions[] = {
        {"IsReverse", "sample", "isreverse", 2},
        {"LEVENSHTEIN", "sample", "levenshtein", 2},
        {"INITIALS", "sample", "initials", -1},
        {"CLAMP", "sample", "clamp", 3},
        {"UNKNOWN_TYPE", "bad", "unknown_type", 0},
        {"AN_ARRAY", "bad", "an_array", 1},
        {"NO_TEXT", "bad", "no_text", 0},
        {"THROWS", "bad", "throws", 1},
        {"OTHER_CODE", "bad", "other_code", 0},
        {"LONG_TEXT", "bad", "long_text", 1},
        {"ENDLESS_TEXT", "bad", "endless_text", 0},
        {"COUNT_ARGUMENTS", "bad", "count_arguments", -1},
    };
    const auto functions = LoadFunctions(host_, definitions);
    EXPECT_TRUE(functions.ok()) << functions.status();
    FieldTable fields;
    const auto expression =
        ValueExpression::Compile(text, fields, {}, {.functions = functions->get()});
    if (!expression.ok()) return ErrorText(expression.status());
    const std::vector<Value> values(8, Value::String("ann lee b"));
    EvaluationInput input;
    input.values = values;
    EvaluationContext context;
    const Value value = (*expression)->Evaluate(input, context);
    switch (value.kind()) {
      case Value::Kind::kNull:
        return "NULL";
      case Value::Kind::kBool:
        return value.as_bool() ? "TRUE" : "FALSE";
      case Value::Kind::kInt:
        return std::to_string(value.as_int());
      case Value::Kind::kDouble:
        return std::to_string(value.as_double());
      case Value::Kind::kString:
        return std::string(value.as_string());
      default:
        return "?";
    }
  }

  TestLog log_;
  ModuleHost host_{log_.function()};
};

TEST_F(LoadedFunctionsTest, GiveTheirValuesOfFieldsAndConstants) {
  EXPECT_EQ(Evaluate("isreverse(/t, 'b eel nna')"), "TRUE");
  EXPECT_EQ(Evaluate("ISREVERSE('ab', 'ab')"), "FALSE");
  EXPECT_EQ(Evaluate("ISREVERSE(1, 'ab')"), "NULL");
  EXPECT_EQ(Evaluate("levenshtein('kitten', 'sitting')"), "3");
  EXPECT_EQ(Evaluate("INITIALS(/t, 'x y')"), "albxy");
  EXPECT_EQ(Evaluate("INITIALS()"), "NULL");
  EXPECT_EQ(Evaluate("CLAMP(7, 1, 5)"), "5");
  EXPECT_EQ(Evaluate("CLAMP(2.5, 1, 5)"), "2.500000");
  EXPECT_EQ(Evaluate("CLAMP(LENGTH(/t), 1, LEVENSHTEIN(/t, ''))"), "NULL");  // '' is NULL
  EXPECT_EQ(Evaluate("CLAMP(LENGTH(/t), 1, 5) + 1"), "6");
}

TEST_F(LoadedFunctionsTest, MoreArgumentsThanFitInPlace) {
  std::string call = "COUNT_ARGUMENTS(/t";
  for (int i = 1; i < 40; ++i) call += ", /t";
  EXPECT_EQ(Evaluate(call + ")"), "40");
  EXPECT_EQ(Evaluate("COUNT_ARGUMENTS(/t,/t,/t,/t,/t,/t,/t,/t,/t,/t,/t,/t,/t,/t,/t,/t)"), "16");
}

TEST_F(LoadedFunctionsTest, ArgumentsAreCounted) {
  EXPECT_EQ(Evaluate("ISREVERSE(/t)"), "ISREVERSE takes 2 arguments, found 1 at byte 0");
}

TEST_F(LoadedFunctionsTest, WhatMakesNoSenseIsNull) {
  EXPECT_EQ(Evaluate("UNKNOWN_TYPE()"), "NULL");
  EXPECT_TRUE(log_.Has("module bad: unknown_type gave a value of a type that there is not"));
  EXPECT_EQ(Evaluate("AN_ARRAY(/t)"), "NULL");
  EXPECT_EQ(Evaluate("NO_TEXT()"), "NULL");
  EXPECT_EQ(Evaluate("OTHER_CODE()"), "NULL");
  EXPECT_EQ(Evaluate("THROWS(/t)"), "NULL");
  EXPECT_TRUE(log_.Has("module bad: throws was left by an exception"));
}

TEST_F(LoadedFunctionsTest, TextIsLimited) {
  EXPECT_EQ(Evaluate("LENGTH(LONG_TEXT(4194304 - 0 * LENGTH(/t)))"), "4194304");
  EXPECT_EQ(Evaluate("LENGTH(LONG_TEXT(4194305 - 0 * LENGTH(/t)))"), "NULL");
  EXPECT_EQ(Evaluate("ENDLESS_TEXT()"), "NULL");
  EXPECT_TRUE(log_.Has("endless_text gave text over the limit"));
}

TEST_F(LoadedFunctionsTest, WhatIsMissingIsNamed) {
  EXPECT_EQ(LoadError({"F", "other", "isreverse", 1}), "function F: there is no module 'other'");
  EXPECT_NE(LoadError({"F", "sample", "nothing", 1}).find("does not define nothing"),
            std::string::npos);
  EXPECT_EQ(LoadError({"concat", "sample", "isreverse", 1}),
            "function 'concat' has a name that means something already");
  EXPECT_EQ(LoadError({"F", "sample", "isreverse", 255}),
            "function 'F' has more than 254 parameters");
}

TEST_F(LoadedFunctionsTest, TheModuleLivesAsLongAsItsFunctions) {
  const LoadedFunctionDefinition definition{"F", "sample", "isreverse", 2};
  const auto functions = LoadFunctions(host_, std::span(&definition, 1));
  ASSERT_TRUE(functions.ok());
  EXPECT_EQ(host_.Find("sample").value().use_count(), 3);  // here, the host's, the function's
}

}  // namespace
}  // namespace fluxgate
