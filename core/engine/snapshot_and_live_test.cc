// What a subscriber gets around its snapshot, where the random schedules of tests/simulation once
// found something missing, twice or wrong.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/engine/engine.h"
#include "core/engine/engine_testing.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

using Seen = std::vector<std::string>;

// Writes down "topic key body" for records and changes, "-topic key" for what leaves.
class RecordingOutbox final : public Outbox {
 public:
  bool Deliver(const Delivery& delivery) override {
    const bool leaves = delivery.out_of_focus != OutOfFocusReason::kNone;
    std::string text =
        (leaves ? "-" : "") + std::string(delivery.topic) + " " + std::string(delivery.sow_key);
    if (!leaves) text += " " + std::string(delivery.body);
    seen.push_back(std::move(text));
    return true;
  }
  bool DeliverRecord(const QueryInfo& /*query*/, const Delivery& record) override {
    return Deliver(record);
  }
  void Acknowledge(const Ack& ack) override {
    if (ack.type == AckType::kStats) matches = ack.matches;
  }
  bool HasRoom() const override { return has_room; }
  Seen Take() { return std::exchange(seen, {}); }

  bool has_room = true;
  uint64_t matches = 0;
  Seen seen;
};

class SnapshotAndLiveTest : public ::testing::Test {
 protected:
  SnapshotAndLiveTest() {
    SowTopicDefinition named;
    named.name = "t";
    named.message_type = "json";
    named.key_source = SowTopicDefinition::KeySource::kPublisher;
    named.ordered_indexes = {"/a"};
    SowTopicDefinition group = named;
    group.name = "group";
    group.pattern = "^g/.*$";
    EXPECT_TRUE(engine_.DefineTopics({named, group}).ok());
    session_ = engine_.OpenSession(outbox_);
    LogOn(engine_, *session_);
  }

  void Publish(std::string_view topic, std::string_view key, std::string body) {
    EXPECT_EQ(PublishTo(engine_, *session_, topic, std::move(body), key), ErrorCode::kNone);
  }

  void Ask(CommandType type, std::string_view topic, std::string_view filter,
           std::string_view options, uint32_t top_n = 0, std::string_view order_by = "",
           std::string_view keys = "") {
    Command command;
    command.type = type;
    command.command_id = "c";
    if (type != CommandType::kSow) command.sub_id = "s";
    command.topic = topic;
    command.filter = filter;
    command.options = options;
    command.top_n = top_n;
    command.order_by = order_by;
    command.sow_keys = keys;
    command.acks.add(AckType::kStats);
    EXPECT_TRUE(engine_.Execute(*session_, command).ok());
  }

  void RunAll() {
    while (engine_.RunBackgroundSlice()) {
    }
  }

  JsonMessageType json_;
  ManualClock clock_;
  Engine engine_{{}, {&json_}, clock_};
  RecordingOutbox outbox_;
  Session* session_ = nullptr;
};

TEST_F(SnapshotAndLiveTest, ChangesBehindACutSnapshotGoByWhatItHad) {
  Publish("t", "x", R"({"a":1,"b":1})");
  Publish("t", "y", R"({"a":2,"b":1})");
  Publish("t", "z", R"({"a":3,"b":1})");
  outbox_.has_room = false;
  Ask(CommandType::kSowAndDeltaSubscribe, "t", "/a < 9", "oof", 1, "/a");
  Publish("t", "x", R"({"a":1,"b":2})");
  Publish("t", "y", R"({"a":9,"b":1})");  // never shown: nobody misses it
  Publish("t", "z", R"({"a":3,"b":2})");  // never shown: new
  outbox_.has_room = true;
  RunAll();
  EXPECT_EQ(outbox_.Take(),
            Seen({R"(t x {"a":1,"b":1})", R"(t x {"b":2})", R"(t z {"a":3,"b":2})"}));
}

TEST_F(SnapshotAndLiveTest, AReplacementLosesNothingThatConflationHeldBack) {
  Publish("t", "x", R"({"a":1})");
  Publish("t", "y", R"({"a":1})");
  Ask(CommandType::kSowAndSubscribe, "t", "/a > 0", "oof,conflation=1s");
  outbox_.Take();
  Publish("t", "x", R"({"a":2})");
  Publish("t", "y", R"({"a":0})");
  EXPECT_EQ(outbox_.Take(), Seen());
  Ask(CommandType::kSowAndSubscribe, "t", "/a > 0", "oof,replace");
  RunAll();
  EXPECT_EQ(outbox_.Take(), Seen({R"(t x {"a":2})", "-t y"}));
}

TEST_F(SnapshotAndLiveTest, AReplacementWithOtherFieldsBringsEveryRecordAgain) {
  Publish("t", "x", R"({"a":1,"b":1})");
  Ask(CommandType::kSowAndDeltaSubscribe, "t", "", "select=[-/b]");
  EXPECT_EQ(outbox_.Take(), Seen({R"(t x {"a":1})"}));
  Ask(CommandType::kSowAndDeltaSubscribe, "t", "", "replace");
  EXPECT_EQ(outbox_.Take(), Seen({R"(t x {"a":1,"b":1})"}));
}

TEST_F(SnapshotAndLiveTest, TopicsOfAGroupDoNotSharePublishersKeys) {
  Ask(CommandType::kSowAndSubscribe, "g/a", "", "oof");
  Publish("g/a", "k", R"({"a":1})");
  Publish("g/b", "k", R"({"a":2})");
  EXPECT_EQ(outbox_.Take(), Seen({R"(g/a k {"a":1})"}));
  Ask(CommandType::kSow, "g/a", "", "", 0, "", "k");
  EXPECT_EQ(outbox_.Take(), Seen({R"(g/a k {"a":1})"}));
  Ask(CommandType::kSow, "^g/", "", "", 0, "/a", "nobody,k");
  RunAll();
  EXPECT_EQ(outbox_.Take(), Seen({R"(g/a k {"a":1})", R"(g/b k {"a":2})"}));
}

TEST_F(SnapshotAndLiveTest, WhatWaitsBehindASnapshotKeepsItsTopicsName) {
  outbox_.has_room = false;
  Ask(CommandType::kSowAndSubscribe, "^g/", "", "");
  Seen wanted;
  for (int i = 0; i < 100; ++i) {
    const std::string topic = "g/" + std::to_string(i);
    Publish(topic, "k", "{}");
    wanted.push_back(topic + " k {}");
  }
  outbox_.has_room = true;
  RunAll();
  EXPECT_EQ(outbox_.Take(), wanted);
}

TEST_F(SnapshotAndLiveTest, StatsCountWhatTopNLeavesOut) {
  for (int i = 0; i < 5; ++i) {
    Publish("t", "k" + std::to_string(i), R"({"a":)" + std::to_string(i) + "}");
  }
  Ask(CommandType::kSow, "t", "/a > 0", "", 1, "/a");
  RunAll();
  EXPECT_EQ(outbox_.Take(), Seen({R"(t k1 {"a":1})"}));
  EXPECT_EQ(outbox_.matches, 4u);
}

}  // namespace
}  // namespace fluxgate
