#include "core/sow/order_by.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fluxgate {
namespace {

class OrderByTest : public testing::Test {
 protected:
  struct Row {
    Value a = {};
    Value b = {};
  };

  std::shared_ptr<const OrderBy> Compile(std::string_view text) {
    auto order = OrderBy::Compile(text, fields_, {}, {});
    EXPECT_TRUE(order.ok()) << order.status();
    return order.ok() ? *order : nullptr;
  }
  absl::Status Error(std::string_view text) {
    return OrderBy::Compile(text, fields_, {}, {}).status();
  }
  SortKey KeyOf(const OrderBy& order, const Row& row, uint64_t tie) {
    std::vector<Value> values(64);
    values[*fields_.Acquire({{"a"}})] = row.a;
    values[*fields_.Acquire({{"b"}})] = row.b;
    return order.KeyOf(values, tie, context_);
  }
  // Which of the rows comes first, second ...: "2 0 1". Their ties are their numbers.
  std::string Sorted(std::string_view text, const std::vector<Row>& rows) {
    const auto order = Compile(text);
    if (order == nullptr) return "";
    std::vector<SortKey> keys;
    for (size_t i = 0; i < rows.size(); ++i) keys.push_back(KeyOf(*order, rows[i], i));
    std::shuffle(keys.begin(), keys.end(), std::mt19937(1));
    std::sort(keys.begin(), keys.end(),
              [&order](const SortKey& a, const SortKey& b) { return order->Less(a, b); });
    std::string result;
    for (const SortKey& key : keys) result += (result.empty() ? "" : " ") + std::to_string(key.tie);
    return result;
  }

  FieldTable fields_;
  EvaluationContext context_;
};

Value Text(std::string_view text) { return Value::String(text); }

TEST_F(OrderByTest, AscendingUnlessItSaysDesc) {
  const std::vector<Row> rows = {{Value::Int(2)}, {Value::Int(3)}, {Value::Int(1)}};
  for (const char* text : {"/a", "/a ASC", "/a asc", " /a  Asc "}) {
    EXPECT_EQ(Sorted(text, rows), "2 0 1") << text;
  }
  for (const char* text : {"/a DESC", "/a desc", "/a\tDesc "}) {
    EXPECT_EQ(Sorted(text, rows), "1 0 2") << text;
  }
}

TEST_F(OrderByTest, TermsInTheirOrder) {
  const std::vector<Row> rows = {{Value::Int(1), Text("x")},
                                 {Value::Int(2), Text("y")},
                                 {Value::Int(1), Text("z")},
                                 {Value::Int(2), Text("w")}};
  EXPECT_EQ(Sorted("/a, /b", rows), "0 2 3 1");
  EXPECT_EQ(Sorted("/a DESC,/b", rows), "3 1 0 2");
  EXPECT_EQ(Sorted("/a DESC , /b DESC", rows), "1 3 2 0");
  EXPECT_EQ(Sorted("/b DESC, /a", rows), "2 1 0 3");
}

TEST_F(OrderByTest, AlikeIsInTheOrderOfTies) {
  const std::vector<Row> rows = {{Value::Int(1)}, {Value::Double(1)}, {Text("1")}, {Text(" 1.0")}};
  EXPECT_EQ(Sorted("/a", rows), "0 1 2 3");
  EXPECT_EQ(Sorted("/a DESC", rows), "0 1 2 3");
  EXPECT_EQ(Sorted("", rows), "0 1 2 3");
}

TEST_F(OrderByTest, KindsOfValues) {
  const Value elements[] = {Value::Int(7), Value::Int(0)};
  const std::vector<Row> rows = {{Text("b")},
                                 {Value::Double(std::nan(""))},
                                 {Value::Array(elements)},
                                 {Value::Null()},
                                 {Text("10")},
                                 {Text("9")},
                                 {Value::Double(9.5)},
                                 {Value::Uint(UINT64_MAX)},
                                 {Value::Bool(true)},
                                 {Text("a")},
                                 {Value::Double(-INFINITY)}};
  EXPECT_EQ(Sorted("/a", rows), "3 1 10 8 2 5 6 4 7 9 0");
  EXPECT_EQ(Sorted("/a DESC", rows), "0 9 7 4 6 5 2 8 10 1 3");
}

TEST_F(OrderByTest, Expressions) {
  const std::vector<Row> rows = {{Value::Int(2), Value::Int(5)},
                                 {Value::Int(3), Value::Int(1)},
                                 {Value::Int(1), Value::Int(7)}};
  EXPECT_EQ(Sorted("/a * /b DESC", rows), "0 2 1");
  EXPECT_EQ(Sorted("COALESCE(/none, /b), /a", rows), "1 0 2");
  EXPECT_EQ(Sorted("CONCAT(',', /a) DESC", rows), "1 0 2");
  EXPECT_EQ(Sorted("(/a)DESC", rows), "1 0 2");
}

TEST_F(OrderByTest, NamesAndTextMayHoldWhatSeparates) {
  const std::vector<Row> rows = {{Value::Int(2)}, {Value::Int(1)}};
  EXPECT_EQ(Sorted("[/a,b], /a", rows), "1 0");
  EXPECT_EQ(Sorted("[/it's], /a", rows), "1 0");
  EXPECT_EQ(Sorted("IF(/b = r'\\', 1, 2), /a", rows), "1 0");
  EXPECT_EQ(Sorted("IF(/b = '\\'', 1, 2), /a", rows), "1 0");
}

TEST_F(OrderByTest, KeysOwnTheirText) {
  const auto order = Compile("/a");
  std::string text = "first, and longer than what a string keeps inside";
  const SortKey key = KeyOf(*order, {Text(text)}, 0);
  const SortKey same =
      KeyOf(*order, {Text("first, and longer than what a string keeps inside")}, 0);
  text.assign(text.size(), 'z');
  EXPECT_FALSE(order->Less(key, same));
  EXPECT_FALSE(order->Less(same, key));
}

TEST_F(OrderByTest, TermsMax) {
  std::string most = "/a";
  for (size_t i = 1; i < OrderBy::kTermsMax; ++i) most += ",/a";
  EXPECT_TRUE(Error(most).ok());
  EXPECT_EQ(ErrorCodeOf(Error(most + ",/a")), ErrorCode::kBadFilter);
}

TEST_F(OrderByTest, WhatIsNoOrder) {
  for (const char* text : {",", "/a,", ",/a", "/a,,/b", "/a DESC DESC", "/a UP", "DESC", "/a +"}) {
    EXPECT_EQ(ErrorCodeOf(Error(text)), ErrorCode::kBadFilter) << text;
  }
}

TEST_F(OrderByTest, FirstField) {
  EXPECT_EQ(Compile("/a DESC, /b")->first_field()->path.ToString(), "/a");
  EXPECT_TRUE(Compile("/a DESC, /b")->first_field()->descending);
  EXPECT_FALSE(Compile("/a + 1, /b")->first_field().has_value());
  EXPECT_FALSE(Compile("")->first_field().has_value());
}

TEST_F(OrderByTest, IsAStrictOrderOfAnyValues) {
  const std::string_view texts[] = {"1", "1.0", "10", "9", "a", "b", "nan", " 2 "};
  const double doubles[] = {0.0,          -0.0,     9.5,       1e308,
                            std::nan(""), INFINITY, -INFINITY, 9007199254740992};
  std::mt19937 random(7);
  const auto next = [&]() -> Value {
    switch (random() % 6) {
      case 0:
        return Value::Null();
      case 1:
        return Value::Bool(random() % 2 == 0);
      case 2:
        return Value::Int(static_cast<int64_t>(random() % 12) - 1);
      case 3:
        return Value::Uint(UINT64_MAX - random() % 2);
      case 4:
        return Value::Double(doubles[random() % std::size(doubles)]);
      default:
        return Text(texts[random() % std::size(texts)]);
    }
  };
  const auto order = Compile("/a DESC, /b");
  std::vector<SortKey> keys;
  for (uint64_t i = 0; i < 80; ++i) keys.push_back(KeyOf(*order, {next(), next()}, i % 60));
  for (const SortKey& a : keys) {
    for (const SortKey& b : keys) {
      EXPECT_FALSE(order->Less(a, b) && order->Less(b, a));
      const bool ab = !order->Less(a, b) && !order->Less(b, a);
      EXPECT_TRUE(!ab || a.tie == b.tie);
      for (const SortKey& c : keys) {
        ASSERT_TRUE(order->Less(a, c) || !order->Less(a, b) || !order->Less(b, c));
        const bool bc = !order->Less(b, c) && !order->Less(c, b);
        ASSERT_FALSE(ab && bc && (order->Less(a, c) || order->Less(c, a)));
      }
    }
  }
}

}  // namespace
}  // namespace fluxgate
