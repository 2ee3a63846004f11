#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/filter/aggregate.h"
#include "core/filter/aggregate_sum.h"
#include "core/filter/compare.h"
#include "core/filter/functions/function_testing.h"
#include "core/filter/value_order.h"

namespace fluxgate {
namespace {

using Removal = Aggregate::Removal;

constexpr std::string_view kNames[] = {"ANY",    "AVG",        "COUNT",        "COUNT_DISTINCT",
                                       "MAX",    "MIN",        "GROUP_CONCAT", "SUM",
                                       "UNIQUE", "STDDEV_POP", "STDDEV_SAMP"};
const double kNan = std::nan("");

std::unique_ptr<Aggregate> Make(std::string_view name, Removal removal = Removal::kAllowed) {
  return Aggregate::FindAggregate(name)->make(",", removal);
}

// Apart from Show: tells every double from every other.
std::string ResultOf(const Aggregate& aggregate) {
  EvaluationContext context;
  const Value result = aggregate.Result(context);
  if (result.kind() != Value::Kind::kDouble || std::isnan(result.as_double())) return Show(result);
  return fmt::format("{:a}", result.as_double());
}

// Of `added` without `removed`.
std::string Left(std::string_view name, std::initializer_list<Argument> added,
                 std::initializer_list<Argument> removed) {
  const auto aggregate = Make(name);
  for (const Argument& argument : added) aggregate->Add(argument.value());
  for (const Argument& argument : removed) aggregate->Remove(argument.value());
  EvaluationContext context;
  return Show(aggregate->Result(context));
}

TEST(AggregateRemovalTest, WhenAllIsRemovedItIsAsNew) {
  for (const std::string_view name : kNames) {
    const std::string_view expected = name.starts_with("COUNT") ? "0" : "NULL";
    EXPECT_EQ(Left(name, {1, 2.5, "a", kNan, true, nullptr}, {"a", 1, nullptr, kNan, true, 2.5}),
              expected)
        << name;
  }
}

TEST(AggregateRemovalTest, TheLastNanGone) {
  for (const std::string_view name : {"AVG", "MAX", "MIN", "STDDEV_POP", "SUM"}) {
    EXPECT_EQ(Left(name, {3, kNan, 3, kNan}, {kNan}), "NaN") << name;
    EXPECT_NE(Left(name, {3, kNan, 3, kNan}, {kNan, kNan}), "NaN") << name;
  }
  EXPECT_EQ(Left("SUM", {3, "x"}, {"x"}), "3");
  EXPECT_EQ(Left("SUM", {INFINITY, -INFINITY, 2.0}, {INFINITY}), "-inf");
  EXPECT_EQ(Left("SUM", {INFINITY, -INFINITY, 2.0}, {INFINITY, -INFINITY}), "2.0");
}

TEST(AggregateRemovalTest, DoublesCancelExactly) {
  EXPECT_EQ(Left("SUM", {0.1, 1e300, 0.2, -1e308, 5e-324}, {1e300, -1e308, 0.2, 5e-324}),
            Show(Value::Double(0.1)));
  EXPECT_EQ(Left("SUM", {1e308, 1e308, 1e308}, {1e308, 1e308}), Show(Value::Double(1e308)));
  EXPECT_EQ(Left("AVG", {1e308, 1e308, 1e308}, {}), Show(Value::Double(1e308)));
  EXPECT_EQ(Left("SUM", {0.5, 7}, {0.5}), "7");
}

TEST(AggregateRemovalTest, DeviationIsZeroForOneDistinctValue) {
  for (const double d : {0.1, 1e308, 5e-324, 1e15 + 0.3}) {
    EXPECT_EQ(Left("STDDEV_POP", {d, 1e200, d, -3, d}, {1e200, -3}), "0.0") << d;
    EXPECT_EQ(Left("STDDEV_SAMP", {d, d, -d}, {-d}), "0.0") << d;
  }
  EXPECT_EQ(Left("STDDEV_POP", {-1e308, 1e308}, {}), Show(Value::Double(1e308)));
  EXPECT_EQ(Left("STDDEV_POP", {UINT64_MAX, UINT64_MAX - 2}, {}), "1.0");
}

TEST(AggregateRemovalTest, ExtremesComeBack) {
  EXPECT_EQ(Left("MAX", {1, 7, 7, "b"}, {"b"}), "7");
  EXPECT_EQ(Left("MAX", {1, 7, 7}, {7}), "7");
  EXPECT_EQ(Left("MAX", {1, 7, 7}, {7, 7}), "1");
  EXPECT_EQ(Left("MIN", {"10", 9.5, "9"}, {"9"}), "9.5");
  EXPECT_EQ(Left("UNIQUE", {1, 2, 1.0}, {2}), "1");
  EXPECT_EQ(Left("UNIQUE", {1, 2, 1.0}, {2, 1}), "1.0");
}

TEST(AggregateRemovalTest, AnyStaysWhileItsValueIsThere) {
  EXPECT_EQ(Left("ANY", {"b", "a", "b", "c"}, {"b"}), "'b'");
  EXPECT_EQ(Left("ANY", {"b", "c", "a"}, {"b"}), "'a'");
}

TEST(AggregateRemovalTest, TextThatComesBackIsTheLastOfGroupConcat) {
  EXPECT_EQ(Left("GROUP_CONCAT", {"b", "a", "b", "c"}, {"b"}), "'b,a,c'");
  const auto aggregate = Make("GROUP_CONCAT");
  for (const char* text : {"b", "a", "c"}) aggregate->Add(Value::String(text));
  aggregate->Remove(Value::String("b"));
  EXPECT_EQ(ResultOf(*aggregate), "'a,c'");
  aggregate->Add(Value::String("b"));
  EXPECT_EQ(ResultOf(*aggregate), "'a,c,b'");
}

TEST(AggregateRemovalTest, TextThatIsTooLong) {
  const std::string most(Aggregate::kBytesMax, 'a');
  const std::string longer = most + "a";
  for (const std::string_view name : {"ANY", "MAX", "MIN", "UNIQUE"}) {
    EXPECT_EQ(Left(name, {most}, {}), "'" + most + "'") << name;
    EXPECT_EQ(Left(name, {"x", longer}, {}), "NULL") << name;
    EXPECT_EQ(Left(name, {"x", longer, longer}, {longer}), "NULL") << name;
    EXPECT_EQ(Left(name, {"x", longer, longer}, {longer, longer}), "'x'") << name;
  }
}

TEST(AggregateRemovalTest, OverALimitUntilAllIsRemoved) {
  for (const std::string_view name : {"COUNT_DISTINCT", "GROUP_CONCAT"}) {
    const auto aggregate = Make(name);
    constexpr size_t kMax = Aggregate::kDistinctValuesMax;
    for (size_t i = 0; i < kMax; ++i) aggregate->Add(Value::Uint(i));
    EXPECT_NE(ResultOf(*aggregate), "NULL") << name;
    // At the limit there is room again for each that goes.
    aggregate->Remove(Value::Uint(0));
    aggregate->Add(Value::Uint(kMax));
    EXPECT_NE(ResultOf(*aggregate), "NULL") << name;
    aggregate->Add(Value::Uint(0));
    EXPECT_EQ(ResultOf(*aggregate), "NULL") << name;
    for (size_t i = 0; i < kMax; ++i) aggregate->Remove(Value::Uint(i));
    EXPECT_EQ(ResultOf(*aggregate), "NULL") << name;
    aggregate->Remove(Value::Uint(kMax));
    aggregate->Add(Value::Uint(1));
    EXPECT_EQ(ResultOf(*aggregate), name == "GROUP_CONCAT" ? "'1'" : "1");
  }
}

TEST(AggregateRemovalTest, BytesComeBack) {
  const std::string half(Aggregate::kBytesMax / 2, 'a');
  const std::string other(Aggregate::kBytesMax / 2, 'b');
  const auto aggregate = Make("GROUP_CONCAT");
  aggregate->Add(Value::String(half));
  aggregate->Add(Value::String(other));
  aggregate->Remove(Value::String(half));
  aggregate->Add(Value::String("c"));
  EXPECT_EQ(ResultOf(*aggregate), "'" + other + ",c'");
}

// Random groups of values of all kinds.

class RandomValues {
 public:
  explicit RandomValues(uint32_t seed) : random_(seed) {}

  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }
  // `kinds`: which kinds may come, 1 for integers only to kKinds for all.
  Value Next(size_t kinds) {
    switch (Below(kinds)) {
      case 0:
        return Value::Int(static_cast<int64_t>(Below(5)) - 2);
      case 1:
        return Pick({0.1, 0.2, 0.7, 1.0, 2.0, -0.1, 0.0, -0.0, 1e-3, 123456.789});
      case 2:
        return Pick({1e308, -1e308, 1.7976931348623157e308, 5e-324, -5e-324, 2.2e-308, 1e16, 1e-300,
                     3.3e200, -7.1e-200});
      case 3:
        return Value::Double(std::ldexp(static_cast<double>(Below(1 << 30)) - (1 << 29),
                                        static_cast<int>(Below(1900)) - 1000));
      case 4: {
        constexpr uint64_t kLarge[] = {INT64_MAX, UINT64_MAX, uint64_t{1} << 63, 1};
        const uint64_t u = kLarge[Below(4)];
        return Below(2) == 0 ? Value::Uint(u) : Value::Int(-static_cast<int64_t>(u >> 1) - 1);
      }
      case 5:
        return Text({"1", "1.0", "2.5", "9", "10", " 7", "1e308", "-3", "18446744073709551615"});
      case 6:
        return Text({"a", "b", "", "10 km", "true", "z"});
      case 7:
        return Value::Bool(Below(2) == 0);
      case 8:
        return Value::Null();
      case 9:
        return Pick({kNan, -kNan, INFINITY, -INFINITY});
      default: {
        auto& elements = arrays_.emplace_back();
        elements.push_back(Next(9));
        elements.push_back(Next(9));
        return Value::Array(elements);
      }
    }
  }
  static constexpr size_t kKinds = 11;

 private:
  Value Pick(std::initializer_list<double> numbers) {
    return Value::Double(numbers.begin()[Below(numbers.size())]);
  }
  Value Text(std::initializer_list<std::string_view> texts) {
    return Value::String(texts.begin()[Below(texts.size())]);
  }

  std::mt19937 random_;
  std::deque<std::vector<Value>> arrays_;
};

// As of a group that never had anything else, in another order; ANY and GROUP_CONCAT apart from
// what they say of the order.
TEST(AggregateRemovalTest, AnyHistoryGivesWhatIsLeft) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    RandomValues random(seed);
    const size_t kinds = 1 + seed % RandomValues::kKinds;
    for (const std::string_view name : kNames) {
      const auto aggregate = Make(name);
      std::vector<Value> left;
      const size_t steps = 1 + random.Below(60);
      for (size_t step = 0; step < steps; ++step) {
        if (left.empty() || random.Below(5) < 3) {
          left.push_back(random.Next(kinds));
          aggregate->Add(left.back());
        } else {
          const size_t at = random.Below(left.size());
          aggregate->Remove(left[at]);
          left.erase(left.begin() + static_cast<ptrdiff_t>(at));
        }
      }
      for (const Removal removal : {Removal::kAllowed, Removal::kNever}) {
        const auto fresh = Make(name, removal);
        for (size_t i = left.size(); i-- > 0;) fresh->Add(left[i]);
        if (name == "ANY") {
          EvaluationContext context;
          const Value any = aggregate->Result(context);
          const bool is_left = std::any_of(left.begin(), left.end(), [&](const Value& value) {
            return CompareFully(PlacedValue(value), PlacedValue(any)) == 0;
          });
          EXPECT_EQ(any.is_null(), ResultOf(*fresh) == "NULL") << seed;
          EXPECT_TRUE(is_left || any.is_null()) << seed;
        } else if (name == "GROUP_CONCAT") {
          const auto sorted = [](std::string text) {
            std::sort(text.begin(), text.end());
            return text;
          };
          EXPECT_EQ(sorted(ResultOf(*aggregate)), sorted(ResultOf(*fresh))) << seed;
        } else {
          ASSERT_EQ(ResultOf(*aggregate), ResultOf(*fresh)) << name << " seed " << seed;
        }
      }
    }
  }
}

// long double has the range, but not the precision: the exact sums have to be near it.
TEST(AggregateRemovalTest, SumsAreNearWhatLongDoubleGives) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    RandomValues random(seed);
    NumberSum sum;
    NumberSpread spread;
    std::vector<long double> numbers;
    long double total = 0;
    long double absolute = 0;
    for (int i = 0; i < 50; ++i) {
      const Value value = random.Next(5);
      if (std::abs(ToDouble(value)) > 1e300) continue;
      sum.Add(value);
      spread.Add(value);
      numbers.push_back(ToDouble(value));
      total += numbers.back();
      absolute += std::abs(numbers.back());
    }
    const auto count = static_cast<long double>(numbers.size());
    const Value average = Value::Double(sum.Average(numbers.size()));
    EXPECT_LE(std::abs(average.as_double() - total / count), absolute * 1e-15L) << seed;
    long double squares = 0;
    for (const long double number : numbers) {
      squares += (number - total / count) * (number - total / count);
    }
    const long double deviation = std::sqrt(squares / count);
    EXPECT_LE(std::abs(spread.Deviation(numbers.size()) - deviation), deviation * 1e-14L) << seed;
  }
}

}  // namespace
}  // namespace fluxgate
