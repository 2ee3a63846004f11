#include "core/subscription/subscription_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

class SubscriptionTableTest : public ::testing::Test {
 protected:
  SubscriptionTableTest() : table_(json_, TopicLimits{.topics_remembered_max = 4}, 100, clock_) {}

  Subscription& Subscribe(const std::string& id, const std::string& topic,
                          const std::string& filter = "") {
    auto subscription = std::make_unique<Subscription>();
    subscription->id = id;
    subscription->topic = topic;
    if (IsTopicPattern(topic)) subscription->pattern = *TopicPattern::Compile(topic);
    if (!filter.empty()) {
      auto compiled = Filter::Compile(filter, table_.fields());
      EXPECT_TRUE(compiled.ok()) << compiled.status();
      subscription->filter = *compiled;
    }
    table_.Add(*subscription);
    subscriptions_.push_back(std::move(subscription));
    return *subscriptions_.back();
  }

  std::set<std::string> Matching(const std::string& topic, std::string body,
                                 bool expect_valid = true) {
    const size_t size = body.size();
    body.append(kBodyPaddingBytes, '\0');
    std::vector<Subscription*> matches;
    Command publish;
    publish.topic = topic;
    publish.body = {body.data(), size};
    EXPECT_EQ(table_.Match(table_.Resolve(topic), publish, matches), expect_valid);
    std::set<std::string> ids;
    for (Subscription* subscription : matches) ids.insert(subscription->id);
    EXPECT_EQ(ids.size(), matches.size()) << "a subscription matched twice";
    return ids;
  }

  using Ids = std::set<std::string>;
  JsonMessageType json_;
  ManualClock clock_;
  SubscriptionTable table_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;
};

TEST_F(SubscriptionTableTest, FiltersReadTheEnvelopeToo) {
  Subscribe("small", ".*", "MESSAGE_SIZE() < 10");
  Subscribe("orders", ".*", "TOPIC_NAME() = 'orders' AND /price > 100");
  Subscribe("recent", "quotes", "UNIX_TIMESTAMP() > 1700000000.5");
  EXPECT_EQ(Matching("orders", R"({"price":150})"), Ids({"orders"}));
  EXPECT_EQ(Matching("quotes", R"({"price":150})"), Ids());
  clock_.Advance(600'000'000);
  EXPECT_EQ(Matching("quotes", "{}"), Ids({"small", "recent"}));
  // A body that cannot be read stops those that need none of it as little as any other.
  EXPECT_EQ(Matching("orders", "{\"pri", false), Ids({"small"}));
}

TEST_F(SubscriptionTableTest, ExactTopicsAndFilters) {
  Subscribe("all", "orders");
  Subscribe("dear", "orders", "/price > 100");
  Subscribe("other", "quotes");
  EXPECT_EQ(Matching("orders", R"({"price":50})"), Ids({"all"}));
  EXPECT_EQ(Matching("orders", R"({"price":150})"), Ids({"all", "dear"}));
  EXPECT_EQ(Matching("quotes", "{}"), Ids({"other"}));
  EXPECT_EQ(Matching("nothing", "{}"), Ids());
}

TEST_F(SubscriptionTableTest, PatternsReachTopicsOldAndNew) {
  EXPECT_EQ(Matching("orders.eu", "{}"), Ids());
  Subscription& pattern = Subscribe("p", "^orders\\..*", "/n = 1");
  EXPECT_EQ(Matching("orders.eu", R"({"n":1})"), Ids({"p"}));
  EXPECT_EQ(Matching("orders.us", R"({"n":1})"), Ids({"p"}));
  EXPECT_EQ(Matching("orders", R"({"n":1})"), Ids());
  table_.Remove(pattern);
  EXPECT_EQ(Matching("orders.eu", R"({"n":1})"), Ids());
}

TEST_F(SubscriptionTableTest, SubscriptionsShareAPatternAndAFilter) {
  Subscription& a = Subscribe("a", "^o.*", "/n = 1");
  Subscribe("b", "^o.*", "/n  ==  1");
  EXPECT_EQ(Matching("orders", R"({"n":1})"), Ids({"a", "b"}));
  table_.Remove(a);
  EXPECT_EQ(Matching("orders", R"({"n":1})"), Ids({"b"}));
  Subscribe("c", "^o.*");
  EXPECT_EQ(Matching("orders", R"({"n":2})"), Ids({"c"}));
}

TEST_F(SubscriptionTableTest, ABadBodyReachesThoseWhoDoNotNeedIt) {
  Subscribe("all", "orders");
  Subscribe("constant", "orders", "1 = 1");
  Subscribe("some", "orders", "/n IS NULL");
  EXPECT_EQ(Matching("orders", "no json", false), Ids({"all", "constant"}));
  EXPECT_EQ(Matching("orders", "{}"), Ids({"all", "constant", "some"}));
}

TEST_F(SubscriptionTableTest, ForgottenTopicsAreResolvedAgain) {
  Subscribe("exact", "kept");
  Subscribe("p", "^t[0-9]+$");
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Matching("t" + std::to_string(i), "{}"), Ids({"p"}));
    EXPECT_LE(table_.topics_remembered(), 5u);
  }
  EXPECT_EQ(Matching("t0", "{}"), Ids({"p"}));
  EXPECT_EQ(Matching("kept", "{}"), Ids({"exact"}));
  EXPECT_GT(table_.version(), 1u);
}

TEST_F(SubscriptionTableTest, FieldsAreGivenBackWithTheirFilters) {
  Subscription& a = Subscribe("a", "orders", "/x = 1 AND /y = 2");
  EXPECT_EQ(table_.fields().in_use(), 2u);
  EXPECT_EQ(Matching("orders", R"({"x":1,"y":2})"), Ids({"a"}));
  table_.Remove(a);
  subscriptions_.clear();
  EXPECT_EQ(table_.fields().in_use(), 0u);
  Subscribe("b", "orders", "/z = 1");
  EXPECT_EQ(Matching("orders", R"({"x":1,"y":2,"z":1})"), Ids({"b"}));
}

TEST_F(SubscriptionTableTest, LeavingALongListLeavesTheOthers) {
  std::vector<Subscription*> same;
  for (int i = 0; i < 1000; ++i) {
    same.push_back(&Subscribe(std::to_string(i), "orders", i % 2 == 0 ? "" : "/n = 1"));
  }
  Ids expected;
  for (int i = 0; i < 1000; ++i) {
    if (i % 3 == 0) {
      table_.Remove(*same[static_cast<size_t>(i)]);
    } else {
      expected.insert(std::to_string(i));
    }
  }
  EXPECT_EQ(Matching("orders", R"({"n":1})"), expected);
  EXPECT_EQ(table_.size(), expected.size());
}

}  // namespace
}  // namespace fluxgate
