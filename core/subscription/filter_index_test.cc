#include "core/subscription/filter_index.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "core/subscription/filter_index_fixture.h"

namespace fluxgate {
namespace {

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

}  // namespace
}  // namespace fluxgate
