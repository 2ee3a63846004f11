#include "core/engine/engine.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/engine/engine_testing.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

// Writes down what it gets: "ids:body" for a delivery, "type=error" for an ack.
class RecordingOutbox final : public Outbox {
 public:
  bool Deliver(const Delivery& delivery) override {
    if (full) return false;
    std::string ids;
    for (const Subscription* subscription : delivery.subscriptions) {
      ids += (ids.empty() ? "" : ",") + subscription->id;
    }
    seen.push_back(ids + ":" + std::string(delivery.body));
    return true;
  }
  void Acknowledge(const Ack& ack) override {
    seen.push_back(std::to_string(static_cast<int>(ack.type)) + "=" +
                   std::string(ErrorReason(ack.error)));
  }
  std::vector<std::string> Take() { return std::exchange(seen, {}); }

  bool full = false;
  std::vector<std::string> seen;
};

using Seen = std::vector<std::string>;

class EngineTest : public ::testing::Test {
 protected:
  static EngineOptions Options() {
    EngineOptions options;
    options.limits.subscriptions_per_session_max = 200;
    options.limits.body_bytes_max = 1000;
    options.limits.id_bytes_max = 8;
    options.limits.topics.name_bytes_max = 10;
    options.limits.fields_max = 3;
    return options;
  }

  Session* Open(RecordingOutbox& outbox, bool logon = true) {
    Session* session = engine_.OpenSession(outbox);
    if (logon) LogOn(engine_, *session);
    return session;
  }

  ErrorCode Subscribe(Session* session, std::string_view id, std::string_view topic,
                      std::string_view filter = "", std::string_view options = "") {
    Command command;
    command.type = CommandType::kSubscribe;
    command.sub_id = id;
    command.topic = topic;
    command.filter = filter;
    command.options = options;
    return ErrorCodeOf(engine_.Execute(*session, command));
  }

  ErrorCode Publish(Session* session, std::string_view topic, std::string body) {
    return PublishTo(engine_, *session, topic, std::move(body));
  }

  JsonMessageType json_;
  ManualClock clock_;
  Engine engine_{Options(), {&json_}, clock_};
  RecordingOutbox a_, b_;
};

TEST_F(EngineTest, OneCopyPerSessionNamesItsSubscriptionsInOrder) {
  Session* a = Open(a_);
  Session* b = Open(b_);
  Subscribe(a, "1", "t");
  Subscribe(b, "9", "t", "/n = 1");
  Subscribe(a, "2", "t", "/n = 1");
  Subscribe(a, "3", "t", "/n = 2");
  EXPECT_EQ(Publish(b, "t", R"({"n":1})"), ErrorCode::kNone);
  EXPECT_EQ(a_.Take(), Seen({R"(1,2:{"n":1})"}));
  EXPECT_EQ(b_.Take(), Seen({R"(9:{"n":1})"}));
  EXPECT_EQ(engine_.stats().published, 1u);
  EXPECT_EQ(engine_.stats().matched, 3u);
  EXPECT_EQ(engine_.stats().delivered, 2u);
}

TEST_F(EngineTest, AFilterKnowsWhoseItIs) {
  const auto logon = [this](RecordingOutbox& outbox, std::string_view name) {
    Session* session = engine_.OpenSession(outbox, {"127.0.0.1:5", "tcp-1"});
    Command command;
    command.type = CommandType::kLogon;
    command.client_name = name;
    command.user_id = "anna";
    command.message_type = "json";
    EXPECT_TRUE(engine_.Execute(*session, command).ok());
    return session;
  };
  Session* a = logon(a_, "desk-a");
  Session* b = logon(b_, "desk-b");
  for (Session* session : {a, b}) {
    EXPECT_EQ(Subscribe(session, "mine", "t", "/for = CLIENT_NAME()"), ErrorCode::kNone);
    EXPECT_EQ(Subscribe(session, "all", "t",
                        "USER() = 'anna' AND CONNECTION_NAME() = 'tcp-1' AND /for IS NOT NULL"),
              ErrorCode::kNone);
  }
  a_.Take();
  b_.Take();
  Publish(a, "t", R"({"for":"desk-b"})");
  EXPECT_EQ(a_.Take(), Seen({R"(all:{"for":"desk-b"})"}));
  EXPECT_EQ(b_.Take(), Seen({R"(mine,all:{"for":"desk-b"})"}));
}

TEST_F(EngineTest, LogonComesFirstAndOnce) {
  Session* a = Open(a_, /*logon=*/false);
  EXPECT_EQ(Publish(a, "t", "{}"), ErrorCode::kAuthentication);
  EXPECT_EQ(Subscribe(a, "1", "t"), ErrorCode::kAuthentication);
  Command logon;
  logon.type = CommandType::kLogon;
  logon.message_type = "unheard-of";
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*a, logon)), ErrorCode::kMessageType);
  logon.message_type = "json";
  EXPECT_TRUE(engine_.Execute(*a, logon).ok());
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*a, logon)), ErrorCode::kBadCommand);
}

TEST_F(EngineTest, AcksComeInStagesAndOnlyWhenAskedFor) {
  Session* a = Open(a_);
  Command command;
  command.type = CommandType::kFlush;
  EXPECT_TRUE(engine_.Execute(*a, command).ok());
  EXPECT_EQ(a_.Take(), Seen());
  for (AckType type : {AckType::kCompleted, AckType::kPersisted, AckType::kProcessed,
                       AckType::kReceived, AckType::kStats}) {
    command.acks.add(type);
  }
  EXPECT_TRUE(engine_.Execute(*a, command).ok());
  EXPECT_EQ(a_.Take(), Seen({"1=OK", "2=OK", "4=OK", "8=OK"}));
  command.type = CommandType::kSow;
  EXPECT_FALSE(engine_.Execute(*a, command).ok());
  EXPECT_EQ(a_.Take(), Seen({"1=OK", "2=TOPIC_INVALID"}));
}

TEST_F(EngineTest, LimitsAtAndAbove) {
  Session* a = Open(a_);
  EXPECT_EQ(Publish(a, "1234567890", std::string(1000, 'x')), ErrorCode::kNone);
  EXPECT_EQ(Publish(a, "12345678901", "{}"), ErrorCode::kBadTopic);
  EXPECT_EQ(Publish(a, "t", std::string(1001, 'x')), ErrorCode::kMessageTooLarge);
  EXPECT_EQ(Subscribe(a, "12345678", "t"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(a, "123456789", "t"), ErrorCode::kBadCommand);
  EXPECT_EQ(Subscribe(a, "f3", "t", "/a = 1 AND /b = 1 AND /c = 1"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(a, "f4", "t", "/d = 1"), ErrorCode::kQuotaExceeded);
  for (int i = 2; i < 200; ++i) EXPECT_EQ(Subscribe(a, std::to_string(i), "t"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(a, "200", "t"), ErrorCode::kQuotaExceeded);
}

TEST_F(EngineTest, AFailedReplaceLeavesTheSubscription) {
  Session* a = Open(a_);
  Subscribe(a, "1", "t", "/n = 1");
  EXPECT_EQ(Subscribe(a, "1", "t", "/n ="), ErrorCode::kSubscriptionExists);
  EXPECT_EQ(Subscribe(a, "1", "t", "/n =", "replace"), ErrorCode::kBadFilter);
  Publish(a, "t", R"({"n":1})");
  EXPECT_EQ(a_.Take(), Seen({R"(1:{"n":1})"}));
  EXPECT_EQ(Subscribe(a, "1", "u", "", "replace"), ErrorCode::kNone);
  Publish(a, "t", R"({"n":1})");
  Publish(a, "u", "{}");
  EXPECT_EQ(a_.Take(), Seen({"1:{}"}));
}

TEST_F(EngineTest, OptionsThatAreUnknownOrNotBuilt) {
  Session* a = Open(a_);
  EXPECT_EQ(Subscribe(a, "1", "t", "", "none, no_sowkey ,"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(a, "2", "t", "", "wrong"), ErrorCode::kBadOption);
  EXPECT_EQ(Subscribe(a, "2", "t", "", "replace=1"), ErrorCode::kBadOption);
  EXPECT_EQ(Subscribe(a, "2", "t", "", "projection=[/a,/b]"), ErrorCode::kBadOption);
  EXPECT_EQ(Subscribe(a, "2", "t", "", "bookmark_not_found=now"), ErrorCode::kNotBuilt);
}

TEST_F(EngineTest, AClosedSessionGetsNothingAndItsSubscriptionsGoInSlices) {
  Session* a = Open(a_);
  Session* b = Open(b_);
  for (int i = 0; i < 200; ++i) Subscribe(a, std::to_string(i), "t");
  Subscribe(b, "1", "t");
  engine_.CloseSession(a);
  EXPECT_EQ(engine_.subscription_count(), 201u);
  Publish(b, "t", "{}");
  EXPECT_EQ(a_.Take(), Seen());
  EXPECT_EQ(b_.Take(), Seen({"1:{}"}));
  int slices = 1;
  while (engine_.RunBackgroundSlice()) ++slices;
  EXPECT_GT(slices, 1);
  EXPECT_EQ(engine_.subscription_count(), 1u);
  EXPECT_EQ(engine_.session_count(), 1u);
}

TEST_F(EngineTest, UnsubscribeAllOfManyStopsDeliveryAtOnce) {
  Session* a = Open(a_);
  for (int i = 0; i < 200; ++i) Subscribe(a, std::to_string(i), "t");
  Command command;
  command.type = CommandType::kUnsubscribe;
  command.sub_id = "all";
  EXPECT_TRUE(engine_.Execute(*a, command).ok());
  Subscribe(a, "7", "t");  // the id is free again
  Publish(a, "t", "{}");
  EXPECT_EQ(a_.Take(), Seen({"7:{}"}));
  while (engine_.RunBackgroundSlice()) {
  }
  EXPECT_EQ(engine_.subscription_count(), 1u);
}

TEST_F(EngineTest, AFullOutboxDisturbsNobodyElse) {
  Session* a = Open(a_);
  Session* b = Open(b_);
  Subscribe(a, "1", "t");
  Subscribe(b, "1", "t");
  a_.full = true;
  EXPECT_EQ(Publish(b, "t", "{}"), ErrorCode::kNone);
  EXPECT_EQ(a_.Take(), Seen());
  EXPECT_EQ(b_.Take(), Seen({"1:{}"}));
}

}  // namespace
}  // namespace fluxgate
