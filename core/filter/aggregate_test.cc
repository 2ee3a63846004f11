#include "core/filter/aggregate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <string>

#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

std::unique_ptr<Aggregate> Make(std::string_view name, std::string_view delimiter = ",") {
  const Aggregate::Kind* const kind = Aggregate::FindAggregate(name);
  return kind == nullptr ? nullptr : kind->make(delimiter, Aggregate::Removal::kNever);
}

std::string ResultOf(const Aggregate& aggregate) {
  EvaluationContext context;
  return Show(aggregate.Result(context));
}

std::string Of(std::string_view name, std::initializer_list<Argument> group,
               std::string_view delimiter = ",") {
  const auto aggregate = Make(name, delimiter);
  for (const Argument& argument : group) aggregate->Add(argument.value());
  return ResultOf(*aggregate);
}

constexpr std::string_view kNames[] = {"ANY",    "AVG",        "COUNT",        "COUNT_DISTINCT",
                                       "MAX",    "MIN",        "GROUP_CONCAT", "SUM",
                                       "UNIQUE", "STDDEV_POP", "STDDEV_SAMP"};
const double kNan = std::nan("");

TEST(AggregateTest, AreFoundInAnyCase) {
  for (const std::string_view name : kNames) {
    ASSERT_NE(Aggregate::FindAggregate(name), nullptr) << name;
    EXPECT_EQ(Aggregate::FindAggregate(name)->name, name);
  }
  EXPECT_EQ(Aggregate::FindAggregate("count"), Aggregate::FindAggregate("COUNT"));
  EXPECT_EQ(Aggregate::FindAggregate("MEDIAN"), nullptr);
  EXPECT_EQ(Aggregate::FindAggregate("COUN"), nullptr);
  EXPECT_EQ(Aggregate::FindAggregate("GROUP_CONCAT")->arguments_max, 2);
}

TEST(AggregateTest, OfNoValuesAndOfNullOnly) {
  for (const std::string_view name : kNames) {
    const std::string_view expected = name.starts_with("COUNT") ? "0" : "NULL";
    EXPECT_EQ(Of(name, {}), expected) << name;
    EXPECT_EQ(Of(name, {nullptr, ""}), expected) << name;
  }
}

TEST(AggregateTest, ClearStartsAfresh) {
  for (const std::string_view name : kNames) {
    const auto aggregate = Make(name);
    for (const double d : {1.0, 2.0, kNan}) aggregate->Add(Value::Double(d));
    aggregate->Clear();
    EXPECT_EQ(ResultOf(*aggregate), name.starts_with("COUNT") ? "0" : "NULL") << name;
    aggregate->Add(Value::Int(5));
    aggregate->Add(Value::Int(5));
    const std::string again = ResultOf(*aggregate);
    EXPECT_EQ(again, Of(name, {5, 5})) << name;
  }
}

TEST(AggregateTest, NullIsLeftOut) {
  EXPECT_EQ(Of("COUNT", {1, nullptr, "a", kNan}), "3");
  EXPECT_EQ(Of("AVG", {1, nullptr, 3}), "2.0");
  EXPECT_EQ(Of("SUM", {nullptr, 3}), "3");
  EXPECT_EQ(Of("UNIQUE", {nullptr, 3, 3}), "3");
  EXPECT_EQ(Of("ANY", {nullptr, "x", 3}), "'x'");
}

TEST(AggregateTest, NanIsContagiousInNumbers) {
  for (const std::string_view name : {"AVG", "MAX", "MIN", "STDDEV_POP", "STDDEV_SAMP", "SUM"}) {
    EXPECT_EQ(Of(name, {1, kNan, 3}), "NaN") << name;
    EXPECT_EQ(Of(name, {kNan, 1, 3}), "NaN") << name;
  }
  for (const std::string_view name : {"AVG", "STDDEV_POP", "STDDEV_SAMP", "SUM"}) {
    EXPECT_EQ(Of(name, {1, "x", 3}), "NaN") << name;
  }
}

TEST(AggregateTest, SumOfIntegersIsExact) {
  EXPECT_EQ(Of("SUM", {1, 2, "3"}), "6");
  EXPECT_EQ(Of("SUM", {INT64_MAX, INT64_MAX, 1}), "18446744073709551615");
  EXPECT_EQ(Of("SUM", {UINT64_MAX, 1}), "1.8446744073709552e+19");
  EXPECT_EQ(Of("SUM", {UINT64_MAX, UINT64_MAX, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN}), "-2");
  EXPECT_EQ(Of("SUM", {true, true}), "2");
}

TEST(AggregateTest, SumOfDoublesLosesLittle) {
  EXPECT_EQ(Of("SUM", {1, 0.5}), "1.5");
  EXPECT_EQ(Of("SUM", {1e16, 1.0, 1.0, -1e16}), "2.0");
  EXPECT_EQ(Of("SUM", {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}), "1.0");
  EXPECT_EQ(Of("SUM", {INFINITY, 1.0}), "inf");
  EXPECT_EQ(Of("SUM", {INFINITY, -INFINITY}), "NaN");
}

TEST(AggregateTest, AverageAndDeviation) {
  EXPECT_EQ(Of("AVG", {1, 2}), "1.5");
  EXPECT_EQ(Of("AVG", {INT64_MAX, INT64_MAX}), "9.223372036854776e+18");
  EXPECT_EQ(Of("STDDEV_POP", {2, 4, 4, 4, 5, 5, 7, 9}), "2.0");
  EXPECT_EQ(Of("STDDEV_SAMP", {1, 3}), Show(Value::Double(std::sqrt(2.0))));
  EXPECT_EQ(Of("STDDEV_POP", {5}), "0.0");
  EXPECT_EQ(Of("STDDEV_SAMP", {5}), "NULL");
}

TEST(AggregateTest, DeviationIsStableFarFromZero) {
  EXPECT_EQ(Of("STDDEV_POP", {1e15 + 4, 1e15 + 8}), "2.0");
}

TEST(AggregateTest, MinAndMaxOfNumbersAndText) {
  EXPECT_EQ(Of("MAX", {3, 4.5, "4"}), "4.5");
  EXPECT_EQ(Of("MIN", {3, 4.5, "2"}), "'2'");
  EXPECT_EQ(Of("MAX", {"b", "abc", 7}), "'b'");
  EXPECT_EQ(Of("MIN", {"b", "abc", 7}), "7");
  EXPECT_EQ(Of("MAX", {UINT64_MAX, INT64_MAX}), "18446744073709551615");
  // As fields of FIX and XML are; and in any order.
  EXPECT_EQ(Of("MAX", {"9", "10", "8"}), "'10'");
  for (const auto& group : {std::initializer_list<Argument>{"10", "9", 9.5},
                            std::initializer_list<Argument>{9.5, "10", "9"}}) {
    EXPECT_EQ(Of("MIN", group), "'9'");
    EXPECT_EQ(Of("MAX", group), "'10'");
  }
}

TEST(AggregateTest, UniqueIsTheValueThatAllShare) {
  EXPECT_EQ(Of("UNIQUE", {"a", "a"}), "'a'");
  EXPECT_EQ(Of("UNIQUE", {"a", "b"}), "NULL");
  EXPECT_EQ(Of("UNIQUE", {"a", "b", "a"}), "NULL");
  EXPECT_EQ(Of("UNIQUE", {1, 1.0}), "1");
  EXPECT_EQ(Of("UNIQUE", {1, "1"}), "NULL");
  EXPECT_EQ(Of("UNIQUE", {kNan, kNan}), "NaN");
}

TEST(AggregateTest, CountDistinctTellsKindsApart) {
  EXPECT_EQ(Of("COUNT_DISTINCT", {1, 1.0, 2, 1}), "2");
  EXPECT_EQ(Of("COUNT_DISTINCT", {1, "1", true}), "3");
  EXPECT_EQ(Of("COUNT_DISTINCT", {0.0, -0.0, 0, kNan, -kNan}), "2");
  EXPECT_EQ(Of("COUNT_DISTINCT", {UINT64_MAX, INT64_MAX, INT64_MIN, -1}), "4");
  EXPECT_EQ(Of("COUNT_DISTINCT", {9007199254740993, 9007199254740992.0}), "2");
}

TEST(AggregateTest, GroupConcatJoinsDifferentTexts) {
  EXPECT_EQ(Of("GROUP_CONCAT", {"b", "a", "b", "c"}), "'b,a,c'");
  EXPECT_EQ(Of("GROUP_CONCAT", {1, "1", 2.5, true, kNan}), "'1,2.5,true'");
  EXPECT_EQ(Of("GROUP_CONCAT", {"b", "a"}, " - "), "'b - a'");
  EXPECT_EQ(Of("GROUP_CONCAT", {"b", "a"}, ""), "'ba'");
}

TEST(AggregateTest, OfAnArrayTheFirstElementCounts) {
  const Value elements[] = {Value::Int(4), Value::Int(9)};
  for (const std::string_view name : {"ANY", "MAX", "MIN", "SUM", "UNIQUE"}) {
    EXPECT_EQ(Of(name, {Value::Array(elements)}), "4") << name;
  }
  EXPECT_EQ(Of("GROUP_CONCAT", {Value::Array(elements)}), "'4'");
  const Value whole_first[] = {Value::Double(4), Value::Int(9)};
  EXPECT_EQ(Of("COUNT_DISTINCT", {Value::Array(whole_first), 4}), "1");
  const Value null_first[] = {Value::Null(), Value::Int(9)};
  for (const std::string_view name : {"COUNT", "COUNT_DISTINCT"}) {
    EXPECT_EQ(Of(name, {Value::Array(null_first)}), "0") << name;
  }
}

TEST(AggregateTest, KeepsCopiesOfText) {
  for (const std::string_view name : {"ANY", "MAX", "MIN", "UNIQUE", "GROUP_CONCAT"}) {
    const auto aggregate = Make(name);
    std::string text(100, 'a');
    aggregate->Add(Value::String(text));
    text.assign(100, 'b');
    EXPECT_EQ(ResultOf(*aggregate), "'" + std::string(100, 'a') + "'") << name;
  }
}

TEST(AggregateTest, NumberOfDistinctValues) {
  for (const std::string_view name : {"COUNT_DISTINCT", "GROUP_CONCAT"}) {
    const auto aggregate = Make(name);
    for (size_t i = 0; i < Aggregate::kDistinctValuesMax; ++i) {
      aggregate->Add(Value::Uint(i));
    }
    aggregate->Add(Value::Uint(0));
    EXPECT_NE(ResultOf(*aggregate), "NULL") << name;
    aggregate->Add(Value::Uint(Aggregate::kDistinctValuesMax));
    EXPECT_EQ(ResultOf(*aggregate), "NULL") << name;
    aggregate->Add(Value::Uint(0));
    EXPECT_EQ(ResultOf(*aggregate), "NULL") << name;
    aggregate->Clear();
    aggregate->Add(Value::Uint(1));
    EXPECT_EQ(ResultOf(*aggregate), name == "GROUP_CONCAT" ? "'1'" : "1");
  }
}

TEST(AggregateTest, BytesOfText) {
  const std::string most(Aggregate::kBytesMax, 'a');
  for (const std::string_view name : {"ANY", "MAX", "MIN", "UNIQUE", "GROUP_CONCAT"}) {
    EXPECT_EQ(Of(name, {most, most}), "'" + most + "'") << name;
    EXPECT_EQ(Of(name, {most + "a", "a"}), "NULL") << name;
  }
  EXPECT_EQ(Of("GROUP_CONCAT", {most, "b"}), "NULL");
  EXPECT_EQ(Of("COUNT_DISTINCT", {std::string_view(most).substr(1)}), "1");
  EXPECT_EQ(Of("COUNT_DISTINCT", {most}), "NULL");
}

}  // namespace
}  // namespace fluxgate
