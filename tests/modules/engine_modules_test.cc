// Functions, message types and SOW keys of loaded modules as clients meet them: through the engine.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/engine/engine.h"
#include "core/engine/engine_testing.h"
#include "core/message/json_message_type.h"
#include "core/module/loaded_functions.h"
#include "core/module/loaded_key_generator.h"
#include "core/module/loaded_message_type.h"
#include "core/module/testing/module_testing.h"
#include "fmt/format.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

using Seen = std::vector<std::string>;

// "topic:body", "gone topic:body", "key topic:body" of records of queries.
class RecordingOutbox final : public Outbox {
 public:
  bool Deliver(const Delivery& delivery) override {
    const bool is_gone = delivery.out_of_focus != OutOfFocusReason::kNone;
    seen_.push_back(fmt::format("{}{}:{}", is_gone ? "gone " : "", delivery.topic, delivery.body));
    return true;
  }
  void Acknowledge(const Ack&) override {}
  bool DeliverRecord(const QueryInfo&, const Delivery& record) override {
    seen_.push_back(fmt::format("{} {}:{}", record.sow_key, record.topic, record.body));
    return true;
  }
  Seen Take() {
    std::ranges::sort(seen_);
    return std::exchange(seen_, {});
  }

 private:
  Seen seen_;
};

class EngineModulesTest : public testing::Test {
 protected:
  void SetUp() override {
    const ModuleDefinition definitions[] = {
        {"functions", ModulePath("modules/samples/functions/functions.so"), {}},
        {"rows", ModulePath("modules/samples/message-type/message_type.so"), {}},
        {"blobs", ModulePath("modules/template-message-type/message_type.so"), {}},
        {"keys", ModulePath("modules/samples/sow-key-generator/sow_key_generator.so"), {}}};
    ASSERT_TRUE(host_.Load(definitions).ok());
    const LoadedFunctionDefinition functions[] = {{"ISREVERSE", "functions", "isreverse", 2},
                                                  {"INITIALS", "functions", "initials", -1},
                                                  {"CLAMP", "functions", "clamp", 3}};
    EngineOptions options;
    options.functions = LoadFunctions(host_, functions).value();
    options.key_generators = LoadedKeyGenerators(host_);
    rows_ = LoadedMessageType::Create("rows", host_.Find("rows").value(), {}, {}).value();
    blobs_ = LoadedMessageType::Create("blobs", host_.Find("blobs").value(), {}, {}).value();
    engine_ = std::make_unique<Engine>(
        options, std::vector<const MessageType*>{&json_, rows_.get(), blobs_.get()}, clock_);
  }

  Session* Open(RecordingOutbox& outbox, std::string_view type) {
    Session* const session = engine_->OpenSession(outbox);
    Command command;
    command.type = CommandType::kLogon;
    command.message_type = type;
    EXPECT_TRUE(engine_->Execute(*session, command).ok());
    return session;
  }
  ErrorCode Run(Session* session, CommandType type, std::string_view topic,
                std::string_view filter = "", std::string_view options = "") {
    const std::string id = std::to_string(++commands_);
    Command command;
    command.type = type;
    command.command_id = id;
    command.topic = topic;
    command.filter = filter;
    command.options = options;
    const ErrorCode code = ErrorCodeOf(engine_->Execute(*session, command));
    Work();
    return code;
  }
  ErrorCode Publish(Session* session, std::string_view topic, std::string body,
                    CommandType type = CommandType::kPublish) {
    const size_t size = body.size();
    body.append(kBodyPaddingBytes, '\0');
    Command command;
    command.type = type;
    command.topic = topic;
    command.body = std::string_view(body).substr(0, size);
    const ErrorCode code = ErrorCodeOf(engine_->Execute(*session, command));
    Work();
    return code;
  }
  void Work() {
    while (engine_->RunBackgroundSlice()) {
    }
  }

  static SowTopicDefinition Stored(std::string name, std::string type, FieldPathTexts keys) {
    SowTopicDefinition definition;
    definition.name = std::move(name);
    definition.message_type = std::move(type);
    definition.key_fields = std::move(keys);
    return definition;
  }

  TestLog log_;
  ModuleHost host_{log_.function()};
  JsonMessageType json_;
  std::unique_ptr<LoadedMessageType> rows_;
  std::unique_ptr<LoadedMessageType> blobs_;
  ManualClock clock_;
  std::unique_ptr<Engine> engine_;
  RecordingOutbox out_;
  int commands_ = 0;
};

TEST_F(EngineModulesTest, FiltersCallFunctionsOfModules) {
  Session* const session = Open(out_, "json");
  ASSERT_EQ(Run(session, CommandType::kSubscribe, "t", "isreverse(/a, /b) AND /n > 1"),
            ErrorCode::kNone);
  EXPECT_EQ(Publish(session, "t", R"({"a":"abc","b":"cba","n":2})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(session, "t", R"({"a":"abc","b":"abc","n":2})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(session, "t", R"({"a":"abc","b":"cba","n":1})"), ErrorCode::kNone);
  EXPECT_EQ(out_.Take(), Seen{R"(t:{"a":"abc","b":"cba","n":2})"});
  EXPECT_EQ(Run(session, CommandType::kSubscribe, "t", "ISREVERSE(/a)"), ErrorCode::kBadFilter);
}

TEST_F(EngineModulesTest, ViewsAndPreprocessingCallFunctionsOfModules) {
  SowTopicDefinition people = Stored("people", "json", {"/id"});
  people.preprocessing = {"INITIALS(/name) AS /initials"};
  ViewDefinition view;
  view.name = "by_initials";
  view.message_type = "json";
  view.source = "people";
  view.projection = {"INITIALS(/name) AS /who", "COUNT(/id) AS /n"};
  view.grouping = {"/initials"};
  ASSERT_EQ(engine_->DefineTopics({people, view}), absl::OkStatus());
  Session* const session = Open(out_, "json");
  ASSERT_EQ(Publish(session, "people", R"({"id":1,"name":"Ada Byron"})"), ErrorCode::kNone);
  ASSERT_EQ(Run(session, CommandType::kSow, "people", "CLAMP(/id, 0, 1) = 1"), ErrorCode::kNone);
  const Seen seen = out_.Take();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_NE(seen[0].find(R"({"id":1,"name":"Ada Byron","initials":"AB"})"), std::string::npos)
      << seen[0];
  ASSERT_EQ(Run(session, CommandType::kSow, "by_initials"), ErrorCode::kNone);
  const Seen view_seen = out_.Take();
  ASSERT_EQ(view_seen.size(), 1u);
  EXPECT_NE(view_seen[0].find(R"({"who":"AB","n":1})"), std::string::npos) << view_seen[0];
}

TEST_F(EngineModulesTest, AMessageTypeOfAModuleFiltersStoresAndMerges) {
  ASSERT_EQ(engine_->DefineTopics({Stored("orders", "rows", {"/id"})}), absl::OkStatus());
  Session* const session = Open(out_, "rows");
  ASSERT_EQ(Run(session, CommandType::kSubscribe, "orders", "/side = 'buy' AND /qty > 10"),
            ErrorCode::kNone);
  ASSERT_EQ(Publish(session, "orders", "id=1;side=buy;qty=20"), ErrorCode::kNone);
  ASSERT_EQ(Publish(session, "orders", "id=2;side=sell;qty=20"), ErrorCode::kNone);
  ASSERT_EQ(Publish(session, "orders", "id=2;side=buy", CommandType::kDeltaPublish),
            ErrorCode::kNone);
  EXPECT_EQ(out_.Take(), (Seen{"orders:id=1;side=buy;qty=20", "orders:id=2;side=buy;qty=20"}));
  EXPECT_EQ(Publish(session, "orders", "id"), ErrorCode::kMalformedBody);
  EXPECT_EQ(Publish(session, "orders", "qty=1"), ErrorCode::kMalformedBody);
}

TEST_F(EngineModulesTest, AMessageTypeOfAModuleHasViewsAndDeltaSubscriptions) {
  ViewDefinition view;
  view.name = "totals";
  view.message_type = "rows";
  view.source = "orders";
  view.projection = {"/side", "SUM(/qty) AS /qty"};
  view.grouping = {"/side"};
  ASSERT_EQ(engine_->DefineTopics({Stored("orders", "rows", {"/id"}), view}), absl::OkStatus());
  Session* const session = Open(out_, "rows");
  ASSERT_EQ(Run(session, CommandType::kDeltaSubscribe, "orders"), ErrorCode::kNone);
  ASSERT_EQ(Publish(session, "orders", "id=1;side=buy;qty=20"), ErrorCode::kNone);
  ASSERT_EQ(Publish(session, "orders", "id=1;side=buy;qty=30"), ErrorCode::kNone);
  EXPECT_EQ(out_.Take(), (Seen{"orders:id=1;qty=30", "orders:id=1;side=buy;qty=20"}));
  ASSERT_EQ(Publish(session, "orders", "id=2;side=buy;qty=5"), ErrorCode::kNone);
  out_.Take();
  ASSERT_EQ(Run(session, CommandType::kSow, "totals"), ErrorCode::kNone);
  const Seen seen = out_.Take();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_NE(seen[0].find("totals:side=buy;qty=35"), std::string::npos) << seen[0];
}

TEST_F(EngineModulesTest, AMessageTypeThatOnlyRoutesHasNoFields) {
  Session* const session = Open(out_, "blobs");
  EXPECT_EQ(Run(session, CommandType::kSubscribe, "t", "/a = 1"), ErrorCode::kBadFilter);
  ASSERT_EQ(Run(session, CommandType::kSubscribe, "t"), ErrorCode::kNone);
  ASSERT_EQ(Publish(session, "t", "anything"), ErrorCode::kNone);
  EXPECT_EQ(out_.Take(), Seen{"t:anything"});
}

SowTopicDefinition ReadableKeys() {
  SowTopicDefinition definition;
  definition.name = "trades";
  definition.message_type = "json";
  definition.key_source = SowTopicDefinition::KeySource::kModule;
  definition.key_generator = {"keys", {}, {"/region", "/id"}};
  return definition;
}

TEST_F(EngineModulesTest, AModuleMakesKeys) {
  ConflatedTopicDefinition slow;
  slow.name = "slow";
  slow.source = "trades";
  slow.message_type = "json";
  ASSERT_EQ(engine_->DefineTopics({ReadableKeys(), slow}), absl::OkStatus());
  Session* const session = Open(out_, "json");
  ASSERT_EQ(Publish(session, "trades", R"({"region":"EU","id":1,"p":1})"), ErrorCode::kNone);
  ASSERT_EQ(Publish(session, "trades", R"({"region":"EU","id":1,"p":2})"), ErrorCode::kNone);
  ASSERT_EQ(Publish(session, "trades", R"({"region":"US","id":1,"p":3})"), ErrorCode::kNone);
  ASSERT_EQ(Run(session, CommandType::kSow, "trades"), ErrorCode::kNone);
  EXPECT_EQ(out_.Take(), (Seen{R"(EU-1 trades:{"region":"EU","id":1,"p":2})",
                               R"(US-1 trades:{"region":"US","id":1,"p":3})"}));
  // No key, no record.
  EXPECT_EQ(Publish(session, "trades", R"({"region":"US"})"), ErrorCode::kMalformedBody);
  // A key that the publisher gives has to be the one that the module makes.
  EXPECT_EQ(PublishTo(*engine_, *session, "trades", R"({"region":"EU","id":1})", "EU-1"),
            ErrorCode::kNone);
  EXPECT_EQ(PublishTo(*engine_, *session, "trades", R"({"region":"EU","id":1})", "EU-2"),
            ErrorCode::kBadCommand);
}

TEST_F(EngineModulesTest, ATopicWhoseModuleIsMissingIsNotMade) {
  SowTopicDefinition definition = ReadableKeys();
  definition.key_generator.module = "nobody";
  EXPECT_EQ(ErrorCodeOf(engine_->DefineTopics({definition})), ErrorCode::kBadOption);
  Engine without({}, {&json_}, clock_);
  EXPECT_EQ(ErrorCodeOf(without.DefineTopics({ReadableKeys()})), ErrorCode::kBadOption);
}

}  // namespace
}  // namespace fluxgate
