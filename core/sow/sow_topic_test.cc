#include "core/sow/sow_topic.h"

#include <gtest/gtest.h>

#include <string>

#include "core/sow/sow_testing.h"

namespace fluxgate {
namespace {

using KeySource = SowTopicDefinition::KeySource;

TEST(SowTopicTest, KeepsTheLastMessageOfAKey) {
  TestTopic t;
  const auto first = t.Put(R"({"id":1,"v":1})");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->previous);
  const auto second = t.Put(R"({"id":1,"v":2})");
  EXPECT_EQ(second->previous->body(), R"({"id":1,"v":1})");
  EXPECT_EQ(second->current->body(), R"({"id":1,"v":2})");
  EXPECT_GT(second->current->sequence, first->current->sequence);
  EXPECT_EQ(t.topic().store().size(), 1u);
}

TEST(SowTopicTest, SpellingOfAKeyDoesNotMatter) {
  TestTopic t;
  const auto key = [&](std::string_view body) { return t.Put(body)->current->key; };
  EXPECT_EQ(key(R"({"id":1})"), key(R"({"id":"1"})"));
  EXPECT_EQ(key(R"({"id":1})"), key(R"({"id":1.0})"));
  EXPECT_NE(key(R"({"id":1})"), key(R"({"id":"01"})"));
}

TEST(SowTopicTest, FieldsOfAKeyAreKeptApart) {
  SowTopicDefinition definition = TestTopic::ById();
  definition.key_fields = {"/a", "/b"};
  TestTopic t(definition);
  EXPECT_NE(t.Put(R"({"a":"x","b":"yz"})")->current->key,
            t.Put(R"({"a":"xy","b":"z"})")->current->key);
  EXPECT_TRUE(t.Put(R"({"a":"x"})").ok()) << "one of them is enough";
  EXPECT_EQ(ErrorCodeOf(t.Put(R"({"c":1})").status()), ErrorCode::kMalformedBody);
}

TEST(SowTopicTest, TheKeyDomainIsPartOfTheKey) {
  SowTopicDefinition definition = TestTopic::ById();
  TestTopic own(definition);
  definition.key_domain = "shared";
  TestTopic shared(definition);
  EXPECT_NE(own.Put(R"({"id":1})")->current->key, shared.Put(R"({"id":1})")->current->key);
}

TEST(SowTopicTest, PublishersKeys) {
  TestTopic t(TestTopic::Named());
  EXPECT_EQ(ErrorCodeOf(t.Put("{}").status()), ErrorCode::kBadCommand);
  EXPECT_EQ(ErrorCodeOf(t.Put("{}", "a key").status()), ErrorCode::kBadCommand);
  EXPECT_TRUE(t.Put("{}", std::string(kSowKeyBytesMax, 'k')).ok());
  EXPECT_EQ(ErrorCodeOf(t.Put("{}", std::string(kSowKeyBytesMax + 1, 'k')).status()),
            ErrorCode::kBadCommand);
  ASSERT_TRUE(t.Put(R"({"x":1})", "abc+/=").ok());
  EXPECT_EQ(t.topic().Find("t", "abc+/=")->body(), R"({"x":1})");
  EXPECT_EQ(t.topic().Find("t", "abc"), nullptr);
}

TEST(SowTopicTest, GeneratedKeysMakeEveryMessageARecord) {
  SowTopicDefinition definition = TestTopic::Named();
  definition.key_source = KeySource::kGenerated;
  TestTopic t(definition);
  ASSERT_TRUE(t.Put("{}").ok());
  ASSERT_TRUE(t.Put("{}").ok());
  EXPECT_EQ(t.topic().store().size(), 2u);
  EXPECT_FALSE(t.Put("{}", "mine").ok());
}

TEST(SowTopicTest, ADeltaIsMergedAndWithoutARecordItIsOne) {
  TestTopic t;
  ASSERT_TRUE(t.Put(R"({"id":1,"v":1})", {}, true).ok());
  const auto merged = t.Put(R"({"id":1,"w":2})", {}, true);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(merged->current->body(), R"({"id":1,"v":1,"w":2})");
}

TEST(SowTopicTest, PreprocessingComesBeforeTheKeyAndEnrichmentBehind) {
  SowTopicDefinition definition = TestTopic::ById();
  definition.preprocessing = {"/raw AS /id"};
  definition.enrichment = {"COALESCE(/count OF PREVIOUS, 0) + 1 AS /count",
                           "IF(/raw > 5, 'high', NULL) AS /level HINT OPTIONAL"};
  TestTopic t(definition);
  ASSERT_TRUE(t.status().ok()) << t.status();
  EXPECT_EQ(t.Put(R"({"raw":7})")->current->body(), R"({"raw":7,"id":7,"count":1,"level":"high"})");
  EXPECT_EQ(t.Put(R"({"raw":7})")->current->body(), R"({"raw":7,"id":7,"count":2,"level":"high"})");
  EXPECT_EQ(t.Put(R"({"raw":3})")->current->body(), R"({"raw":3,"id":3,"count":1})");
}

TEST(SowTopicTest, ExpirationOfTheTopicAndOfTheMessage) {
  constexpr int64_t kSecond = 1'000'000'000;
  SowTopicDefinition definition = TestTopic::ById();
  definition.expires = true;
  definition.expiration_ns = 10 * kSecond;
  TestTopic t(definition);
  ASSERT_TRUE(t.Put(R"({"id":1})").ok());
  const uint64_t second = t.Put(R"({"id":2})", {}, false, 5)->current->key;
  ASSERT_TRUE(t.Put(R"({"id":3})", {}, false, 0).ok()) << "0: never";
  t.clock().Advance(5 * kSecond - 1);
  EXPECT_EQ(t.topic().NextExpired(t.clock().WallNs()), std::nullopt);
  t.clock().Advance(1);
  EXPECT_EQ(t.topic().NextExpired(t.clock().WallNs()), second);
  t.Remove(second);
  ASSERT_TRUE(t.Put(R"({"id":1})").ok()) << "lives anew";
  t.clock().Advance(5 * kSecond);
  EXPECT_EQ(t.topic().NextExpired(t.clock().WallNs()), std::nullopt);
}

TEST(SowTopicTest, MemoryAtTheLimitAndAboveIt) {
  SowTopicDefinition definition = TestTopic::ById();
  TestTopic unlimited(definition);
  const std::string body = R"({"id":1,"v":")" + std::string(20'000, 'x') + R"("})";
  const uint64_t before = unlimited.topic().bytes();
  ASSERT_TRUE(unlimited.Put(body).ok());
  const uint64_t one = RecordMemory::BytesFor(0, body.size());
  definition.memory_bytes_max = before + one;
  TestTopic enough(definition);
  EXPECT_TRUE(enough.Put(body).ok());
  definition.memory_bytes_max = before + one - 1;
  TestTopic too_small(definition);
  const auto refused = too_small.Put(body);
  EXPECT_EQ(ErrorCodeOf(refused.status()), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(too_small.topic().store().size(), 0u);
}

TEST(SowTopicTest, APatternHoldsManyTopics) {
  SowTopicDefinition definition = TestTopic::ById();
  definition.pattern = "orders/[a-z]+";
  TestTopic t(definition);
  EXPECT_TRUE(t.topic().Holds("orders/eu"));
  EXPECT_FALSE(t.topic().Holds("my orders/eu"));
  const auto eu = t.Put(SowPublish{.topic = "orders/eu", .body = R"({"id":1})"});
  const auto us = t.Put(SowPublish{.topic = "orders/us", .body = R"({"id":1})"});
  ASSERT_TRUE(us.ok());
  EXPECT_NE(eu->current->key, us->current->key);
  EXPECT_EQ(t.topic().TopicOf(*us->current), "orders/us");
}

// What a reader makes of a body that is malformed further on depends on the fields it wants: an
// index must find again what it has entered.
TEST(SowTopicTest, IndexesOfABodyThatIsMalformedFurtherOn) {
  TestTopic t;
  const auto first = t.Put(R"({"id":1,"x":5,!)");
  ASSERT_TRUE(first.ok()) << first.status();
  const auto top = [&](const char* order) {
    SowQuerySpec spec;
    spec.order_by = t.Order(order);
    spec.top_n = 10;
    return t.All(std::move(spec));
  };
  const auto build = [&] {
    while (t.topic().WantsSlice()) t.topic().RunSlice();
  };
  top("/x");
  build();
  top("/z");
  build();
  t.Remove(first->current->key);
  EXPECT_EQ(top("/x"), std::vector<std::string>());
  ASSERT_TRUE(t.Put(R"({"id":2,"x":1})").ok());
  EXPECT_EQ(top("/x"), std::vector<std::string>({R"({"id":2,"x":1})"}));
}

TEST(SowTopicTest, WhatOthersReadIsNoReasonToRefuse) {
  TestTopic t;
  RecordReaders wider;
  const auto filter = t.Compile("/far = 1");
  std::vector<FieldSlot> slots(t.topic().slots().begin(), t.topic().slots().end());
  slots.insert(slots.end(), filter->slots().begin(), filter->slots().end());
  std::ranges::sort(slots);
  wider.message = FieldReader(t.topic().context().type, t.fields(), slots);
  wider.previous = FieldReader(t.topic().context().type, t.fields(), slots);
  const std::string body = R"({"id":1,!)" + std::string(kBodyPaddingBytes, ' ');
  const auto put = t.topic().Put({.topic = "t", .body = std::string_view(body).substr(0, 9)}, wider,
                                 true, t.scratch());
  EXPECT_TRUE(put.ok()) << put.status();
}

TEST(SowTopicTest, DefinitionsThatCannotBe) {
  const auto error = [](auto change) {
    SowTopicDefinition definition = TestTopic::ById();
    change(definition);
    return ErrorCodeOf(TestTopic(definition).status());
  };
  EXPECT_EQ(error([](auto& d) { d.key_fields = {"id"}; }), ErrorCode::kBadFilter);
  EXPECT_EQ(error([](auto& d) { d.key_source = KeySource::kPublisher; }), ErrorCode::kBadOption);
  EXPECT_EQ(error([](auto& d) { d.enrichment = {"/a +"}; }), ErrorCode::kBadFilter);
  EXPECT_EQ(error([](auto& d) { d.pattern = "("; }), ErrorCode::kBadTopicPattern);
  EXPECT_EQ(error([](auto& d) {
              d.expires = true;
              d.history_window_ns = 1;
            }),
            ErrorCode::kBadOption);
}

TEST(SowTopicTest, HistoryGivesTheStateOfAnEarlierTime) {
  constexpr int64_t kSecond = 1'000'000'000;
  SowTopicDefinition definition = TestTopic::ById();
  definition.history_window_ns = 100 * kSecond;
  TestTopic t(definition);
  const int64_t begin = t.clock().WallNs();
  ASSERT_TRUE(t.Put(R"({"id":1,"v":1})").ok());
  t.clock().Advance(10 * kSecond);
  const uint64_t key = t.Put(R"({"id":1,"v":2})")->current->key;
  ASSERT_TRUE(t.Put(R"({"id":2,"v":9})").ok());
  t.clock().Advance(10 * kSecond);
  t.Remove(key);
  const auto at = [&](int64_t seconds) {
    SowQuerySpec spec;
    spec.as_of_ns = begin + seconds * kSecond;
    std::vector<std::string> bodies = t.All(std::move(spec));
    std::ranges::sort(bodies);
    return bodies;
  };
  using Bodies = std::vector<std::string>;
  EXPECT_EQ(at(0), Bodies({R"({"id":1,"v":1})"}));
  EXPECT_EQ(at(9), Bodies({R"({"id":1,"v":1})"}));
  EXPECT_EQ(at(10), Bodies({R"({"id":1,"v":2})", R"({"id":2,"v":9})"}));
  EXPECT_EQ(at(20), Bodies({R"({"id":2,"v":9})"}));
  EXPECT_EQ(at(-1), Bodies());
  t.clock().Advance(95 * kSecond);
  t.topic().RunSlice();
  EXPECT_EQ(at(10), Bodies()) << "before the window nothing is known";
}

TEST(SowTopicTest, OfAGranuleTheLastVersionIsKept) {
  constexpr int64_t kSecond = 1'000'000'000;
  SowTopicDefinition definition = TestTopic::ById();
  definition.history_window_ns = 100 * kSecond;
  definition.history_granularity_ns = 10 * kSecond;
  TestTopic t(definition);
  const int64_t begin = t.clock().WallNs();
  ASSERT_EQ(begin % (10 * kSecond), 0);
  for (int v = 0; v < 25; ++v) {
    ASSERT_TRUE(t.Put(R"({"id":1,"v":)" + std::to_string(v) + "}").ok());
    t.clock().Advance(kSecond);
  }
  SowQuerySpec spec;
  spec.as_of_ns = begin + 9 * kSecond;
  EXPECT_EQ(t.All(spec), std::vector<std::string>({R"({"id":1,"v":9})"}));
}

}  // namespace
}  // namespace fluxgate
