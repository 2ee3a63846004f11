#include "core/engine/derived_topics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/engine/engine.h"
#include "core/engine/engine_testing.h"
#include "core/message/binary_message_type.h"
#include "core/message/fix_message_type.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

using Seen = std::vector<std::string>;
constexpr int64_t kSecond = 1'000'000'000;

// Writes down what it gets: "topic:body" for a change, "gone topic:body" when it has left,
// "(" topic:body ")" for the answer to a query.
class RecordingOutbox final : public Outbox {
 public:
  bool Deliver(const Delivery& delivery) override {
    const bool is_gone = delivery.out_of_focus != OutOfFocusReason::kNone;
    seen.push_back((is_gone ? "gone " : "") + Text(delivery));
    keys.emplace_back(delivery.sow_key);
    return true;
  }
  void Acknowledge(const Ack&) override {}
  bool BeginQuery(const QueryInfo&) override {
    seen.push_back("(");
    return true;
  }
  bool DeliverRecord(const QueryInfo&, const Delivery& record) override {
    answer_.push_back(Text(record));
    keys.emplace_back(record.sow_key);
    return true;
  }
  bool EndQuery(const QueryInfo&, uint64_t) override {
    // Records come in no order.
    std::ranges::sort(answer_);
    std::ranges::move(std::exchange(answer_, {}), std::back_inserter(seen));
    seen.push_back(")");
    return true;
  }
  Seen Take() { return std::exchange(seen, {}); }

  Seen seen;
  Seen keys;

 private:
  Seen answer_;

  static std::string Text(const Delivery& delivery) {
    return fmt::format("{}:{}", delivery.topic, delivery.body);
  }
};

class DerivedTopicsTest : public ::testing::Test {
 protected:
  static EngineOptions Options() {
    EngineOptions options;
    options.limits.aggregate_text_bytes_max = 100;
    options.limits.aggregations_max = 2;
    return options;
  }

  static SowTopicDefinition Stored(std::string name) {
    SowTopicDefinition definition;
    definition.name = std::move(name);
    definition.message_type = "json";
    definition.key_fields = {"/id"};
    return definition;
  }
  static ConflatedTopicDefinition Slow(std::string name, std::string source) {
    ConflatedTopicDefinition definition;
    definition.name = std::move(name);
    definition.source = std::move(source);
    definition.message_type = "json";
    definition.interval_ns = kSecond;
    return definition;
  }
  static ViewDefinition SumView(std::string name, std::string source) {
    ViewDefinition definition;
    definition.name = std::move(name);
    definition.source = std::move(source);
    definition.message_type = "json";
    definition.projection = {"/g", "SUM(/q) AS /q"};
    definition.grouping = {"/g"};
    return definition;
  }

  void Define(const SowDefinitions& definitions) {
    ASSERT_EQ(engine_.DefineTopics(definitions), absl::OkStatus());
  }
  ErrorCode DefineError(const SowDefinitions& definitions) {
    Engine engine(Options(), {&json_, &binary_}, clock_);
    return ErrorCodeOf(engine.DefineTopics(definitions));
  }

  Session* Open(RecordingOutbox& outbox, std::string_view name = "") {
    Session* session = engine_.OpenSession(outbox);
    LogOn(engine_, *session, name);
    return session;
  }
  ErrorCode Run(Session* session, CommandType type, std::string_view id, std::string_view topic,
                std::string_view options = "", std::string_view filter = "") {
    Command command;
    command.type = type;
    command.command_id = id;
    command.topic = topic;
    command.options = options;
    command.filter = filter;
    return ErrorCodeOf(engine_.Execute(*session, command));
  }
  ErrorCode Publish(Session* session, std::string_view topic, std::string body) {
    return PublishTo(engine_, *session, topic, std::move(body));
  }
  ErrorCode Delete(Session* session, std::string_view topic, std::string_view filter) {
    return Run(session, CommandType::kSowDelete, "d", topic, "", filter);
  }
  void Work() {
    while (engine_.RunBackgroundSlice()) {
    }
  }
  // What the clock makes due after `ns`.
  void After(int64_t ns) {
    clock_.Advance(ns);
    if (engine_.RunTimers()) Work();
  }

  JsonMessageType json_;
  BinaryMessageType binary_;
  ManualClock clock_;
  FixMessageType nvfix_{FixMessageType::Names::kText};
  Engine engine_{Options(), {&json_, &binary_, &nvfix_}, clock_};
  RecordingOutbox a_, b_;
};

TEST_F(DerivedTopicsTest, AConflatedTopicIsQueriedAndSubscribedToLikeAnyOther) {
  Define({Stored("fast"), Slow("slow", "fast")});
  Session* a = Open(a_);
  Publish(a, "fast", R"({"id":1,"n":1})");
  EXPECT_EQ(Run(a, CommandType::kSowAndSubscribe, "1", "slow", "oof"), ErrorCode::kNone);
  EXPECT_EQ(a_.Take(), Seen({"(", ")"}));
  Publish(a, "fast", R"({"id":1,"n":2})");
  Work();
  EXPECT_EQ(a_.Take(), Seen());
  After(kSecond);
  EXPECT_EQ(a_.Take(), Seen({R"(slow:{"id":1,"n":2})"}));
  Run(a, CommandType::kSow, "2", "slow", "", "/n = 2");
  EXPECT_EQ(a_.Take(), Seen({"(", R"(slow:{"id":1,"n":2})", ")"}));
  EXPECT_EQ(a_.keys.front(), a_.keys.back());
  Delete(a, "fast", "/id = 1");
  After(kSecond);
  EXPECT_EQ(a_.Take(), Seen({R"(gone slow:{"id":1,"n":2})"}));
}

TEST_F(DerivedTopicsTest, ViewsAreNotPublishedToOrDeletedFrom) {
  Define({Stored("t"), SumView("v", "t"), Slow("s", "t")});
  Session* a = Open(a_);
  EXPECT_EQ(Publish(a, "v", R"({"g":1})"), ErrorCode::kBadTopic);
  EXPECT_EQ(Publish(a, "s", R"({"id":1})"), ErrorCode::kBadTopic);
  EXPECT_EQ(Delete(a, "v", "/g = 1"), ErrorCode::kTopicNotStored);
  EXPECT_EQ(Delete(a, "s", "/id = 1"), ErrorCode::kTopicNotStored);
}

TEST_F(DerivedTopicsTest, AViewTellsInDeltasAndOutOfFocus) {
  Define({Stored("t"), SumView("v", "t")});
  Session* a = Open(a_);
  Publish(a, "t", R"({"id":1,"g":"x","q":1})");
  Work();
  Run(a, CommandType::kSowAndDeltaSubscribe, "1", "v", "oof", "/q < 10");
  EXPECT_EQ(a_.Take(), Seen({"(", R"(v:{"g":"x","q":1})", ")"}));
  Publish(a, "t", R"({"id":2,"g":"x","q":2})");
  Work();
  EXPECT_EQ(a_.Take(), Seen({R"(v:{"g":"x","q":3})"}));
  Publish(a, "t", R"({"id":3,"g":"x","q":20})");
  Work();
  EXPECT_EQ(a_.Take(), Seen({R"(gone v:{"g":"x","q":23})"}));
}

TEST_F(DerivedTopicsTest, DerivedTopicsAreSourcesOfOthers) {
  ViewDefinition total = SumView("total", "v");
  total.projection = {"SUM(/q) AS /all"};
  total.grouping = {};
  Define({Stored("t"), SumView("v", "t"), total, Slow("slow", "total")});
  Session* a = Open(a_);
  Run(a, CommandType::kSubscribe, "1", "slow|total");
  Publish(a, "t", R"({"id":1,"g":"x","q":1})");
  Publish(a, "t", R"({"id":2,"g":"y","q":2})");
  Work();
  EXPECT_EQ(a_.Take().back(), R"(total:{"all":3})");
  After(kSecond);
  EXPECT_EQ(a_.Take(), Seen({R"(slow:{"all":3})"}));
}

TEST_F(DerivedTopicsTest, TopicsOfOneNameAreToldApartByTheirMessageType) {
  SowTopicDefinition fix = Stored("t");
  fix.message_type = "nvfix";
  SowTopicDefinition only_fix = Stored("u");
  only_fix.message_type = "nvfix";
  ViewDefinition own = SumView("own", "t");
  ViewDefinition other = SumView("other", "u");
  ViewDefinition joined = SumView("joined", "");
  joined.joins = {{"[t].[/g]", "[nvfix].[t].[/g]"}};
  joined.projection = {"[t].[/g] AS /g", "SUM([nvfix].[t].[/q]) AS /q"};
  joined.grouping = {"[json].[t].[/g]"};
  Define({fix, Stored("t"), only_fix, own, other, joined});
  Session* a = Open(a_);
  Session* f = engine_.OpenSession(b_);
  Command command;
  command.type = CommandType::kLogon;
  command.message_type = "nvfix";
  ASSERT_TRUE(engine_.Execute(*f, command).ok());
  Publish(a, "t", R"({"id":1,"g":"x","q":1})");
  Publish(f, "t", "id=1\001g=x\001q=20");
  Publish(f, "u", "id=1\001g=x\001q=300");
  Work();
  for (const std::string_view view : {"own", "other", "joined"}) {
    Run(a, CommandType::kSow, "1", view);
  }
  Work();
  EXPECT_EQ(a_.Take(), Seen({"(", R"(own:{"g":"x","q":1})", ")", "(", R"(other:{"g":"x","q":300})",
                             ")", "(", R"(joined:{"g":"x","q":20})", ")"}));
}

TEST_F(DerivedTopicsTest, AChangeAsksForBackgroundWorkOnce) {
  Define({Stored("t"), SumView("v", "t")});
  Work();
  int wakes = 0;
  engine_.OnBackgroundWork([&] { ++wakes; });
  Session* a = Open(a_);
  Publish(a, "t", R"({"id":1,"g":"x","q":1})");
  Publish(a, "t", R"({"id":2,"g":"x","q":1})");
  EXPECT_EQ(wakes, 1);
  Work();
  Publish(a, "t", R"({"id":3,"g":"x","q":1})");
  EXPECT_EQ(wakes, 2);
}

TEST_F(DerivedTopicsTest, DefinitionsThatCannotBe) {
  EXPECT_EQ(DefineError({SumView("v", "t"), Stored("t")}), ErrorCode::kBadTopic);
  EXPECT_EQ(DefineError({Slow("s", "t"), Stored("t")}), ErrorCode::kBadTopic);
  EXPECT_EQ(DefineError({Stored("t"), SumView("t", "t")}), ErrorCode::kBadOption);
  ViewDefinition bytes = SumView("v", "t");
  bytes.message_type = "binary";
  EXPECT_EQ(DefineError({Stored("t"), bytes}), ErrorCode::kMessageType);
  bytes.message_type = "unheard-of";
  EXPECT_EQ(DefineError({Stored("t"), bytes}), ErrorCode::kMessageType);
}

constexpr std::string_view kSums = "grouping=[/g],projection=[/g,SUM(/q) AS /q]";

TEST_F(DerivedTopicsTest, AnAggregatedQuerySeesWhatWasPublishedBefore) {
  Define({Stored("t")});
  Session* a = Open(a_);
  for (int i = 0; i < 1000; ++i) {
    Publish(a, "t", fmt::format(R"({{"id":{},"g":{},"q":1}})", i, i % 2));
  }
  EXPECT_EQ(Run(a, CommandType::kSow, "1", "t", kSums, "/id < 900"), ErrorCode::kNone);
  Work();
  EXPECT_EQ(a_.Take(), Seen({"(", R"(t:{"g":0,"q":450})", R"(t:{"g":1,"q":450})", ")"}));
  Publish(a, "t", R"({"id":0,"g":0,"q":7})");
  Run(a, CommandType::kSow, "2", "t", kSums, "/id < 900");
  Work();
  EXPECT_EQ(a_.Take(), Seen({"(", R"(t:{"g":0,"q":456})", R"(t:{"g":1,"q":450})", ")"}));
}

TEST_F(DerivedTopicsTest, AnAggregatedSubscriptionFollows) {
  Define({Stored("t")});
  Session* a = Open(a_);
  Publish(a, "t", R"({"id":1,"g":"x","q":1})");
  const std::string options = std::string(kSums) + ",oof";
  EXPECT_EQ(Run(a, CommandType::kSowAndSubscribe, "1", "t", options), ErrorCode::kNone);
  Publish(a, "t", R"({"id":2,"g":"x","q":1})");  // comes behind the answer
  Work();
  EXPECT_EQ(a_.Take(), Seen({"(", R"(t:{"g":"x","q":1})", ")", R"(t:{"g":"x","q":2})"}));
  Publish(a, "t", R"({"id":3,"g":"y","q":5})");
  Work();
  EXPECT_EQ(a_.Take(), Seen({R"(t:{"g":"y","q":5})"}));
  Delete(a, "t", "/id = 3");
  Work();
  EXPECT_EQ(a_.Take(), Seen({R"(gone t:{"g":"y","q":5})"}));
  Run(a, CommandType::kUnsubscribe, "u", "");
  engine_.CloseSession(a);
  EXPECT_EQ(engine_.subscription_count(), 0u);
}

TEST_F(DerivedTopicsTest, EachSubscriberOfOneAggregationGetsItsOwnSnapshotAndThenChangesOnce) {
  Define({Stored("t")});
  Session* a = Open(a_);
  Session* b = Open(b_);
  Publish(a, "t", R"({"id":1,"g":"x","q":1})");
  Run(a, CommandType::kSowAndSubscribe, "1", "t", kSums);
  Work();
  EXPECT_EQ(a_.Take(), Seen({"(", R"(t:{"g":"x","q":1})", ")"}));
  Publish(a, "t", R"({"id":2,"g":"x","q":1})");
  // The view has not got there yet, the query waits for it.
  Run(b, CommandType::kSowAndSubscribe, "1", "t", kSums);
  EXPECT_EQ(b_.Take(), Seen({"("}));
  Work();
  EXPECT_EQ(b_.Take(), Seen({R"(t:{"g":"x","q":2})", ")"}));
  EXPECT_EQ(a_.Take(), Seen({R"(t:{"g":"x","q":2})"}));
  Publish(a, "t", R"({"id":3,"g":"x","q":1})");
  Work();
  EXPECT_EQ(a_.Take(), Seen({R"(t:{"g":"x","q":3})"}));
  EXPECT_EQ(b_.Take(), Seen({R"(t:{"g":"x","q":3})"}));
}

TEST_F(DerivedTopicsTest, AnAggregationIsNothingToOtherSubscribersOfTheTopic) {
  Define({Stored("t")});
  Session* a = Open(a_);
  Session* b = Open(b_);
  Run(b, CommandType::kSubscribe, "plain", "t");
  Run(b, CommandType::kSubscribe, "pattern", ".*");
  Run(a, CommandType::kSubscribe, "1", "t", kSums);
  Publish(a, "t", R"({"id":1,"g":"x","q":1})");
  Work();
  EXPECT_EQ(a_.Take(), Seen({R"(t:{"g":"x","q":1})"}));
  EXPECT_EQ(b_.Take(), Seen({R"(t:{"id":1,"g":"x","q":1})"}));
}

TEST_F(DerivedTopicsTest, FiltersOfDifferentClientsAreNotShared) {
  Define({Stored("t")});
  Session* a = Open(a_, "anna");
  Session* b = Open(b_, "bert");
  Publish(a, "t", R"({"id":1,"g":"x","q":1,"for":"anna"})");
  Publish(a, "t", R"({"id":2,"g":"x","q":5,"for":"bert"})");
  Run(a, CommandType::kSowAndSubscribe, "1", "t", kSums, "/for = CLIENT_NAME()");
  Run(b, CommandType::kSowAndSubscribe, "1", "t", kSums, "/for = CLIENT_NAME()");
  Work();
  EXPECT_EQ(a_.Take(), Seen({"(", R"(t:{"g":"x","q":1})", ")"}));
  EXPECT_EQ(b_.Take(), Seen({"(", R"(t:{"g":"x","q":5})", ")"}));
}

TEST_F(DerivedTopicsTest, AnAggregatedSubscriptionIsReplacedByAnother) {
  Define({Stored("t")});
  Session* a = Open(a_);
  Publish(a, "t", R"({"id":1,"g":"x","q":1})");
  Run(a, CommandType::kSowAndSubscribe, "1", "t", kSums);
  Work();
  a_.Take();
  EXPECT_EQ(Run(a, CommandType::kSowAndSubscribe, "1", "t",
                "replace,grouping=[],projection=[COUNT(/id) AS /n]"),
            ErrorCode::kNone);
  Work();
  EXPECT_EQ(a_.Take(), Seen({"(", R"(t:{"n":1})", ")"}));
  EXPECT_EQ(Run(a, CommandType::kSowAndSubscribe, "1", "t", "replace"), ErrorCode::kNone);
  Work();
  EXPECT_EQ(a_.Take(), Seen({"(", R"(t:{"id":1,"g":"x","q":1})", ")"}));
}

TEST_F(DerivedTopicsTest, PagesAndOrderAreThoseOfTheGroups) {
  Define({Stored("t")});
  Session* a = Open(a_);
  for (int i = 0; i < 9; ++i) {
    Publish(a, "t", fmt::format(R"({{"id":{},"g":{},"q":{}}})", i, i % 3, i));
  }
  Command command;
  command.type = CommandType::kSowAndSubscribe;
  command.command_id = "1";
  command.topic = "t";
  const std::string options = std::string(kSums) + ",top_n=1";
  command.options = options;
  command.order_by = "/q DESC";
  EXPECT_TRUE(engine_.Execute(*a, command).ok());
  Work();
  EXPECT_EQ(a_.Take(), Seen({"(", R"(t:{"g":2,"q":15})", ")"}));
  Publish(a, "t", R"({"id":0,"g":0,"q":50})");
  Work();
  EXPECT_EQ(a_.Take().back(), R"(t:{"g":0,"q":59})");
}

TEST_F(DerivedTopicsTest, AClientThatLeavesWhileItsAggregationIsBeingFilled) {
  Define({Stored("t")});
  Session* a = Open(a_);
  for (int i = 0; i < 1000; ++i) Publish(a, "t", fmt::format(R"({{"id":{},"g":1}})", i));
  Run(a, CommandType::kSowAndSubscribe, "1", "t", kSums);
  Run(a, CommandType::kSow, "2", "t", kSums);
  engine_.RunBackgroundSlice();
  engine_.CloseSession(a);
  Work();
  Session* b = Open(b_);
  EXPECT_EQ(Publish(b, "t", R"({"id":1,"g":1})"), ErrorCode::kNone);
  EXPECT_FALSE(engine_.RunBackgroundSlice());
}

TEST_F(DerivedTopicsTest, WhatCannotBeAggregated) {
  SowTopicDefinition group = Stored("group");
  group.pattern = "group-.*";
  Define({Stored("t"), group});
  Session* a = Open(a_);
  const auto error = [&](std::string_view topic, std::string options) {
    return Run(a, CommandType::kSow, "1", topic, options);
  };
  const std::string sums(kSums);
  EXPECT_EQ(error("nowhere", sums), ErrorCode::kTopicNotStored);
  EXPECT_EQ(error("t.*", sums), ErrorCode::kTopicNotStored);
  EXPECT_EQ(error("group-1", sums), ErrorCode::kTopicNotStored);
  EXPECT_EQ(error("t", sums + ",select=[-/g]"), ErrorCode::kBadOption);
  EXPECT_EQ(error("t", "grouping=[/g]"), ErrorCode::kBadOption);
  EXPECT_EQ(error("t", "grouping=[/g],projection=[]"), ErrorCode::kBadOption);
  EXPECT_EQ(error("t", "grouping=[/g],projection=[SUM(/q)]"), ErrorCode::kBadFilter);
  EXPECT_EQ(error("t", "grouping=[/g],projection=[[u].[/q] AS /q]"), ErrorCode::kBadTopic);
  Command command;
  command.type = CommandType::kSow;
  command.topic = "t";
  command.options = kSums;
  command.bookmark = "20240101T000000";
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*a, command)), ErrorCode::kBadOption);
  EXPECT_EQ(a_.Take(), Seen());
}

TEST_F(DerivedTopicsTest, TextOfAProjectionMayHoldCommas) {
  Define({Stored("t")});
  Session* a = Open(a_);
  Publish(a, "t", R"({"id":1,"g":"x"})");
  EXPECT_EQ(Run(a, CommandType::kSow, "1", "t",
                "grouping=[/g],projection=['a,b' AS /x,CONCAT(/g,',') AS /y]"),
            ErrorCode::kNone);
  Work();
  EXPECT_EQ(a_.Take(), Seen({"(", R"(t:{"x":"a,b","y":"x,"})", ")"}));
}

TEST_F(DerivedTopicsTest, LimitsAtAndAbove) {
  Define({Stored("t")});
  Session* a = Open(a_);
  // 100 bytes of grouping and projection together.
  const auto options = [](size_t bytes) {
    return "grouping=[/g],projection=[/g AS /" + std::string(bytes - 9, 'x') + "]";
  };
  EXPECT_EQ(Run(a, CommandType::kSow, "1", "t", options(100)), ErrorCode::kNone);
  EXPECT_EQ(Run(a, CommandType::kSow, "2", "t", options(101)), ErrorCode::kQuotaExceeded);
  Work();
  // Two different aggregations at once.
  EXPECT_EQ(Run(a, CommandType::kSubscribe, "3", "t", options(20)), ErrorCode::kNone);
  EXPECT_EQ(Run(a, CommandType::kSubscribe, "4", "t", options(21)), ErrorCode::kNone);
  EXPECT_EQ(Run(a, CommandType::kSubscribe, "5", "t", options(22)), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(Run(a, CommandType::kSubscribe, "6", "t", options(21)), ErrorCode::kNone);
  Command leave;
  leave.type = CommandType::kUnsubscribe;
  leave.sub_id = "3";
  EXPECT_TRUE(engine_.Execute(*a, leave).ok());
  EXPECT_EQ(Run(a, CommandType::kSubscribe, "5", "t", options(22)), ErrorCode::kNone);
}

}  // namespace
}  // namespace fluxgate
