// Views of joined topics, and views after many changes against what they should be.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/sow/view.h"
#include "core/sow/view_testing.h"

namespace fluxgate {
namespace {

using ViewJoinTest = ViewTest;

TEST_F(ViewJoinTest, LeftOuterJoin) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined({{"[a].[/c]", "[b].[/c]"}},
                          {"[a].[/id] AS /a", "COUNT([b].[/id]) AS /n", "SUM([b].[/q]) AS /q"},
                          {"[a].[/id]"}));
  Put(a, R"({"id":1,"c":"x"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":0,"q":null})"}));
  Put(b, R"({"id":10,"c":"x","q":2})");
  Put(b, R"({"id":11,"c":"x","q":3})");
  Put(b, R"({"id":12,"c":"y","q":9})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":2,"q":5})"}));
  Put(b, R"({"id":10,"c":"y","q":2})");  // joins another value now
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":1,"q":3})"}));
  Put(a, R"({"id":1,"c":"y"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":2,"q":11})"}));
  Remove(b, "12");
  Remove(b, "10");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":0,"q":null})"}));
}

TEST_F(ViewJoinTest, NullsDoNotJoin) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined({{"[a].[/c]", "[b].[/c]"}}, {"[a].[/id] AS /a", "COUNT([b].[/id]) AS /n"},
                          {"[a].[/id]"}));
  Put(b, R"({"id":10})");
  Put(a, R"({"id":1})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"n":0})"}));
}

TEST_F(ViewJoinTest, JoinsInAChainAndTogether) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  SowTopic& c = Source("c");
  Made view =
      Make(Joined({{"[a].[/b]", "[b].[/id]"}, {"[b].[/x]", "[c].[/x]"}, {"[a].[/y]", "[c].[/y]"}},
                  {"[a].[/id] AS /a", "MAX([c].[/id]) AS /c"}, {"[a].[/id]"}));
  Put(a, R"({"id":1,"b":5,"y":"Y"})");
  Put(b, R"({"id":5,"x":"X"})");
  Put(c, R"({"id":7,"x":"X","y":"other"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"c":null})"}));
  Put(c, R"({"id":7,"x":"X","y":"Y"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"c":7})"}));
  Put(b, R"({"id":5,"x":"other"})");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"a":1,"c":null})"}));
}

TEST_F(ViewJoinTest, JoinsTopicsOfSeveralMessageTypes) {
  SowTopic& a = Source("a");
  SowTopic& f = Source("f", &fix_);
  Made view = Make(Joined({{"[a].[/c]", "[f].[/55]"}}, {"[a].[/id] AS /id", "SUM([f].[/38]) AS /q"},
                          {"[a].[/id]"}));
  Put(a, R"({"id":1,"c":"IBM"})");
  Put(f, "1=k\00155=IBM\00138=12\001");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"id":1,"q":12})"}));
}

TEST_F(ViewJoinTest, RowsOfOneRecordAtTheLimitAndAbove) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined({{"[a].[/c]", "[b].[/c]"}}, {"COUNT([b].[/id]) AS /n"}, {}));
  Put(a, R"({"id":0,"c":1})");
  for (size_t i = 1; i <= View::kRowsPerRecordMax; ++i) {
    Put(b, fmt::format(R"({{"id":{},"c":1}})", i));
  }
  view.Drain();
  EXPECT_EQ(view.Sorted(), std::multiset<std::string>({R"({"n":1000})"}));
  EXPECT_EQ(view.view->records_cut(), 0u);
  Put(b, R"({"id":0,"c":1})");
  EXPECT_EQ(view.Drain(), Seen());
  EXPECT_EQ(view.view->records_cut(), 1u);
  Remove(b, "5");
  Remove(b, "6");
  EXPECT_EQ(view.Drain(), Seen({R"(+{"n":999})"}));
  EXPECT_EQ(view.view->records_cut(), 0u);
}

TEST_F(ViewJoinTest, ManyLeftRecordsOfOneJoinedRecordAreRedoneInSlices) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined({{"[a].[/c]", "[b].[/id]"}}, {"SUM([b].[/q]) AS /q"}, {}));
  Put(b, R"({"id":1,"q":1})");
  for (int i = 0; i < 2000; ++i) Put(a, fmt::format(R"({{"id":{},"c":1}})", i));
  view.Drain();
  Put(b, R"({"id":1,"q":3})");
  int slices = 0;
  while (view.view->RunSlice(*view.records)) ++slices;
  EXPECT_GT(slices, 10);
  const Seen seen = view.records->Take();
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back(), R"(+{"q":6000})");
}

TEST_F(ViewJoinTest, NothingIsKeptOfRecordsThatAreGone) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined({{"[a].[/c]", "[b].[/c]"}}, {"[a].[/c] AS /c"}, {"[a].[/c]"}));
  std::vector<uint64_t> bytes;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) {
      Put(a, fmt::format(R"({{"id":{},"c":"{}/{}"}})", i, round, i));
      Put(b, fmt::format(R"({{"id":{},"c":"{}/{}"}})", i, round, i));
      view.Drain();
    }
    EXPECT_EQ(view.Sorted().size(), 100u);
    for (int i = 0; i < 100; ++i) {
      Remove(a, fmt::format("{}", i));
      Remove(b, fmt::format("{}", i));
    }
    view.Drain();
    EXPECT_EQ(view.Sorted().size(), 0u);
    bytes.push_back(view.view->bytes());
  }
  EXPECT_EQ(bytes[1], bytes[0]);
  EXPECT_EQ(bytes[2], bytes[0]);
}

// A view that has followed changes says what a view made afterwards says.
TEST_F(ViewJoinTest, AfterAnyChangesItIsWhatItWouldBeFromScratch) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  SowTopic& c = Source("c");
  std::vector<ViewDefinition> definitions;
  definitions.push_back(
      Single({"/g", "SUM(/q) AS /sum", "COUNT(/q) AS /n", "MIN(/q) AS /min", "MAX(/q) AS /max",
              "AVG(/q) AS /avg", "SUM(/q * /p) / SUM(/q) AS /price",
              "COUNT_DISTINCT(/p) AS /prices", "UNIQUE(/p) AS /one"}));
  definitions.push_back(Single({"/g", "/p", "SUM(/q) AS /sum"}, {"/g", "/p"}));
  definitions.back().filter = "/q > 3 AND /g <> 1";
  definitions.push_back(
      Joined({{"[a].[/p]", "[b].[/p]"}},
             {"[a].[/g] AS /g", "COUNT([b].[/id]) AS /n", "SUM([a].[/q] * [b].[/q]) AS /product"},
             {"[a].[/g]"}));
  definitions.push_back(
      Joined({{"[a].[/p]", "[b].[/p]"}, {"[b].[/g]", "[c].[/g]"}, {"[a].[/q]", "[c].[/q]"}},
             {"[b].[/g] AS /b", "COUNT([c].[/id]) AS /n", "MIN([c].[/p]) AS /p",
              "COUNT([a].[/id]) AS /rows"},
             {"[b].[/g]"}));
  std::vector<Made> views;
  for (const ViewDefinition& definition : definitions) views.push_back(Make(definition));
  const unsigned seed = 20240611;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  SowTopic* const topics[] = {&a, &b, &c};
  for (int round = 0; round < 60; ++round) {
    for (unsigned i = below(40); i > 0; --i) {
      SowTopic& topic = *topics[below(3)];
      const unsigned id = below(25);
      const auto field = [&](std::string_view name, unsigned n) {
        const unsigned value = below(n + 1);
        return value == n ? std::string() : fmt::format(R"(,"{}":{})", name, value);
      };
      if (below(4) == 0) {
        Remove(topic, fmt::format("{}", id));
      } else {
        Put(topic,
            fmt::format(R"({{"id":{}{}{}{}}})", id, field("g", 3), field("p", 4), field("q", 6)));
      }
      // Some see every change, some only the last of many.
      if (below(3) == 0) {
        Made& one = views[below(4)];
        one.view->RunSlice(*one.records);
      }
    }
    for (size_t i = 0; i < views.size(); ++i) {
      views[i].Drain();
      Made fresh = Make(definitions[i]);
      fresh.Drain();
      ASSERT_EQ(views[i].Bodies(), fresh.Bodies()) << "round " << round << ", view " << i;
    }
  }
}

// The same against sums made by hand, with every pair of records looked at.
TEST_F(ViewJoinTest, AJoinIsWhatNestedLoopsSay) {
  SowTopic& a = Source("a");
  SowTopic& b = Source("b");
  Made view = Make(Joined(
      {{"[a].[/p]", "[b].[/p]"}},
      {"[a].[/g] AS /g", "COUNT([a].[/id]) AS /rows", "SUM([a].[/q] * [b].[/q]) AS /product"},
      {"[a].[/g]"}));
  struct Row {
    int g, p, q;
  };
  std::map<int, Row> left, right;
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 20; ++i) {
      const bool is_left = random() % 2 == 0;
      const int id = static_cast<int>(random() % 15);
      auto& rows = is_left ? left : right;
      if (random() % 4 == 0) {
        rows.erase(id);
        Remove(is_left ? a : b, fmt::format("{}", id));
        continue;
      }
      const Row row{static_cast<int>(random() % 3), static_cast<int>(random() % 5),
                    static_cast<int>(random() % 9)};
      rows[id] = row;
      Put(is_left ? a : b,
          fmt::format(R"({{"id":{},"g":{},"p":{},"q":{}}})", id, row.g, row.p, row.q));
    }
    view.Drain();
    struct Sum {
      int rows = 0;
      int joined = 0;
      int product = 0;
    };
    std::map<int, Sum> sums;
    for (const auto& [left_id, l] : left) {
      Sum& sum = sums[l.g];
      bool is_joined = false;
      for (const auto& [right_id, r] : right) {
        if (l.p != r.p) continue;
        is_joined = true;
        ++sum.rows;
        ++sum.joined;
        sum.product += l.q * r.q;
      }
      if (!is_joined) ++sum.rows;
    }
    std::multiset<std::string> expected;
    for (const auto& [g, sum] : sums) {
      expected.insert(fmt::format(R"({{"g":{},"rows":{},"product":{}}})", g, sum.rows,
                                  sum.joined == 0 ? "null" : fmt::format("{}", sum.product)));
    }
    ASSERT_EQ(view.Sorted(), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace fluxgate
