#include "core/filter/value_expression.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/filter/aggregate_expression.h"
#include "core/filter/field_construction.h"
#include "core/message/message_testing.h"

namespace fluxgate {
namespace {

class ValueExpressionTest : public testing::Test {
 protected:
  void Set(const char* field, const Value& value, std::vector<Value>& values) {
    FieldPath path;
    path.steps.emplace_back(field);
    const FieldSlot slot = *fields_.Acquire(path);
    values.resize(64);
    values[slot] = value;
  }

  std::string Result(std::string_view text, const ExpressionScope& scope = {}) {
    const auto expression = ValueExpression::Compile(text, fields_, {}, scope);
    if (!expression.ok()) return ErrorText(expression.status());
    values_.resize(64);
    previous_.resize(64);
    EvaluationInput input;
    input.values = values_;
    input.current = values_;
    input.previous = previous_;
    return ValueText((*expression)->Evaluate(input, context_));
  }

  FieldTable fields_;
  std::vector<Value> values_;
  std::vector<Value> previous_;
  EvaluationContext context_;
};

TEST_F(ValueExpressionTest, GivesValuesOfEveryKind) {
  Set("a", Value::Int(3), values_);
  Set("s", Value::String("x"), values_);
  EXPECT_EQ(Result("/a + 1"), "4");
  EXPECT_EQ(Result("/a / 2.0"), "1.5d");
  EXPECT_EQ(Result("/a > 1"), "true");
  EXPECT_EQ(Result("/none"), "NULL");
  EXPECT_EQ(Result("CONCAT(/s, '-', /a)"), "'x-3'");
  EXPECT_EQ(Result("'only' "), "'only'");
  EXPECT_EQ(Result("IF(/a > 1, 'big', 'small')"), "'big'");
  EXPECT_EQ(Result("IF(/none > 1, 'big', 'small')"), "'small'");
}

TEST_F(ValueExpressionTest, IfEvaluatesOnlyTheBranchTaken) {
  Set("n", Value::Int(0), values_);
  EXPECT_EQ(Result("IF(/n = 0, 'none', 10 / /n)"), "'none'");
  EXPECT_EQ(Result("1 + IF(/n = 0, IF(TRUE, 2, 3), 4) * 10"), "21");
}

TEST_F(ValueExpressionTest, ReadsTheRecordBeforeAndAfter) {
  const ExpressionScope records{.records = true};
  Set("qty", Value::Int(5), values_);
  Set("qty", Value::Int(3), previous_);
  EXPECT_EQ(Result("/qty OF CURRENT - /qty OF PREVIOUS", records), "2");
  EXPECT_EQ(Result("COALESCE(/qty OF PREVIOUS, 0) + /qty", records), "8");
  EXPECT_NE(Result("/qty OF PREVIOUS = 1").find("for topics that keep records"), std::string::npos);
  EXPECT_NE(Result("/qty OF LATER", records).find("CURRENT or PREVIOUS"), std::string::npos);
}

TEST_F(ValueExpressionTest, QualifiedFieldsAreForViewsOnly) {
  const ExpressionScope views{.qualified_fields = true};
  const auto expression =
      ValueExpression::Compile("[json].[orders].[/a b] + [quotes]./c/d", fields_, {}, views);
  ASSERT_TRUE(expression.ok()) << expression.status();
  EXPECT_EQ((*expression)->canonical(), "[json].[orders].[/a b] + [quotes]./c/d");
  EXPECT_NE(Result("[orders]./a").find("is for views"), std::string::npos);
}

TEST_F(ValueExpressionTest, NonDeterministicFunctionsCanBeRefused) {
  const ExpressionScope strict{.deterministic_only = true};
  EXPECT_NE(Result("UNIX_TIMESTAMP() > 5", strict).find("another value each time"),
            std::string::npos);
  EXPECT_NE(Result("UUID7()", strict).find("another value each time"), std::string::npos);
  EXPECT_EQ(Result("LENGTH('abc')", strict), "3");
}

TEST_F(ValueExpressionTest, WhatIsKnownOfTheClientIsAConstant) {
  const ClientFacts client{"pricing-7", "anna", "127.0.0.1:4711", "", "tcp-1"};
  const ExpressionScope scope{.client = &client, .instance_name = "east", .group_name = "g"};
  EXPECT_EQ(Result("CLIENT_NAME()", scope), "'pricing-7'");
  EXPECT_EQ(Result("USER()", scope), "'anna'");
  EXPECT_EQ(Result("REMOTE_ADDRESS()", scope), "'127.0.0.1:4711'");
  EXPECT_EQ(Result("CLIENT_VERSION()", scope), "NULL");
  EXPECT_EQ(Result("CONNECTION_NAME()", scope), "'tcp-1'");
  EXPECT_EQ(Result("AMPS_INSTANCE_NAME()", scope), "'east'");
  EXPECT_EQ(Result("AMPS_GROUP_NAME()", scope), "'g'");
  EXPECT_NE(Result("CLIENT_NAME()").find("where a client subscribes"), std::string::npos);
  EXPECT_NE(Result("USER(1)", scope).find("takes no arguments"), std::string::npos);
}

TEST_F(ValueExpressionTest, ReleasesItsFields) {
  const uint32_t before = fields_.in_use();
  EXPECT_EQ(Result("/x + /y + /z"), "NULL");
  EXPECT_EQ(fields_.in_use(), before);
}

TEST_F(ValueExpressionTest, ConstructionSaysWhereTheValueGoes) {
  auto total = FieldConstruction::Compile(
      "/qty * /price AS /order/total HINT optional, SET_CURRENT", fields_);
  ASSERT_TRUE(total.ok()) << total.status();
  EXPECT_EQ(total->destination.ToString(), "/order/total");
  EXPECT_TRUE(total->optional);
  EXPECT_TRUE(total->set_current);
  auto same = FieldConstruction::Compile("/order/id", fields_);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->destination.ToString(), "/order/id");
  EXPECT_FALSE(same->optional);
  for (const char* bad : {"/a + 1", "/a AS", "/a AS 5", "/a AS /b HINT", "/a AS /b HINT LATER",
                          "/a AS /b /c", "MESSAGE_SIZE()"}) {
    const auto failed = FieldConstruction::Compile(bad, fields_);
    EXPECT_EQ(ErrorCodeOf(failed.status()), ErrorCode::kBadFilter) << bad;
  }
}

TEST_F(ValueExpressionTest, AggregatesGoOverAGroup) {
  const auto vwap =
      AggregateExpression::Compile("SUM(/qty * /price) / SUM(/qty) + /offset", fields_);
  ASSERT_TRUE(vwap.ok()) << vwap.status();
  AggregateExpression::Group group = (*vwap)->NewGroup();
  std::vector<Value> row;
  for (int i = 1; i <= 3; ++i) {
    Set("qty", Value::Int(i), row);
    Set("price", Value::Double(i * 10), row);
    Set("offset", Value::Int(i * 100), row);
    (*vwap)->Add(group, row, context_);
  }
  EXPECT_EQ(ValueText((*vwap)->Result(group, row, context_)),
            ValueText(Value::Double(140.0 / 6 + 300)));
  AggregateExpression::Group other = (*vwap)->NewGroup();
  EXPECT_EQ(ValueText((*vwap)->Result(other, row, context_)), "NULL");
}

TEST_F(ValueExpressionTest, RowsOfAGroupAreTakenBack) {
  const auto expression =
      AggregateExpression::Compile("CONCAT(SUM(/qty * /price), ' ', MAX(/price))", fields_);
  ASSERT_TRUE(expression.ok()) << expression.status();
  AggregateExpression::Group group = (*expression)->NewGroup(Aggregate::Removal::kAllowed);
  std::vector<Value> row;
  for (int i = 1; i <= 3; ++i) {
    Set("qty", Value::Int(i), row);
    Set("price", Value::Int(i * 10), row);
    (*expression)->Add(group, row, context_);
  }
  EXPECT_EQ(ValueText((*expression)->Result(group, row, context_)), "'140 30'");
  (*expression)->Remove(group, row, context_);
  EXPECT_EQ(ValueText((*expression)->Result(group, row, context_)), "'50 20'");
}

TEST_F(ValueExpressionTest, AggregatesHaveTheirPlace) {
  EXPECT_NE(Result("SUM(/a) > 5").find("for views and aggregated"), std::string::npos);
  const auto nested = AggregateExpression::Compile("SUM(MAX(/a))", fields_);
  EXPECT_NE(ErrorText(nested.status()).find("inside another"), std::string::npos);
  const auto many = AggregateExpression::Compile("COUNT(/a, /b)", fields_);
  EXPECT_NE(ErrorText(many.status()).find("takes 1 argument, found 2"), std::string::npos);
  const auto delimiter = AggregateExpression::Compile("GROUP_CONCAT(/a, /b)", fields_);
  EXPECT_NE(ErrorText(delimiter.status()).find("must be a literal"), std::string::npos);
}

}  // namespace
}  // namespace fluxgate
