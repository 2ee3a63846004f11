// For tests of what users may do: rules that answer when the test says so, clients that keep what
// they see, and commands that wait for answers as an edge does.
#ifndef FLUXGATE_CORE_ENGINE_ENTITLEMENT_TESTING_H_
#define FLUXGATE_CORE_ENGINE_ENTITLEMENT_TESTING_H_

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/engine/engine_testing.h"
#include "core/message/json_message_type.h"

namespace fluxgate {

using Lines = std::vector<std::string>;

// Answers when the test says so, by rules "user/topic/r" or "user/topic/w".
class TestRules final : public AccessAuthority {
 public:
  void Ask(AccessQuestion question) override {
    last_asker = question.asker;
    questions.push_back(std::move(question));
  }

  void Answer(Engine& engine, size_t count = SIZE_MAX) {
    while (!questions.empty() && count-- != 0) {
      const AccessQuestion question = std::move(questions.front());
      questions.pop_front();
      ++answered;
      const auto rule = rules.find(fmt::format("{}/{}/{}", question.user, question.topic,
                                               question.kind == AccessKind::kRead ? "r" : "w"));
      const AccessDecision decision = rule == rules.end() ? AccessDecision() : rule->second;
      (void)engine.Decide(question.asker, question.topic, question.kind, decision);
    }
  }
  void Allow(const std::string& what, const std::string& filter = "",
             const std::string& select = "") {
    rules[what] = {.is_allowed = true, .filter = filter, .select_list = select};
  }

  std::map<std::string, AccessDecision> rules;
  std::deque<AccessQuestion> questions;
  uint64_t last_asker = 0;
  int answered = 0;
};

class EntitledClient final : public Outbox {
 public:
  bool Deliver(const Delivery& delivery) override {
    const bool left = delivery.out_of_focus != OutOfFocusReason::kNone;
    seen.push_back(fmt::format("{}{} {}", left ? "oof " : "", delivery.topic, delivery.body));
    if (left) reasons.push_back(delivery.out_of_focus);
    return true;
  }
  void Acknowledge(const Ack& ack) override {
    if (ack.type == AckType::kStats) stats = fmt::format("{}/{}", ack.matches, ack.topic_matches);
    ++acks;
  }
  bool DeliverRecord(const QueryInfo&, const Delivery& record) override {
    seen.push_back(fmt::format("sow {} {}", record.topic, record.body));
    return true;
  }
  void OnAccessKnown() override { woken = true; }
  void Dismiss(const absl::Status& why) override { dismissed = ErrorText(why); }
  void CutOff(const absl::Status& why) override { dismissed = ErrorText(why); }

  Lines Take() { return std::exchange(seen, {}); }

  Session* session = nullptr;
  Lines seen;
  std::vector<OutOfFocusReason> reasons;
  std::string stats;
  std::string dismissed;
  int acks = 0;
  bool woken = false;
};

class EntitlementTest : public ::testing::Test {
 protected:
  static EngineOptions Options() {
    EngineOptions options;
    options.limits.access_topics_max = 8;
    return options;
  }
  static SowTopicDefinition Stored(std::string_view name) {
    SowTopicDefinition topic;
    topic.name = name;
    topic.message_type = "json";
    topic.key_fields = {"/id"};
    return topic;
  }

  EntitlementTest() {
    EXPECT_TRUE(engine_.DefineTopics({Stored("stored"), Stored("other")}).ok());
    Connect(free_, "", /*entitled=*/false);
  }
  void TearDown() override {
    while (engine_.RunBackgroundSlice()) {
    }
  }

  void Connect(EntitledClient& client, std::string_view user, bool entitled = true,
               std::string_view name = "") {
    client.session = engine_.OpenSession(client);
    if (entitled) {
      client.session->authority = &rules_;
      client.session->user_is_known = true;
    }
    Command logon;
    logon.type = CommandType::kLogon;
    logon.message_type = "json";
    logon.user_id = user;
    logon.client_name = name;
    logged_on_ = engine_.Execute(*client.session, logon);
  }

  // Runs it as an edge does: again when what it needs is known.
  ErrorCode Run(EntitledClient& client, const Command& command) {
    for (;;) {
      client.woken = false;
      const absl::Status status = engine_.Execute(*client.session, command);
      if (ErrorCodeOf(status) != ErrorCode::kPending) {
        while (engine_.RunBackgroundSlice()) {
        }
        return ErrorCodeOf(status);
      }
      rules_.Answer(engine_);
      EXPECT_TRUE(client.woken);
      if (!client.woken) return ErrorCode::kInternal;
    }
  }
  ErrorCode Publish(EntitledClient& client, std::string_view topic, std::string body,
                    bool delta = false) {
    const size_t size = body.size();
    body.append(kBodyPaddingBytes, '\0');
    Command command;
    command.type = delta ? CommandType::kDeltaPublish : CommandType::kPublish;
    command.topic = topic;
    command.body = std::string_view(body).substr(0, size);
    return Run(client, command);
  }
  ErrorCode Ask(EntitledClient& client, CommandType type, std::string_view topic,
                std::string_view filter = "", std::string_view options = "",
                std::string_view order_by = "") {
    const std::string id = fmt::format("s{}", ++commands_);
    Command command;
    command.type = type;
    command.command_id = id;
    command.topic = topic;
    command.filter = filter;
    command.options = options;
    command.order_by = order_by;
    command.acks.add(AckType::kStats);
    return Run(client, command);
  }
  ErrorCode Subscribe(EntitledClient& client, std::string_view topic, std::string_view filter = "",
                      std::string_view options = "") {
    return Ask(client, CommandType::kSubscribe, topic, filter, options);
  }
  ErrorCode Query(EntitledClient& client, std::string_view topic, std::string_view filter = "") {
    return Ask(client, CommandType::kSow, topic, filter);
  }
  void Reset() {
    engine_.ResetAccess(rules_);
    rules_.Answer(engine_);
    while (engine_.RunBackgroundSlice()) {
    }
  }

  JsonMessageType json_;
  ManualClock clock_;
  TestRules rules_;
  EntitledClient free_;  // may do everything
  Engine engine_{Options(), {&json_}, clock_};
  absl::Status logged_on_;
  int commands_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_ENTITLEMENT_TESTING_H_
