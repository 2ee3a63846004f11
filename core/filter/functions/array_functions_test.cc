#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

const Value kNumbers[] = {Value::Int(3), Value::Double(1.5), Value::Int(7)};
const Value kMixed[] = {Value::Null(), Value::String("b"), Value::Int(2), Value::String("10")};
const Value kWithNan[] = {Value::Int(1), Value::Double(std::nan("")), Value::Int(3)};

TEST(ArrayFunctionsTest, CountOfScalarAndNull) {
  EXPECT_EQ(Call("ARRAY_COUNT", {Value::Array(kNumbers)}), "3");
  EXPECT_EQ(Call("ARRAY_COUNT", {Value::Array(kMixed)}), "4");
  EXPECT_EQ(Call("ARRAY_COUNT", {"one"}), "1");
  EXPECT_EQ(Call("ARRAY_COUNT", {nullptr}), "0");
}

TEST(ArrayFunctionsTest, MaxAndMinCompareAsExpressionsDo) {
  EXPECT_EQ(Call("ARRAY_MAX", {Value::Array(kNumbers)}), "7");
  EXPECT_EQ(Call("ARRAY_MIN", {Value::Array(kNumbers)}), "1.5");
  EXPECT_EQ(Call("ARRAY_MAX", {Value::Array(kMixed)}), "'b'");
  EXPECT_EQ(Call("ARRAY_MIN", {Value::Array(kMixed)}), "2");
  EXPECT_EQ(Call("ARRAY_MAX", {Value::Array(kWithNan)}), "NaN");
  EXPECT_EQ(Call("ARRAY_MAX", {5}), "5");
  EXPECT_EQ(Call("ARRAY_MIN", {nullptr}), "NULL");
}

TEST(ArrayFunctionsTest, Sum) {
  EXPECT_EQ(Call("ARRAY_SUM", {Value::Array(kNumbers)}), "11.5");
  EXPECT_EQ(Call("ARRAY_SUM", {Value::Array(std::span(kMixed).subspan(2))}), "12");
  EXPECT_EQ(Call("ARRAY_SUM", {Value::Array(kMixed)}), "NaN");
  EXPECT_EQ(Call("ARRAY_SUM", {Value::Array(kWithNan)}), "NaN");
  EXPECT_EQ(Call("ARRAY_SUM", {nullptr}), "NULL");
  const Value nulls[] = {Value::Null(), Value::Null()};
  EXPECT_EQ(Call("ARRAY_SUM", {Value::Array(nulls)}), "NULL");
}

TEST(ArrayFunctionsTest, ToString) {
  EXPECT_EQ(Call("ARRAY_TO_STRING", {Value::Array(kNumbers), ", "}), "'3, 1.5, 7'");
  EXPECT_EQ(Call("ARRAY_TO_STRING", {Value::Array(kMixed), "-"}), "'b-2-10'");
  EXPECT_EQ(Call("ARRAY_TO_STRING", {Value::Array(kMixed), "-", "none"}), "'none-b-2-10'");
  EXPECT_EQ(Call("ARRAY_TO_STRING", {Value::Array(kNumbers), nullptr}), "'31.57'");
  EXPECT_EQ(Call("ARRAY_TO_STRING", {Value::Array(kWithNan), ",", "?"}), "'1,?,3'");
  EXPECT_EQ(Call("ARRAY_TO_STRING", {5, ","}), "'5'");
  EXPECT_EQ(Call("ARRAY_TO_STRING", {nullptr, ",", "x"}), "NULL");
}

TEST(ArrayFunctionsTest, ToStringIsAsLongAsAnEvaluationMayMakeIt) {
  const std::string half(EvaluationText::kBytesMax / 2 - 8, 'a');
  const Value array[] = {Value::String(half), Value::String(half)};
  const std::string delimiter(16, '-');
  EXPECT_EQ(Call("ARRAY_TO_STRING", {Value::Array(array), delimiter}).size(),
            EvaluationText::kBytesMax + 2);
  EXPECT_EQ(Call("ARRAY_TO_STRING", {Value::Array(array), delimiter + "-"}), "NULL");
}

}  // namespace
}  // namespace fluxgate
