#include "core/subscription/filter_index.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "core/subscription/filter_index_fixture.h"
#include "core/subscription/prefix_table.h"

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

TEST_F(FilterIndexTest, FindsByInequality) {
  const Id other = Add("/side != 'buy'");
  const Id none = Add("/side NOT IN ('buy', 'sell')");
  const Id number = Add("/n <> 100");
  const Id text = Add("/n != '100'");
  const struct {
    Value side;
    Value n;
    Ids matches;
  } cases[] = {
      {Value::String("buy"), Value::Int(100), {}},
      {Value::String("sell"), Value::Double(100.5), {other, number, text}},
      {Value::String("lend"), Value::String("100"), {other, none}},
      {Value::Int(1), Value::String("100.0"), {other, none, text}},
      {Value::Null(), Value::Null(), {}},
      {Value::Null(), Value::Double(std::numeric_limits<double>::quiet_NaN()), {}},
      {Value::Null(), Value::String("abc"), {number, text}},
  };
  for (const auto& c : cases) {
    Set("side", c.side);
    Set("n", c.n);
    EXPECT_EQ(Match(), c.matches);
  }
}

TEST_F(FilterIndexTest, LongListsOfExceptions) {
  std::string list = "'v0'";
  for (int i = 1; i < 6; ++i) {
    const Id id = Add(fmt::format("/venue NOT IN ({})", list));
    Set("venue", Value::String("x"));
    EXPECT_EQ(Match(), Ids{id}) << i;
    const std::string last = fmt::format("v{}", i - 1);
    Set("venue", Value::String(last));
    EXPECT_EQ(Match(), Ids{}) << i;
    list += fmt::format(", 'v{}'", i);
    Remove(id);
  }
}

TEST_F(FilterIndexTest, FindsWhatIsThereAndWhatIsNot) {
  const Id missing = Add("/note IS NULL");
  const Id there = Add("/note IS NOT NULL");
  for (const Value& value : {Value::Int(0), Value::Bool(false), Value::String("x"),
                             Value::Double(std::numeric_limits<double>::quiet_NaN())}) {
    Set("note", value);
    EXPECT_EQ(Match(), Ids{there});
  }
  Set("note", Value::Null());
  EXPECT_EQ(Match(), Ids{missing});
}

TEST_F(FilterIndexTest, FindsByPrefix) {
  const Id a = Add("/symbol BEGINS WITH ('A')");
  const Id ab = Add("/symbol LIKE '^AB' AND /price > 1");
  const Id either = Add("/symbol BEGINS WITH ('AB', 'A', '1')");
  const Id pattern = Add("/symbol LIKE '^AB[0-9]$'");
  Set("price", Value::Int(2));
  const struct {
    Value symbol;
    Ids matches;
  } cases[] = {{Value::String("A"), {a, either}},
               {Value::String("AB"), {a, ab, either}},
               {Value::String("AB7"), {a, ab, either, pattern}},
               {Value::Int(15), {either}},
               {Value::String("B"), {}},
               {Value::Null(), {}}};
  for (const auto& c : cases) {
    Set("symbol", c.symbol);
    EXPECT_EQ(Match(), c.matches);
  }
}

TEST_F(FilterIndexTest, PrefixesAtAndAboveWhatTheyAreFiledUnder) {
  const std::string fits(PrefixTable::kBytesMax, 'x');
  const Id exact = Add("/s BEGINS WITH ('" + fits + "')");
  const Id longer = Add("/s BEGINS WITH ('" + fits + "y')");
  Set("s", Value::String(fits));
  EXPECT_EQ(Match(), Ids{exact});
  const std::string above = fits + "yz";
  Set("s", Value::String(above));
  EXPECT_EQ(Match(), (Ids{exact, longer}));
  Set("s", Value::String(std::string_view(fits).substr(1)));
  EXPECT_EQ(Match(), Ids{});
}

TEST_F(FilterIndexTest, AnOrOverSeveralFieldsIsFoundOnce) {
  const Id plain = Add("/a = 1 OR /b = 2");
  const Id nested = Add("(/a = 1 AND /c > 5) OR /b LIKE '^2'");
  const Id further = Add("(/a = 1 OR /b = 2) AND /c > 5");
  const Id scanned = Add("/a = 1 OR /c > 5");
  const struct {
    int a, b, c;
    Ids matches;
  } cases[] = {{1, 2, 9, {plain, nested, further, scanned}},
               {1, 0, 0, {plain, scanned}},
               {0, 2, 0, {plain, nested}},
               {0, 22, 9, {nested, scanned}},
               {0, 0, 0, {}}};
  for (const auto& c : cases) {
    Set("a", Value::Int(c.a));
    Set("b", Value::Int(c.b));
    Set("c", Value::Int(c.c));
    EXPECT_EQ(Match(), c.matches);
  }
}

TEST_F(FilterIndexTest, PatternsAreSharedAndLetGo) {
  const size_t empty = index_->memory_bytes();
  std::vector<Id> ids;
  for (int i = 0; i < 100; ++i) {
    ids.push_back(Add(fmt::format("/n >= {} AND /s LIKE 'a.c' AND /s NOT LIKE '[{}]'", i, i % 10)));
  }
  Set("n", Value::Int(49));
  Set("s", Value::String("abc 7"));
  EXPECT_EQ(Match().size(), 45u);
  Set("s", Value::String("ab"));
  EXPECT_EQ(Match(), Ids{});
  for (int i = 0; i < 50; ++i) Remove(ids[static_cast<size_t>(i) * 2]);
  Set("s", Value::String("abc"));
  EXPECT_EQ(Match(), EveryFilterInTurn());
  RemoveAll();
  EXPECT_LE(index_->memory_bytes(), empty + 256);
}

TEST_F(FilterIndexTest, FiltersWithNothingButPatterns) {
  for (int i = 0; i < 300; ++i) {
    Add(fmt::format("/s LIKE '{}$' AND /t NOT LIKE 'x{}'", i % 10, i));
  }
  Add("/t NOT LIKE 'x1'");
  for (int round = 0; round < 3; ++round) {
    for (const char* text : {"ax7", "5", "x", "x15 x25"}) {
      Set("s", Value::String(text));
      Set("t", Value::String(text));
      EXPECT_EQ(Match(), EveryFilterInTurn()) << text;
    }
    for (int i = 0; i < 100; ++i) Remove(entered_.begin()->first);
  }
  const Value elements[] = {Value::String("ab"), Value::String("c9")};
  Set("s", Value::Array(elements));
  const Id id = Add("/s LIKE '9$'");
  const Ids found = Match();
  EXPECT_EQ(found, EveryFilterInTurn());
  EXPECT_EQ(std::count(found.begin(), found.end(), id), 1);
}

TEST_F(FilterIndexTest, AnyElementOfAnArrayIsEnough) {
  const Id one = Add("/tags = 'a' AND /key = 'k'");
  const Id both = Add("/tags = 'a' AND /tags = 'b'");
  const Id range = Add("/n > 5 AND /n < 2");
  const Id between = Add("/n BETWEEN 2 AND 5");
  const Id other = Add("/tags != 'a'");
  const Id none = Add("/tags NOT IN ('a')");
  const Id list = Add("/tags IN ('a', 'b', 'c')");
  const Value tags[] = {Value::String("a"), Value::String("b")};
  const Value numbers[] = {Value::Int(1), Value::String("7"), Value::Null()};
  Set("key", Value::String("k"));
  Set("tags", Value::Array(tags));
  Set("n", Value::Array(numbers));
  EXPECT_EQ(Match(), (Ids{one, both, range, other, list}));
  Set("tags", Value::String("c"));
  Set("n", Value::Int(3));
  EXPECT_EQ(Match(), (Ids{between, other, none, list}));
}

TEST_F(FilterIndexTest, MorePredicatesToCheckThanAreCounted) {
  for (const int count : {31, 32, 33}) {
    std::string text = "/key = 'k'";
    Set("key", Value::String("k"));
    for (int i = 1; i < count; ++i) {
      const std::string name = fmt::format("p{}", i);
      text += fmt::format(" AND /{} LIKE 'x$'", name);
      Set(name, Value::String("ax"));
    }
    const Id id = Add(text);
    EXPECT_EQ(Match(), Ids{id}) << count;
    Set(fmt::format("p{}", count - 1), Value::String("xa"));
    EXPECT_EQ(Match(), Ids{}) << count;
    Remove(id);
  }
}

TEST_F(FilterIndexTest, AFewFiltersAreAskedInTurn) {
  index_ = std::make_unique<FilterIndex>();
  for (FilterIndex::Id i = 0; i <= FilterIndex::kFewFilters + 1; ++i) {
    Add(i % 2 == 0 ? fmt::format("/a > {}", i) : "1 = 1");
    for (const int a : {-1, 0, 1, 3, 9}) {
      Set("a", Value::Int(a));
      EXPECT_EQ(Match(), EveryFilterInTurn()) << i << " " << a;
    }
    EXPECT_EQ(Match(/*body_valid=*/false).size(), (i + 1) / 2) << i;
  }
}

TEST_F(FilterIndexTest, MemoryIsGivenBack) {
  const size_t empty = index_->memory_bytes();
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto n = [&](uint64_t below) { return random() % below; };
    Add(fmt::format("/s = 'S{}' AND /p > {} AND /q < {}", n(3000), n(1000), n(1000)));
    Add(fmt::format("/p > {} AND /p < {}", n(1000), n(2000)));
    Add(fmt::format("/v IN ('a{}', 'b{}') AND /s LIKE 'x'", n(50), n(50)));
    Add(fmt::format("/s LIKE '^S{}' AND /v LIKE 'a.{}'", n(300), n(50)));
    Add(fmt::format("(/s = 'S{}' OR /v LIKE '^a{}') AND /v != 'b{}'", n(300), n(50), n(50)));
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
