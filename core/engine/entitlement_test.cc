// What users may do, as they see it: what is not allowed, what is hidden, what changes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/engine_testing.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

using Lines = std::vector<std::string>;

// Answers when the test says so, by rules "user/topic/r" or "user/topic/w".
class Rules final : public AccessAuthority {
 public:
  void Ask(AccessQuestion question) override { questions.push_back(std::move(question)); }

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
  int answered = 0;
};

class Client final : public Outbox {
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

  void Connect(Client& client, std::string_view user, bool entitled = true,
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
  ErrorCode Run(Client& client, const Command& command) {
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
  ErrorCode Publish(Client& client, std::string_view topic, std::string body, bool delta = false) {
    const size_t size = body.size();
    body.append(kBodyPaddingBytes, '\0');
    Command command;
    command.type = delta ? CommandType::kDeltaPublish : CommandType::kPublish;
    command.topic = topic;
    command.body = std::string_view(body).substr(0, size);
    return Run(client, command);
  }
  ErrorCode Ask(Client& client, CommandType type, std::string_view topic,
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
  ErrorCode Subscribe(Client& client, std::string_view topic, std::string_view filter = "",
                      std::string_view options = "") {
    return Ask(client, CommandType::kSubscribe, topic, filter, options);
  }
  ErrorCode Query(Client& client, std::string_view topic, std::string_view filter = "") {
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
  Rules rules_;
  Client free_;  // may do everything
  Engine engine_{Options(), {&json_}, clock_};
  absl::Status logged_on_;
  int commands_ = 0;
};

TEST_F(EntitlementTest, NothingIsAllowedThatIsNotSaid) {
  Client ann;
  Connect(ann, "ann");
  EXPECT_EQ(Publish(ann, "t", "{}"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Query(ann, "stored"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(ann, CommandType::kSowDelete, "stored", "1=1"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(free_, "t", "{}"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines());
}

TEST_F(EntitlementTest, ReadingIsNotWriting) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/r/r");
  rules_.Allow("ann/w/w");
  EXPECT_EQ(Subscribe(ann, "r"), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "r", "{}"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "w", "{}"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "w"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(free_, "r", "{\"a\":1}"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({"r {\"a\":1}"}));
}

TEST_F(EntitlementTest, ACommandWaitsForItsAnswerAndIsAcknowledgedOnce) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r");
  Command command;
  command.type = CommandType::kSubscribe;
  command.command_id = "1";
  command.topic = "t";
  command.acks.add(AckType::kReceived);
  command.acks.add(AckType::kProcessed);
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*ann.session, command)), ErrorCode::kPending);
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*ann.session, command)), ErrorCode::kPending);
  EXPECT_EQ(ann.acks, 0);
  EXPECT_EQ(rules_.questions.size(), 1u);
  rules_.Answer(engine_);
  EXPECT_TRUE(ann.woken);
  EXPECT_TRUE(engine_.Execute(*ann.session, command).ok());
  EXPECT_EQ(ann.acks, 2);
}

TEST_F(EntitlementTest, AnswersAreSharedByTheSessionsOfAUser) {
  Client one, two;
  Connect(one, "ann");
  Connect(two, "ann");
  rules_.Allow("ann/t/r");
  EXPECT_EQ(Subscribe(one, "t"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(two, "t"), ErrorCode::kNone);
  EXPECT_EQ(rules_.answered, 1);
}

TEST_F(EntitlementTest, AnAnswerForAClientThatHasLeftIsPassedOver) {
  Client ann;
  Connect(ann, "ann");
  Command command;
  command.type = CommandType::kSubscribe;
  command.command_id = "1";
  command.topic = "t";
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*ann.session, command)), ErrorCode::kPending);
  engine_.CloseSession(ann.session);
  rules_.Answer(engine_);
  EXPECT_FALSE(ann.woken);
}

TEST_F(EntitlementTest, OnlyMessagesThatTheUserMaySee) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r", "/owner = 'ann'");
  EXPECT_EQ(Subscribe(ann, "t", "/n > 1"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "t", "/n > 1) OR (1=1"), ErrorCode::kBadFilter);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"ann","n":1})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"bob","n":2})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"ann","n":2})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(t {"owner":"ann","n":2})"}));
}

TEST_F(EntitlementTest, AFilterWithAnOrDoesNotReachAroundTheUsersOwn) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r", "/owner = 'ann' OR /owner = 'all'");
  EXPECT_EQ(Subscribe(ann, "t", "/n = 1 OR /n = 2"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"bob","n":2})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"all","n":3})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"owner":"all","n":2})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(t {"owner":"all","n":2})"}));
}

TEST_F(EntitlementTest, APatternReachesOnlyWhatMayBeRead) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/a.1/r");
  rules_.Allow("ann/a.2/r", "/n > 1");
  EXPECT_EQ(Publish(free_, "a.1", R"({"n":1})"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "^a\\..*"), ErrorCode::kNone);
  for (const std::string_view topic : {"a.1", "a.2", "a.3"}) {
    EXPECT_EQ(Publish(free_, topic, R"({"n":1})"), ErrorCode::kNone);
    EXPECT_EQ(Publish(free_, topic, R"({"n":2})"), ErrorCode::kNone);
  }
  EXPECT_EQ(ann.Take(), Lines({R"(a.1 {"n":1})", R"(a.1 {"n":2})", R"(a.2 {"n":2})"}));
}

TEST_F(EntitlementTest, APublisherWaitsForWhatPatternsMaySee) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/new/r");
  EXPECT_EQ(Subscribe(ann, ".*"), ErrorCode::kNone);
  Command command;
  const std::string body = "{}" + std::string(kBodyPaddingBytes, '\0');
  command.type = CommandType::kPublish;
  command.topic = "new";
  command.body = std::string_view(body).substr(0, 2);
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*free_.session, command)), ErrorCode::kPending);
  rules_.Answer(engine_);
  EXPECT_TRUE(free_.woken);
  EXPECT_TRUE(engine_.Execute(*free_.session, command).ok());
  EXPECT_EQ(ann.Take(), Lines({"new {}"}));
}

TEST_F(EntitlementTest, WhoWaitsForAnotherUserGoesOnWhenThatOneLeaves) {
  auto ann = std::make_unique<Client>();
  Connect(*ann, "ann");
  EXPECT_EQ(Subscribe(*ann, ".*"), ErrorCode::kNone);
  Command command;
  const std::string body = "{}" + std::string(kBodyPaddingBytes, '\0');
  command.type = CommandType::kPublish;
  command.topic = "new";
  command.body = std::string_view(body).substr(0, 2);
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*free_.session, command)), ErrorCode::kPending);
  engine_.CloseSession(ann->session);
  EXPECT_TRUE(free_.woken);
  EXPECT_TRUE(engine_.Execute(*free_.session, command).ok());
}

TEST_F(EntitlementTest, QueriesShowWhatMayBeSeen) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r", "/owner = 'ann'");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"owner":"ann"})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":2,"owner":"bob"})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "other", R"({"id":3,"owner":"ann"})"), ErrorCode::kNone);
  const Lines visible = {R"(sow stored {"id":1,"owner":"ann"})"};
  EXPECT_EQ(Query(ann, "stored"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), visible);
  EXPECT_EQ(ann.stats, "1/1");
  EXPECT_EQ(Query(ann, "stored", "/id > 0"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), visible);
  EXPECT_EQ(Query(ann, ".*"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), visible);
  EXPECT_EQ(ann.stats, "1/1");
  EXPECT_EQ(Query(ann, ".*", "/id > 0"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), visible);
}

TEST_F(EntitlementTest, HiddenFieldsAreNeitherShownNorProbed) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r", "", "-/secret");
  rules_.Allow("ann/t/r", "", "-/secret");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"secret":7})"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "t", "/secret = 7"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Query(ann, "stored", "/secret > 0"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Query(ann, "stored", "/id = 1 OR /secret/x IS NULL"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(ann, CommandType::kSow, "stored", "", "", "/secret"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored", "", "top_n=2", "/secret DESC"),
            ErrorCode::kNotEntitled);
  EXPECT_EQ(Subscribe(ann, "stored", "", "conflation=1s,conflation_key=[/secret]"),
            ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(ann, CommandType::kSow, "stored", "",
                "projection=[/secret AS /s,COUNT(/id) AS /n],grouping=[/secret]"),
            ErrorCode::kNotEntitled);
  EXPECT_EQ(Query(ann, ".*", "/secret = 7"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines());
  EXPECT_EQ(Subscribe(ann, ".*", "/secret = 7"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "t", "", "select=[-/,+/secret,+/id]"), ErrorCode::kNone);
  EXPECT_EQ(Query(ann, "stored"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"id":2,"secret":7})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(sow stored {"id":1})", R"(t {"id":2})"}));
}

TEST_F(EntitlementTest, DeltasSayNothingOfHiddenFields) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r", "", "-/secret");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"a":1,"secret":7})"), ErrorCode::kNone);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndDeltaSubscribe, "stored", "", "no_empties"),
            ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"a":1,"secret":8})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"a":2,"secret":8})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(sow stored {"id":1,"a":1})", R"(stored {"id":1,"a":2})"}));
}

TEST_F(EntitlementTest, ARecordThatIsHiddenNowLeavesWithoutShowingWhatItIs) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r", "/owner = 'ann'");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"owner":"ann"})"), ErrorCode::kNone);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored", "", "oof"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"owner":"bob","pin":1})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(sow stored {"id":1,"owner":"ann"})",
                               R"(oof stored {"id":1,"owner":"ann"})"}));
}

TEST_F(EntitlementTest, PublishersWriteWithinTheirFilter) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/w", "/owner = 'ann'");
  rules_.Allow("ann/stored/w", "/owner = 'ann'");
  EXPECT_EQ(Publish(ann, "t", R"({"owner":"ann"})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "t", R"({"owner":"bob"})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "t", "no json"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"owner":"bob"})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":2,"owner":"ann"})"), ErrorCode::kNone);
  // Neither by taking over a record, nor by giving one away, nor by a delta that hides whose it is.
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"owner":"ann"})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":2,"owner":"bob"})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"a":1})", true), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"owner":"ann"})", true), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":2,"a":1})", true), ErrorCode::kNone);
  EXPECT_EQ(Query(free_, "stored"), ErrorCode::kNone);
  EXPECT_EQ(free_.Take(), Lines({R"(sow stored {"id":1,"owner":"bob"})",
                                 R"(sow stored {"id":2,"owner":"ann","a":1})"}));
}

TEST_F(EntitlementTest, PublishersWriteTheirFieldsOnly) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/w", "", "-/rating");
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"a":1})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"rating":9})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"rating":9})", true), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"rating":3})", true), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"a":2})", true), ErrorCode::kNone);
  // It would take the rating away.
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"a":3})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Query(free_, "stored"), ErrorCode::kNone);
  EXPECT_EQ(free_.Take(), Lines({R"(sow stored {"id":1,"a":2,"rating":3})"}));
}

TEST_F(EntitlementTest, WhatIsAllowedOnOneTopicSaysNothingOfTheNext) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/free/w");
  rules_.Allow("ann/narrow/w", "/a = 1");
  EXPECT_EQ(Publish(ann, "narrow", R"({"a":2})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "free", R"({"a":2})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "denied", R"({"a":2})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "narrow", R"({"a":2})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "denied", R"({"a":1})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "narrow", R"({"a":1})"), ErrorCode::kNone);
}

TEST_F(EntitlementTest, DeletesReachWhatMayBeWrittenAndSeen) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/w", "/owner = 'ann'");
  for (int id = 1; id <= 4; ++id) {
    const std::string owner = id < 3 ? "ann" : "bob";
    EXPECT_EQ(Publish(free_, "stored", fmt::format(R"({{"id":{},"owner":"{}"}})", id, owner)),
              ErrorCode::kNone);
  }
  // By what is in the records: they have to be visible as well.
  EXPECT_EQ(Ask(ann, CommandType::kSowDelete, "stored", "/id > 0"), ErrorCode::kNotEntitled);
  Client cat;
  Connect(cat, "cat");
  rules_.Allow("cat/stored/w", "/owner = 'ann'");
  rules_.Allow("cat/stored/r", "/id < 4", "-/pin");
  EXPECT_EQ(Ask(cat, CommandType::kSowDelete, "stored", "/pin = 1"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(cat, CommandType::kSowDelete, "stored", "/id > 1"), ErrorCode::kNone);
  EXPECT_EQ(Query(free_, "stored"), ErrorCode::kNone);
  EXPECT_EQ(free_.Take(),
            Lines({R"(sow stored {"id":1,"owner":"ann"})", R"(sow stored {"id":3,"owner":"bob"})",
                   R"(sow stored {"id":4,"owner":"bob"})"}));
}

TEST_F(EntitlementTest, AfterAResetTheNewAnswersCount) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r");
  rules_.Allow("ann/t/w");
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "t", R"({"a":1,"b":1})"), ErrorCode::kNone);
  rules_.rules.erase("ann/t/w");
  rules_.Allow("ann/t/r", "/a = 2", "-/b");
  engine_.ResetAccess(rules_);
  EXPECT_EQ(Publish(ann, "t", R"({"a":1,"b":2})"), ErrorCode::kNone) << "until they are there";
  Reset();
  EXPECT_EQ(Publish(ann, "t", R"({"a":2,"b":3})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(free_, "t", R"({"a":1,"b":4})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "t", R"({"a":2,"b":5})"), ErrorCode::kNone);
  rules_.rules.erase("ann/t/r");
  Reset();
  EXPECT_EQ(Publish(free_, "t", R"({"a":2,"b":6})"), ErrorCode::kNone);
  rules_.Allow("ann/t/r");
  Reset();
  EXPECT_EQ(Publish(free_, "t", R"({"a":3,"b":7})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(t {"a":1,"b":1})", R"(t {"a":1,"b":2})", R"(t {"a":2})",
                               R"(t {"a":3,"b":7})"}));
}

TEST_F(EntitlementTest, AResetTakesRecordsOutOfFocus) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r");
  rules_.Allow("ann/other/r");
  for (int id = 1; id <= 3; ++id) {
    EXPECT_EQ(Publish(free_, "stored", fmt::format(R"({{"id":{}}})", id)), ErrorCode::kNone);
  }
  EXPECT_EQ(Publish(free_, "other", R"({"id":9})"), ErrorCode::kNone);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored", "/id > 1", "oof"), ErrorCode::kNone);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, ".*", "/id > 2", "oof"), ErrorCode::kNone);
  ann.Take();
  rules_.Allow("ann/stored/r", "/id < 3");
  rules_.rules.erase("ann/other/r");
  Reset();
  Lines left = ann.Take();
  std::ranges::sort(left);
  EXPECT_EQ(left, Lines({"oof other ", "oof stored ", "oof stored "}));
  for (const OutOfFocusReason reason : ann.reasons) {
    EXPECT_EQ(reason, OutOfFocusReason::kEntitlement);
  }
  // It goes on with what is left.
  EXPECT_EQ(Publish(free_, "stored", R"({"id":2,"a":1})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":3,"a":1})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "other", R"({"id":9,"a":1})"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({R"(stored {"id":2,"a":1})"}));
}

TEST_F(EntitlementTest, AResetEndsPagesWhoseTopicHasChanged) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r");
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored", "", "top_n=2,oof", "/id"),
            ErrorCode::kNone);
  Reset();
  EXPECT_EQ(ann.dismissed, "");
  rules_.Allow("ann/stored/r", "/id = 1");
  Reset();
  EXPECT_EQ(ann.dismissed, "entitlements have changed: subscribe again");
}

// What was conflated is delivered as it could be seen; what leaves is not shown at all.
TEST_F(EntitlementTest, AResetShowsNothingThatWasHidden) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r", "", "-/salary");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"salary":7})"), ErrorCode::kNone);
  EXPECT_EQ(Ask(ann, CommandType::kSowAndSubscribe, "stored", "", "oof"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "stored", "", "conflation=1h"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"salary":8,"a":1})"), ErrorCode::kNone);
  rules_.rules.erase("ann/stored/r");
  Reset();
  const Lines seen = ann.Take();
  for (const std::string& line : seen) EXPECT_EQ(line.find("salary"), std::string::npos) << line;
  EXPECT_EQ(seen.size(), 4u);
}

TEST_F(EntitlementTest, AResetSaysNothingOfRecordsThatWereNeverSent) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/r");
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1})"), ErrorCode::kNone);
  EXPECT_EQ(Subscribe(ann, "stored", "", "oof"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":2})"), ErrorCode::kNone);
  rules_.rules.erase("ann/stored/r");
  Reset();
  EXPECT_EQ(ann.Take(), Lines({R"(stored {"id":2})", "oof stored "}));
}

AccessDecision Yes() { return {.is_allowed = true}; }

// An answer by rules of before a reset does not count, however late it comes.
TEST_F(EntitlementTest, AnAnswerThatAResetHasOvertaken) {
  Client ann;
  Connect(ann, "ann");
  Command command;
  command.type = CommandType::kSubscribe;
  command.command_id = "1";
  command.topic = "t";
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*ann.session, command)), ErrorCode::kPending);
  const AccessQuestion early = rules_.questions.front();
  rules_.questions.clear();
  engine_.ResetAccess(rules_);
  EXPECT_TRUE(engine_.Decide(early.asker, "t", AccessKind::kRead, Yes()).ok());
  EXPECT_EQ(rules_.questions.size(), 1u) << "it is asked again";
  EXPECT_EQ(Run(ann, command), ErrorCode::kNotEntitled);
}

TEST_F(EntitlementTest, AResetDuringAReset) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r");
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNone);
  engine_.ResetAccess(rules_);
  const AccessQuestion early = rules_.questions.front();
  rules_.questions.clear();
  rules_.rules.erase("ann/t/r");
  engine_.ResetAccess(rules_);
  EXPECT_TRUE(engine_.Decide(early.asker, "t", AccessKind::kRead, Yes()).ok());
  EXPECT_EQ(Publish(free_, "t", "{}"), ErrorCode::kNone);
  rules_.Answer(engine_);
  EXPECT_EQ(Publish(free_, "t", "{}"), ErrorCode::kNone);
  EXPECT_EQ(ann.Take(), Lines({"t {}"}));
}

// Somebody whom everything is allowed waits for what another user's pattern may see, and leaves.
TEST_F(EntitlementTest, WhoWaitsForAnotherUserMayLeave) {
  Client ann;
  Connect(ann, "ann");
  EXPECT_EQ(Subscribe(ann, ".*"), ErrorCode::kNone);
  auto other = std::make_unique<Client>();
  Connect(*other, "", false);
  Command command;
  const std::string body = "{}" + std::string(kBodyPaddingBytes, '\0');
  command.type = CommandType::kPublish;
  command.topic = "new";
  command.body = std::string_view(body).substr(0, 2);
  EXPECT_EQ(ErrorCodeOf(engine_.Execute(*other->session, command)), ErrorCode::kPending);
  engine_.CloseSession(other->session);
  other.reset();
  rules_.Answer(engine_);
}

TEST_F(EntitlementTest, SubscriptionsOnTheirWayOutHoldUpNobody) {
  Client ann;
  Connect(ann, "ann");
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(Subscribe(ann, ".*"), ErrorCode::kNone);
  engine_.CloseSession(ann.session);
  EXPECT_EQ(Publish(free_, "new", "{}"), ErrorCode::kNone);
}

TEST_F(EntitlementTest, RulesThatCannotBeCompiledAllowNothing) {
  Client ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/r", "/a = ");
  rules_.Allow("ann/u/r", "", "secret");
  EXPECT_EQ(Subscribe(ann, "t"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Subscribe(ann, "u"), ErrorCode::kNotEntitled);
}

TEST_F(EntitlementTest, TopicsRememberedOfAUser) {
  Client ann;
  Connect(ann, "ann");
  for (int i = 1; i <= 9; ++i) {
    const std::string topic = fmt::format("t{}", i);
    rules_.Allow(fmt::format("ann/{}/w", topic));
    EXPECT_EQ(Publish(ann, topic, "{}"), i <= 8 ? ErrorCode::kNone : ErrorCode::kNotEntitled);
  }
}

TEST_F(EntitlementTest, ANameIsTakenOverByItsUserOnly) {
  Client first, again, thief;
  Connect(first, "ann", true, "desk");
  Connect(thief, "bob", true, "desk");
  EXPECT_EQ(ErrorCodeOf(logged_on_), ErrorCode::kNameInUse);
  EXPECT_EQ(first.dismissed, "");
  Connect(again, "ann", true, "desk");
  EXPECT_TRUE(logged_on_.ok());
  EXPECT_EQ(first.dismissed, "the client has logged on again elsewhere");
  engine_.CloseSession(first.session);
  engine_.CloseSession(thief.session);
  Connect(thief, "bob", true, "desk");
  EXPECT_EQ(ErrorCodeOf(logged_on_), ErrorCode::kNameInUse) << "the second connection has it";
  engine_.CloseSession(again.session);
  Connect(thief, "bob", true, "desk");
  EXPECT_TRUE(logged_on_.ok());
}

}  // namespace
}  // namespace fluxgate
