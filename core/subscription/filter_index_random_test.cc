// Random filters and messages, entered and removed at random: the index must find what every filter
// in turn finds. The seed is part of each failure.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/subscription/filter_index_fixture.h"

namespace fluxgate {
namespace {

class RandomFilters {
 public:
  RandomFilters(uint64_t seed, int fields, int array_percent)
      : random_(seed), fields_(fields), array_percent_(array_percent) {}

  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(int percent) { return Below(100) < static_cast<uint64_t>(percent); }

  std::string Field() { return fmt::format("/f{}", Below(fields_)); }

  // Literals that meet in as many ways as possible.
  std::string Constant() {
    static const std::vector<std::string> kConstants = {"100",
                                                        "''",
                                                        "100.0",
                                                        "'100'",
                                                        "'100.0'",
                                                        "'1e2'",
                                                        "' 100 '",
                                                        "1e2",
                                                        "1",
                                                        "0",
                                                        "'1'",
                                                        "'0'",
                                                        "'1.0'",
                                                        "'true'",
                                                        "'false'",
                                                        "true",
                                                        "false",
                                                        "'abc'",
                                                        "'x'",
                                                        "'B'",
                                                        "-1",
                                                        "'-1'",
                                                        "0.5",
                                                        "'0.5'",
                                                        "-0.0",
                                                        "9007199254740991",
                                                        "9007199254740992",
                                                        "9007199254740993",
                                                        "'9007199254740993'",
                                                        "18446744073709551615",
                                                        "9223372036854775807",
                                                        "1e300",
                                                        "'nan'"};
    if (Chance(40)) return fmt::format("'S{}'", Below(80));
    if (Chance(30)) return std::to_string(Below(150));
    return kConstants[Below(kConstants.size())];
  }

  std::string Number() {
    if (Chance(10)) return Chance(50) ? "9007199254740991" : "-9007199254740991";
    if (Chance(30)) return fmt::format("{}.25", Below(1000));
    return std::to_string(static_cast<int64_t>(Below(1200)) - 100);
  }

  std::string Prefix() {
    static const std::vector<std::string> kPrefixes = {
        "S",   "S1", "S2", "S12", "1", "100", "-", "t", "fa", "9", "S12345678901234567890",
        "12.", "a"};
    return kPrefixes[Below(kPrefixes.size())];
  }

  std::string Pattern() {
    static const std::vector<std::string> kPatterns = {
        "0",     "^S", "^S1.$",   "^S[0-4]", "5$",      "^1",   "^S1*$",
        "^100$", ".0", "(?i)^s3", "e",       "^(S|1)1", "^..$", "^S4|^5"};
    return kPatterns[Below(kPatterns.size())];
  }

  // What an index can look up.
  std::string Selective() {
    switch (Below(5)) {
      case 0:
        return Field() + " BEGINS WITH ('" + Prefix() + "')";
      case 1:
        return Field() + " BEGINS WITH ('" + Prefix() + "', '" + Prefix() + "')";
      case 2:
        return Field() + " LIKE '" + Pattern() + "'";
      case 3:
        return "(" + Field() + " > " + Number() + " AND " + Field() + " = " + Constant() + ")";
      default:
        return Field() + " = " + Constant();
    }
  }

  std::string Rarer() {
    switch (Below(14)) {
      case 0:
      case 1:
        return Field() + " != " + Constant();
      case 2:
        return Field() + " NOT IN (" + Constant() + ", " + Constant() + ")";
      case 3:
        return "NOT " + Field() + " = " + Constant();
      case 4:
        return Field() + " IS NULL";
      case 5:
        return Field() + " IS NOT NULL";
      case 6:
        return Field() + " LIKE '" + Pattern() + "'";
      case 7:
        return Field() + " NOT LIKE '" + Pattern() + "'";
      case 8:
        return Field() + " BEGINS WITH ('" + Prefix() + "')";
      case 9:
        return Field() + " ENDS WITH ('0')";
      case 10:
        return Field() + " < " + Field();
      case 11:
        return fmt::format("(({} AND {}) OR '')", Selective(), Selective());
      case 12:
        return fmt::format("({} = {} OR {} > {})", Field(), Constant(), Field(), Number());
      default:
        return fmt::format("{} > '{}'", Field(), Number());
    }
  }

  std::string Condition() {
    static constexpr const char* kOps[] = {" < ", " <= ", " > ", " >= "};
    switch (Below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return Field() + " = " + Constant();
      case 4:
      case 5: {
        std::string list = Constant();
        for (uint64_t n = Below(6); n > 0; --n) list += ", " + Constant();
        return Field() + " IN (" + list + ")";
      }
      case 6: {
        const auto low = static_cast<int64_t>(Below(1000));
        return fmt::format("{} BETWEEN {} AND {}", Field(), low,
                           low + static_cast<int64_t>(Below(1ull << Below(11))));
      }
      case 7:
      case 8:
        return Rarer();
      case 9:
        return "(" + Selective() + " OR " + Selective() + (Chance(30) ? " OR " + Selective() : "") +
               ")";
      default:
        return Field() + kOps[Below(4)] + Number();
    }
  }

  std::string Text() {
    if (Below(200) == 0) return Chance(50) ? "1 = 1" : "1 = 2";
    std::string text = Condition();
    const uint64_t more = Below(20) == 0 ? Below(12) : Below(4);
    for (uint64_t n = more; n > 0; --n) text += " AND " + Condition();
    return text;
  }

  Value NextValue() {
    static const std::vector<std::string> kTexts = {
        "100",  "100.0", "1e2", " 100 ", "1",   "0",   "1.0",   "true", "false",
        "abc",  "x",     "B",   "-1",    "0.5", "nan", "99.75", "500",  "9007199254740993",
        "12.5", "",      " ",   "+7"};
    switch (Below(10)) {
      case 0:
        return Value::Null();
      case 1:
        return Value::Bool(Chance(50));
      case 2:
        return Value::String(kTexts[Below(kTexts.size())]);
      case 3:
      case 4:
        text_.push_back(std::make_unique<std::string>(fmt::format("S{}", Below(90))));
        return Value::String(*text_.back());
      case 5:
        return Value::Double(static_cast<double>(Below(4000)) / 4);
      case 6:
        switch (Below(6)) {
          case 0:
            return Value::Int((int64_t{1} << 53) + static_cast<int64_t>(Below(4)) - 2);
          case 1:
            return Value::Int(Chance(50) ? INT64_MAX : INT64_MIN);
          case 2:
            return Value::Uint(UINT64_MAX - Below(2));
          case 3:
            return Value::Double(std::numeric_limits<double>::quiet_NaN());
          case 4:
            return Value::Double(Chance(50) ? -0.0 : 1e300);
          default:
            return Value::Double(std::numeric_limits<double>::infinity());
        }
      default:
        return Value::Int(static_cast<int64_t>(Below(150)));
    }
  }

  // Now and then an array, also with NULL and all kinds in it.
  Value NextField() {
    if (!Chance(array_percent_)) return NextValue();
    auto elements = std::make_unique<std::vector<Value>>();
    for (uint64_t n = 2 + Below(4); n > 0; --n) elements->push_back(NextValue());
    arrays_.push_back(std::move(elements));
    return Value::Array(*arrays_.back());
  }

  void Forget() {
    text_.clear();
    arrays_.clear();
  }

 private:
  std::mt19937_64 random_;
  int fields_;
  int array_percent_;
  std::vector<std::unique_ptr<std::string>> text_;
  std::vector<std::unique_ptr<std::vector<Value>>> arrays_;
};

struct RandomCase {
  int fields;
  int filters_max;
  int rounds;
  int array_percent = 0;
};

class RandomFilterIndexTest : public FilterIndexTest,
                              public testing::WithParamInterface<RandomCase> {};

TEST_P(RandomFilterIndexTest, AgreesWithEveryFilterInTurn) {
  const RandomCase& c = GetParam();
  const auto seed =
      static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  SCOPED_TRACE(fmt::format("seed {}", seed));
  RandomFilters random(seed, c.fields, c.array_percent);
  size_t matched = 0;
  for (int i = 0; i < c.fields; ++i) Set(fmt::format("f{}", i), Value::Null());
  // Fills, empties and fills again.
  for (int round = 0; round < c.rounds; ++round) {
    const bool filling = round * 5 / c.rounds % 2 == 0;
    for (int n = c.filters_max / 100 + 1; n > 0; --n) {
      if (random.Chance(filling ? 75 : 25)) {
        if (entered_.size() < static_cast<size_t>(c.filters_max)) Add(random.Text());
      } else if (!entered_.empty()) {
        auto it = entered_.lower_bound(static_cast<Id>(random.Below(entered_.rbegin()->first + 1)));
        Remove(it->first);
      }
    }
    random.Forget();
    for (int i = 0; i < c.fields; ++i) Set(fmt::format("f{}", i), random.NextField());
    const Ids found = Match();
    const Ids expected = EveryFilterInTurn();
    matched += expected.size();
    ASSERT_EQ(found, expected) << DescribeDifference(found);
  }
  EXPECT_GT(matched, static_cast<size_t>(c.rounds) / 10);
  RemoveAll();
  EXPECT_EQ(Match(), Ids{});
  EXPECT_LE(index_->memory_bytes(), FilterIndex().memory_bytes() + 256);
}

INSTANTIATE_TEST_SUITE_P(Sizes, RandomFilterIndexTest,
                         testing::Values(RandomCase{1, 50, 20000}, RandomCase{2, 400, 10000},
                                         RandomCase{3, 3000, 3000}, RandomCase{6, 300, 10000},
                                         RandomCase{20, 2000, 3000}, RandomCase{2, 300, 5000, 20},
                                         RandomCase{3, 2000, 1000, 50},
                                         RandomCase{20, 2000, 1000, 5}));

// Filters of few shapes and many values: deep trees, filled in order and at random.
TEST_F(FilterIndexTest, DeepTreesAgreeWithEveryFilterInTurn) {
  const auto seed =
      static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  SCOPED_TRACE(fmt::format("seed {}", seed));
  RandomFilters random(seed, 3, 0);
  int next = 0;
  for (int round = 0; round < 60; ++round) {
    const bool filling = round % 20 < 12;
    for (int n = 0; n < 800; ++n) {
      if (!filling || random.Chance(20)) {
        if (entered_.empty()) break;
        const Id at = static_cast<Id>(random.Below(entered_.rbegin()->first + 1));
        Remove(entered_.lower_bound(at)->first);
        continue;
      }
      const int low = random.Chance(50) ? next++ : static_cast<int>(random.Below(6000));
      const int width = 1 << random.Below(13);
      const std::string range = fmt::format("/a >= {} AND /a < {}", low, low + width);
      switch (random.Below(4)) {
        case 0:
          Add(range);
          break;
        case 1:
          Add(fmt::format("{} AND /b > {}", range, random.Below(1000)));
          break;
        case 2:
          Add(fmt::format("/c = {} AND /b < {}", random.Below(3), random.Below(1000)));
          break;
        default:
          Add(fmt::format("/c = {} AND /d = 'D{}' AND /b < {}", random.Below(3), random.Below(40),
                          random.Below(1000)));
      }
    }
    for (int n = 0; n < 20; ++n) {
      Set("a", Value::Double(static_cast<double>(random.Below(14000)) / 2));
      Set("b", Value::Int(static_cast<int64_t>(random.Below(1001))));
      Set("c", Value::Int(static_cast<int64_t>(random.Below(4))));
      const std::string d = fmt::format("D{}", random.Below(41));
      Set("d", Value::String(d));
      const Ids found = Match();
      ASSERT_EQ(found, EveryFilterInTurn()) << DescribeDifference(found);
    }
  }
}

}  // namespace
}  // namespace fluxgate
