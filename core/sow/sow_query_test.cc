#include "core/sow/sow_query.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "core/sow/sow_testing.h"

namespace fluxgate {
namespace {

using Bodies = std::vector<std::string>;

std::string Body(int id, int v) {
  return "{\"id\":" + std::to_string(id) + ",\"v\":" + std::to_string(v) + "}";
}

TEST(SowQueryTest, FilterOrderTopAndSkip) {
  TestTopic t;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(t.Put(Body(i, (i * 7) % 10)).ok());
  SowQuerySpec spec;
  spec.filter = t.Compile("/v < 8");
  spec.order_by = t.Order("/v DESC");
  spec.top_n = 3;
  spec.skip_n = 1;
  auto query = t.Query(std::move(spec));
  EXPECT_EQ(TestTopic::Drain(*query), Bodies({Body(8, 6), Body(5, 5), Body(2, 4)}));
  EXPECT_EQ(query->matches(), 8u);
  EXPECT_EQ(query->topic_records(), 10u);
  EXPECT_EQ(query->returned(), 3u);
  EXPECT_TRUE(query->is_cut());
}

TEST(SowQueryTest, ByKeysEachOnceAndInTheirOrder) {
  TestTopic t(TestTopic::Named());
  for (const char* key : {"a", "b", "c"})
    ASSERT_TRUE(t.Put("\"" + std::string(key) + "\"", key).ok());
  SowQuerySpec spec;
  spec.by_keys = true;
  spec.keys = {"c", "nobody", "a", "c"};
  EXPECT_EQ(t.All(std::move(spec)), Bodies({"\"c\"", "\"a\""}));
}

// The state is that of the moment when the query is made, whatever changes while it goes on, in any
// order and size of slices.
TEST(SowQueryTest, OneStateWhateverHappensMeanwhile) {
  std::mt19937_64 random(20261122);
  for (int round = 0; round < 300; ++round) {
    SowTopicDefinition definition = TestTopic::ById();
    if (round % 3 == 1) definition.hash_indexes = {{"/v"}};
    if (round % 3 == 2) definition.ordered_indexes = {"/v"};
    TestTopic t(definition);
    std::map<int, int> model;
    std::map<int, uint64_t> keys;
    const auto change = [&] {
      const int id = static_cast<int>(random() % 30);
      if (random() % 4 == 0) {
        if (keys.contains(id)) t.Remove(keys[id]);
        model.erase(id);
        return;
      }
      const int v = static_cast<int>(random() % 5);
      const auto put = t.Put(Body(id, v));
      keys[id] = put->current->key;
      model[id] = v;
    };
    for (int i = 0; i < 60; ++i) change();
    SowQuerySpec spec;
    const bool filtered = random() % 2 == 0;
    const bool ordered = random() % 2 == 0;
    if (filtered) spec.filter = t.Compile("/v IN (1, 2)");
    if (ordered) spec.order_by = t.Order("/id");
    if (ordered && random() % 2 == 0) spec.top_n = 7;
    Bodies expected;
    for (const auto& [id, v] : model) {
      if (!filtered || v == 1 || v == 2) expected.push_back(Body(id, v));
    }
    if (spec.top_n != 0 && expected.size() > spec.top_n) expected.resize(spec.top_n);
    auto query = t.Query(std::move(spec));
    Bodies got;
    const auto take = [&](const SowQuery::Result& result) {
      got.emplace_back(result.record->body());
      return random() % 2 == 0;
    };
    while (query->Run(random() % 4, SIZE_MAX, take) != SowQuery::Progress::kDone) {
      for (uint64_t i = random() % 3; i > 0; --i) change();
    }
    if (!ordered) std::ranges::sort(got), std::ranges::sort(expected);
    ASSERT_EQ(got, expected) << "round " << round;
  }
}

TEST(SowQueryTest, ALargeOrderIsSortedInRuns) {
  TestTopic t;
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(t.Put(Body(i, (i * 7919) % 10'000)).ok());
  SowQuerySpec spec;
  spec.order_by = t.Order("/v");
  const Bodies got = t.All(std::move(spec));
  ASSERT_EQ(got.size(), 10'000u);
  for (int v = 0; v < 10'000; v += 997) {
    EXPECT_NE(got[static_cast<size_t>(v)].find("\"v\":" + std::to_string(v) + "}"),
              std::string::npos);
  }
}

// More than is kept as a heap, and what is behind the last wanted one is dropped in slices.
TEST(SowQueryTest, ManyOfALargeOrder) {
  TestTopic t;
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(t.Put(Body(i, (i * 7919) % 10'000)).ok());
  SowQuerySpec spec;
  spec.order_by = t.Order("/v DESC");
  spec.top_n = 5000;
  spec.skip_n = 10;
  auto query = t.Query(std::move(spec));
  const Bodies got = TestTopic::Drain(*query);
  ASSERT_EQ(got.size(), 5000u);
  EXPECT_NE(got.front().find("\"v\":9989}"), std::string::npos);
  EXPECT_NE(got.back().find("\"v\":4990}"), std::string::npos);
  EXPECT_TRUE(query->is_cut());
}

TEST(SowQueryTest, RecordsOfAReplacedScopeAreLeftOut) {
  TestTopic t;
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(t.Put(Body(i, i)).ok());
  SowQuerySpec spec;
  spec.filter = t.Compile("/v > 1");
  spec.leave_out = true;
  spec.left_out = t.Compile("/v < 4");
  Bodies got = t.All(std::move(spec));
  std::ranges::sort(got);
  EXPECT_EQ(got, Bodies({Body(4, 4), Body(5, 5)}));
}

}  // namespace
}  // namespace fluxgate
