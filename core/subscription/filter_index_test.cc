#include "core/subscription/filter_index.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/filter/filter.h"
#include "core/message/field_table.h"
#include "core/message/value.h"

namespace fluxgate {
namespace {

using Id = FilterIndex::Id;

// An index next to its specification: all filters, asked in turn.
class FilterIndexTest : public testing::Test {
 protected:
  Id Add(const std::string& text) {
    auto filter = Filter::Compile(text, fields_);
    EXPECT_TRUE(filter.ok()) << text << ": " << filter.status();
    const Id id = index_->Add(*filter);
    EXPECT_TRUE(entered_.emplace(id, *filter).second) << "id given twice";
    return id;
  }

  void Remove(Id id) {
    index_->Remove(id);
    entered_.erase(id);
  }

  void RemoveAll() {
    while (!entered_.empty()) Remove(entered_.begin()->first);
  }

  void Set(const std::string& name, Value value) {
    auto slot = fields_.Acquire(FieldPath{{name}});
    ASSERT_TRUE(slot.ok());
    if (values_.size() <= *slot) values_.resize(*slot + 1);
    values_[*slot] = value;
  }

  std::vector<Id> Match(bool body_valid = true) {
    if (values_.size() < fields_.slot_end()) values_.resize(fields_.slot_end());
    std::vector<Id> matches;
    index_->Match(values_, body_valid, matches);
    std::sort(matches.begin(), matches.end());
    return matches;
  }

  std::vector<Id> EveryFilterInTurn() const {
    std::vector<Id> matches;
    for (const auto& [id, filter] : entered_) {
      if (filter->Matches(values_)) matches.push_back(id);
    }
    return matches;
  }

  std::string DescribeDifference(const std::vector<Id>& found) const {
    std::string text;
    for (const auto& [id, filter] : entered_) {
      const auto times = std::count(found.begin(), found.end(), id);
      const auto expected = filter->Matches(values_) ? 1 : 0;
      if (times != expected) {
        text += fmt::format("{}: {} instead of {} times\n", filter->canonical(), times, expected);
      }
    }
    return text;
  }

  FieldTable fields_;
  std::unique_ptr<FilterIndex> index_ = std::make_unique<FilterIndex>();
  std::map<Id, std::shared_ptr<const Filter>> entered_;
  std::vector<Value> values_;
};

using Ids = std::vector<Id>;

TEST_F(FilterIndexTest, FindsByEquality) {
  const Id a = Add("/symbol = 'A'");
  const Id b = Add("/symbol = 'B'");
  Set("symbol", Value::String("A"));
  EXPECT_EQ(Match(), Ids{a});
  Set("symbol", Value::String("B"));
  EXPECT_EQ(Match(), Ids{b});
  Set("symbol", Value::String("C"));
  EXPECT_EQ(Match(), Ids{});
  Set("symbol", Value::Null());
  EXPECT_EQ(Match(), Ids{});
}

TEST_F(FilterIndexTest, FindsByRange) {
  const Id low = Add("/price > 10");
  const Id high = Add("/price <= 20");
  const Id both = Add("/price > 10 AND /price <= 20");
  const struct {
    double price;
    Ids matches;
  } cases[] = {{10, {high}}, {10.5, {low, high, both}}, {20, {low, high, both}}, {20.01, {low}}};
  for (const auto& c : cases) {
    Set("price", Value::Double(c.price));
    EXPECT_EQ(Match(), c.matches) << c.price;
  }
}

TEST_F(FilterIndexTest, TextThatIsNoNumberIsAboveEveryNumber) {
  const Id low = Add("/price > 10");
  Add("/price <= 20");
  Set("price", Value::String("much"));
  EXPECT_EQ(Match(), Ids{low});
  Set("price", Value::Double(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(Match(), Ids{});
}

TEST_F(FilterIndexTest, ValueInSeveralWaysInAListIsFoundOnce) {
  const Id id = Add("/n IN ('100', 100, '100.0', 1e2, 'x') AND /m > 0");
  Set("m", Value::Int(1));
  for (const Value& value : {Value::Int(100), Value::Double(100), Value::String("100"),
                             Value::String("100.0"), Value::String(" 100"), Value::String("x")}) {
    Set("n", value);
    EXPECT_EQ(Match(), Ids{id});
  }
  Set("n", Value::String("100 0"));
  EXPECT_EQ(Match(), Ids{});
}

TEST_F(FilterIndexTest, SpellingsOfANumberStayApartAsTexts) {
  const Id plain = Add("/n = '100'");
  const Id dotted = Add("/n = '100.0'");
  const Id number = Add("/n = 100");
  Set("n", Value::String("100"));
  EXPECT_EQ(Match(), (Ids{plain, number}));
  Set("n", Value::String("100.0"));
  EXPECT_EQ(Match(), (Ids{dotted, number}));
  Set("n", Value::Int(100));
  EXPECT_EQ(Match(), (Ids{plain, dotted, number}));
  // The text that stood for both spellings goes first.
  Remove(plain);
  EXPECT_EQ(Match(), (Ids{dotted, number}));
  Set("n", Value::String("100"));
  EXPECT_EQ(Match(), Ids{number});
  Remove(dotted);
  const Id again = Add("/n = '1e2'");
  Set("n", Value::Double(100));
  Ids both{number, again};
  std::sort(both.begin(), both.end());
  EXPECT_EQ(Match(), both);
}

TEST_F(FilterIndexTest, FiltersWithoutFieldsMatchAlsoAnUnreadableBody) {
  const Id always = Add("1 = 1");
  Add("1 = 2");
  Add("/a IS NULL");
  EXPECT_EQ(Match(/*body_valid=*/false), Ids{always});
  EXPECT_EQ(Match(), EveryFilterInTurn());
  EXPECT_EQ(Match().size(), 2u);
  EXPECT_EQ(index_->size(), 3u);
}

TEST_F(FilterIndexTest, IdsAreDenseAndReused) {
  const Id a = Add("/a = 1");
  const Id b = Add("/a = 2");
  EXPECT_EQ(a, 0u);
  EXPECT_EQ(b, 1u);
  Remove(a);
  EXPECT_EQ(Add("/a = 3"), a);
}

TEST_F(FilterIndexTest, SlotsAreTheUnionOfFields) {
  const Id a = Add("/a = 1 AND /b = 2");
  const auto slots = index_->slots();
  ASSERT_EQ(slots.size(), 2u);
  const uint64_t version = index_->slots_version();
  const Id b = Add("/b > 3");
  EXPECT_EQ(index_->slots_version(), version);
  const Id c = Add("/c LIKE 'x'");
  EXPECT_GT(index_->slots_version(), version);
  EXPECT_EQ(index_->slots().size(), 3u);
  EXPECT_TRUE(std::is_sorted(index_->slots().begin(), index_->slots().end()));
  Remove(a);
  EXPECT_EQ(index_->slots().size(), 2u);
  Remove(c);
  Remove(b);
  EXPECT_TRUE(index_->slots().empty());
}

TEST_F(FilterIndexTest, AnyNumberOfPredicates) {
  for (const int count : {7, 8, 9, 10, 17}) {
    std::string text = "/key = 'k'";
    Set("key", Value::String("k"));
    for (int i = 0; i < count; ++i) {
      const std::string name = fmt::format("f{}", i);
      text += fmt::format(" AND /{} >= {}", name, i);
      Set(name, Value::Int(i));
    }
    const Id id = Add(text);
    EXPECT_EQ(Match(), Ids{id}) << count;
    for (int i = 0; i < count; ++i) {
      const std::string name = fmt::format("f{}", i);
      Set(name, Value::Int(i - 1));
      EXPECT_EQ(Match(), Ids{}) << count << " " << i;
      Set(name, Value::Int(i));
    }
    Remove(id);
  }
}

TEST_F(FilterIndexTest, BlocksAtAndAboveTheirLimit) {
  for (const int count : {1, 2, 4, 7, 8, 9, 63, 64, 65, 64 * 64, 64 * 64 + 1}) {
    for (int i = 0; i < count; ++i) {
      Add(fmt::format("/key = 'k' AND /price > {0} AND /qty < {0}", i));
    }
    for (const int price : {-1, 0, 1, count / 2, count, count + 1}) {
      Set("key", Value::String("k"));
      Set("price", Value::Int(price));
      Set("qty", Value::Int(price / 2));
      EXPECT_EQ(Match(), EveryFilterInTurn()) << count << " " << price;
    }
    RemoveAll();
  }
}

TEST_F(FilterIndexTest, BoundsAtTheEdgeOfExactIntegers) {
  Add("/n > 9007199254740991");
  Add("/n >= 9007199254740991");
  Add("/n < -9007199254740991");
  Add("/n > 9007199254740992");
  Add("/n = 9007199254740993");
  Add("/n = 18446744073709551615");
  Add("/n < 9223372036854775808");
  const int64_t edge = int64_t{1} << 53;
  for (const int64_t n :
       {edge - 1, edge, edge + 1, edge + 2, -edge, 1 - edge, -edge - 1, INT64_MAX, INT64_MIN}) {
    Set("n", Value::Int(n));
    EXPECT_EQ(Match(), EveryFilterInTurn()) << n;
    Set("n", Value::Double(static_cast<double>(n)));
    EXPECT_EQ(Match(), EveryFilterInTurn()) << n;
    const std::string text = std::to_string(n);
    Set("n", Value::String(text));
    EXPECT_EQ(Match(), EveryFilterInTurn()) << n;
  }
  Set("n", Value::Uint(UINT64_MAX));
  EXPECT_EQ(Match(), EveryFilterInTurn());
}

TEST_F(FilterIndexTest, MemoryIsGivenBack) {
  const size_t empty = index_->memory_bytes();
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto n = [&](uint64_t below) { return random() % below; };
    Add(fmt::format("/s = 'S{}' AND /p > {} AND /q < {}", n(3000), n(1000), n(1000)));
    Add(fmt::format("/p > {} AND /p < {}", n(1000), n(2000)));
    Add(fmt::format("/v IN ('a{}', 'b{}') AND /s LIKE 'x'", n(50), n(50)));
  }
  EXPECT_GT(index_->memory_bytes(), 1'000'000u);
  Set("s", Value::String("S1"));
  Match();
  RemoveAll();
  EXPECT_EQ(index_->size(), 0u);
  EXPECT_LE(index_->memory_bytes(), empty + 256);
}

TEST_F(FilterIndexTest, DestroyedWithFiltersInIt) {
  for (int i = 0; i < 1000; ++i) Add(fmt::format("/a = {} AND /b > 1", i % 10));
  Add("1 = 1");
  index_.reset();
}

// ---- against every filter in turn, at random
// -----------------------------------------------------

class RandomFilters {
 public:
  RandomFilters(uint64_t seed, int fields) : random_(seed), fields_(fields) {}

  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(int percent) { return Below(100) < static_cast<uint64_t>(percent); }

  std::string Field() { return fmt::format("/f{}", Below(fields_)); }

  // Literals that meet in as many ways as possible.
  std::string Constant() {
    static const std::vector<std::string> kConstants = {"100",
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

  std::string Condition() {
    static constexpr const char* kOps[] = {" < ", " <= ", " > ", " >= "};
    switch (Below(14)) {
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
        switch (Below(6)) {
          case 0:
            return Field() + " != " + Constant();
          case 1:
            return Field() + " IS NULL";
          case 2:
            return Field() + " LIKE '0'";
          case 3:
            return Field() + " < " + Field();
          case 4:
            return fmt::format("({} = {} OR {} > {})", Field(), Constant(), Field(), Number());
          default:
            return fmt::format("{} > '{}'", Field(), Number());
        }
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

  void Forget() { text_.clear(); }

 private:
  std::mt19937_64 random_;
  int fields_;
  std::vector<std::unique_ptr<std::string>> text_;
};

struct RandomCase {
  int fields;
  int filters_max;
  int rounds;
};

class RandomFilterIndexTest : public FilterIndexTest,
                              public testing::WithParamInterface<RandomCase> {};

TEST_P(RandomFilterIndexTest, AgreesWithEveryFilterInTurn) {
  const RandomCase& c = GetParam();
  const auto seed =
      static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  SCOPED_TRACE(fmt::format("seed {}", seed));
  RandomFilters random(seed, c.fields);
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
    for (int i = 0; i < c.fields; ++i) Set(fmt::format("f{}", i), random.NextValue());
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
                                         RandomCase{20, 2000, 3000}));

// Filters of few shapes and many values: deep trees, filled in order and at random.
TEST_F(FilterIndexTest, DeepTreesAgreeWithEveryFilterInTurn) {
  const auto seed =
      static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  SCOPED_TRACE(fmt::format("seed {}", seed));
  RandomFilters random(seed, 3);
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
