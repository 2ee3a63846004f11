// What it costs a topic that uses no module that others do: the same publish to the same
// subscriber, in an engine with modules in use on other topics and in one without.
#include <benchmark/benchmark.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine.h"
#include "core/message/json_message_type.h"
#include "core/module/loaded_functions.h"
#include "core/module/loaded_key_generator.h"
#include "core/module/loaded_message_type.h"
#include "core/module/module_host.h"
#include "tests/bench/module_bench.h"

namespace fluxgate {
namespace {

class CountingOutbox final : public Outbox {
 public:
  bool Deliver(const Delivery& delivery) override {
    benchmark::DoNotOptimize(delivery.body.data());
    ++delivered;
    return true;
  }
  void Acknowledge(const Ack&) override {}
  uint64_t delivered = 0;
};

class World {
 public:
  explicit World(bool with_modules) {
    EngineOptions options;
    std::vector<const MessageType*> types = {&json_};
    if (with_modules) {
      const ModuleDefinition definitions[] = {
          {"functions", SamplePath("functions/functions.so"), {}},
          {"rows", SamplePath("message-type/message_type.so"), {}},
          {"keys", SamplePath("sow-key-generator/sow_key_generator.so"), {}}};
      OrDie(host_.Load(definitions));
      const LoadedFunctionDefinition function{"ISREVERSE", "functions", "isreverse", 2};
      options.functions = OrDie(LoadFunctions(host_, std::span(&function, 1)));
      options.key_generators = LoadedKeyGenerators(host_);
      rows_ = OrDie(LoadedMessageType::Create("rows", OrDie(host_.Find("rows")), {}, {}));
      types.push_back(rows_.get());
    }
    engine_.emplace(options, types, clock_);
    if (!with_modules) return;
    SowTopicDefinition keyed;
    keyed.name = "keyed";
    keyed.message_type = "json";
    keyed.key_source = SowTopicDefinition::KeySource::kModule;
    keyed.key_generator = {"keys", {}, {"/id"}};
    OrDie(engine_->DefineTopics({keyed}));
    Subscribe(LogOn("rows"), "rows", "ISREVERSE(/a, /b)");
    Subscribe(LogOn("json"), "others", "ISREVERSE(/side, /venue)");
  }

  Session& LogOn(std::string_view type) {
    Session* session = engine_->OpenSession(outbox_);
    Command logon;
    logon.type = CommandType::kLogon;
    logon.message_type = type;
    OrDie(engine_->Execute(*session, logon));
    return *session;
  }
  void Subscribe(Session& session, std::string_view topic, std::string_view filter) {
    Command command;
    command.type = CommandType::kSubscribe;
    command.command_id = "s";
    command.topic = topic;
    command.filter = filter;
    OrDie(engine_->Execute(session, command));
  }
  absl::Status Publish(Session& session, const Command& command) {
    return engine_->Execute(session, command);
  }
  uint64_t delivered() const { return outbox_.delivered; }

 private:
  JsonMessageType json_;
  ManualClock clock_;
  CountingOutbox outbox_;
  ModuleHost host_{{}};
  std::unique_ptr<LoadedMessageType> rows_;
  std::optional<Engine> engine_;
};

void BM_PublishWithoutModule(benchmark::State& state) {
  World world(state.range(0) == kLoaded);
  Session& session = world.LogOn("json");
  world.Subscribe(session, "orders", "/side = 'buy' AND /price > 100");
  std::string body =
      R"({"id":4711,"side":"buy","qty":100,"price":101.25,"venue":"XETR","account":"A-17"})";
  const size_t size = body.size();
  body.append(kBodyPaddingBytes, '\0');
  Command command;
  command.type = CommandType::kPublish;
  command.topic = "orders";
  command.body = std::string_view(body).substr(0, size);
  for (auto _ : state) OrDie(world.Publish(session, command));
  if (world.delivered() != static_cast<uint64_t>(state.iterations())) std::exit(1);
}
BENCHMARK(BM_PublishWithoutModule)
    ->Name("publish, modules on other topics")
    ->ArgName("loaded")
    ->Arg(kBuiltIn)
    ->Arg(kLoaded);

}  // namespace
}  // namespace fluxgate
