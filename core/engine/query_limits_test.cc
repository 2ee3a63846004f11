// What a client may ask of stored topics: each limit, and one above.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/engine/engine_testing.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

class BlockedOutbox final : public Outbox {
 public:
  bool Deliver(const Delivery&) override { return true; }
  void Acknowledge(const Ack&) override {}
  bool DeliverRecord(const QueryInfo&, const Delivery& record) override {
    shown.emplace_back(fmt::format("{} {}", record.topic, record.sow_key));
    return true;
  }
  bool HasRoom() const override { return has_room; }

  bool has_room = true;
  std::vector<std::string> shown;
};

class QueryLimitsTest : public ::testing::Test {
 protected:
  static EngineOptions Options() {
    EngineOptions options;
    options.limits.queries_per_session_max = 3;
    options.limits.batch_records_max = 100;
    options.limits.page_records_max = 10;
    options.limits.select_lists.text_bytes_max = 10;
    return options;
  }
  static SowTopicDefinition Named(std::string_view name) {
    SowTopicDefinition topic;
    topic.name = name;
    topic.message_type = "json";
    topic.key_source = SowTopicDefinition::KeySource::kPublisher;
    return topic;
  }

  QueryLimitsTest() {
    EXPECT_TRUE(engine_.DefineTopics({Named("a"), Named("b")}).ok());
    session_ = engine_.OpenSession(outbox_);
    LogOn(engine_, *session_);
  }

  ErrorCode Ask(CommandType type, std::string_view options, uint32_t batch_size = 0,
                std::string_view keys = "", std::string_view topic = "a") {
    const std::string id = std::to_string(++commands_);
    Command command;
    command.type = type;
    command.command_id = id;
    command.topic = topic;
    command.options = options;
    command.batch_size = batch_size;
    command.sow_keys = keys;
    return ErrorCodeOf(engine_.Execute(*session_, command));
  }

  JsonMessageType json_;
  ManualClock clock_;
  BlockedOutbox outbox_;
  Engine engine_{Options(), {&json_}, clock_};
  Session* session_ = nullptr;
  int commands_ = 0;
};

TEST_F(QueryLimitsTest, BatchSize) {
  EXPECT_EQ(Ask(CommandType::kSow, "", 100), ErrorCode::kNone);
  EXPECT_EQ(Ask(CommandType::kSow, "", 101), ErrorCode::kBadCommand);
}

TEST_F(QueryLimitsTest, KeysInOneCommand) {
  std::string keys;
  for (size_t i = 0; i < SowQuery::kKeysMax; ++i) keys += (i == 0 ? "k" : ",k") + std::to_string(i);
  EXPECT_EQ(Ask(CommandType::kSow, "", 0, keys), ErrorCode::kNone);
  EXPECT_EQ(Ask(CommandType::kSow, "", 0, keys + ",one-more"), ErrorCode::kQuotaExceeded);
}

TEST_F(QueryLimitsTest, QueriesUnderWay) {
  outbox_.has_room = false;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask(CommandType::kSow, ""), ErrorCode::kNone);
  EXPECT_EQ(Ask(CommandType::kSow, ""), ErrorCode::kQuotaExceeded);
  outbox_.has_room = true;
  while (engine_.RunBackgroundSlice()) {
  }
  EXPECT_EQ(Ask(CommandType::kSow, ""), ErrorCode::kNone);
}

TEST_F(QueryLimitsTest, RecordsOfAPage) {
  EXPECT_EQ(Ask(CommandType::kSowAndSubscribe, "top_n=4,skip_n=6"), ErrorCode::kNone);
  EXPECT_EQ(Ask(CommandType::kSowAndSubscribe, "top_n=4,skip_n=7"), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(Ask(CommandType::kSowAndSubscribe, "top_n=0"), ErrorCode::kQuotaExceeded);
}

TEST_F(QueryLimitsTest, TextOfASelectList) {
  EXPECT_EQ(Ask(CommandType::kSow, "select=[-/,+/abcde]"), ErrorCode::kNone);
  EXPECT_EQ(Ask(CommandType::kSow, "select=[-/,+/abcdef]"), ErrorCode::kBadOption);
}

TEST_F(QueryLimitsTest, IntervalOfConflation) {
  EXPECT_EQ(Ask(CommandType::kSubscribe, "conflation=10ms"), ErrorCode::kNone);
  EXPECT_EQ(Ask(CommandType::kSubscribe, "conflation=9999us"), ErrorCode::kBadOption);
  EXPECT_EQ(Ask(CommandType::kSubscribe, "conflation=1d"), ErrorCode::kNone);
  EXPECT_EQ(Ask(CommandType::kSubscribe, "conflation=86400001ms"), ErrorCode::kBadOption);
}

// Two topics whose records have the same key: each is one of the page.
TEST_F(QueryLimitsTest, APageOverTopicsThatShareKeys) {
  EXPECT_EQ(PublishTo(engine_, *session_, "a", R"({"v":1})", "x"), ErrorCode::kNone);
  EXPECT_EQ(PublishTo(engine_, *session_, "b", R"({"v":1})", "x"), ErrorCode::kNone);
  EXPECT_EQ(Ask(CommandType::kSowAndSubscribe, "top_n=5", 0, "", "^[ab]$"), ErrorCode::kNone);
  std::ranges::sort(outbox_.shown);
  EXPECT_EQ(outbox_.shown, std::vector<std::string>({"a x", "b x"}));
}

}  // namespace
}  // namespace fluxgate
