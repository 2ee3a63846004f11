// What entitlements cost a publish: the same engine, messages and matches, with what users may do
// as filters of their entitlements and without, or as filters of their own.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/engine.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

class Rules final : public AccessAuthority {
 public:
  using Decide = std::function<AccessDecision(const AccessQuestion&)>;
  explicit Rules(Decide decide) : decide_(std::move(decide)) {}

  void Ask(AccessQuestion question) override { questions_.push_back(std::move(question)); }
  void Answer(Engine& engine) {
    while (!questions_.empty()) {
      const AccessQuestion question = std::move(questions_.front());
      questions_.pop_front();
      if (!engine.Decide(question.asker, question.topic, question.kind, decide_(question)).ok()) {
        std::abort();
      }
    }
  }

 private:
  const Decide decide_;
  std::deque<AccessQuestion> questions_;
};

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
  explicit World(Rules::Decide decide)
      : rules_(std::move(decide)),
        body_(R"({"id":4711,"owner":"u7","side":"buy","qty":100,"price":101.25,"venue":"XETR",)"
              R"("account":"A-17","note":"something that no filter reads"})") {
    size_ = body_.size();
    body_.append(kBodyPaddingBytes, '\0');
  }

  Session& LogOn(const std::string& user, bool entitled) {
    Session* session = engine_.OpenSession(outbox_);
    if (entitled) session->authority = &rules_;
    session->user_is_known = entitled;
    Command logon;
    logon.type = CommandType::kLogon;
    logon.message_type = "json";
    logon.user_id = user;
    Run(*session, logon);
    return *session;
  }
  void Subscribe(Session& session, std::string_view filter) {
    Command command;
    command.type = CommandType::kSubscribe;
    command.command_id = "s";
    command.topic = "orders";
    command.filter = filter;
    Run(session, command);
  }
  void Publish(benchmark::State& state, Session& session) {
    Command command;
    command.type = CommandType::kPublish;
    command.topic = "orders";
    command.body = std::string_view(body_).substr(0, size_);
    Run(session, command);
    outbox_.delivered = 0;
    for (auto _ : state) {
      if (!engine_.Execute(session, command).ok()) std::abort();
    }
    state.counters["delivered"] =
        static_cast<double>(outbox_.delivered) / static_cast<double>(state.iterations());
  }

 private:
  void Run(Session& session, const Command& command) {
    absl::Status status = engine_.Execute(session, command);
    while (ErrorCodeOf(status) == ErrorCode::kPending) {
      rules_.Answer(engine_);
      status = engine_.Execute(session, command);
    }
    if (!status.ok()) std::abort();
  }

  JsonMessageType json_;
  ManualClock clock_;
  Rules rules_;
  CountingOutbox outbox_;
  Engine engine_{EngineOptions(), {&json_}, clock_};
  std::string body_;
  size_t size_ = 0;
};

AccessDecision Allowed(std::string filter = "") {
  return {.is_allowed = true, .filter = std::move(filter), .select_list = {}};
}

// Nobody listens: what the publisher's own entitlement costs.
void BM_WriteFilter(benchmark::State& state) {
  World world([](const AccessQuestion&) { return Allowed("/owner = 'u7' AND /qty < 1000"); });
  world.Publish(state, world.LogOn("u7", state.range(0) != 0));
}
BENCHMARK(BM_WriteFilter)
    ->Name("publisher with a filter, nobody listens")
    ->ArgName("entitled")
    ->Arg(0)
    ->Arg(1);

// The publisher may write everything: entitlements are in use, and do not narrow.
void BM_WriteEverything(benchmark::State& state) {
  World world([](const AccessQuestion&) { return Allowed(); });
  Session& publisher = world.LogOn("u7", state.range(0) != 0);
  world.Subscribe(publisher, "/side = 'buy'");
  world.Publish(state, publisher);
}
BENCHMARK(BM_WriteEverything)
    ->Name("everything allowed, one subscriber")
    ->ArgName("entitled")
    ->Arg(0)
    ->Arg(1);

// As entitlement or as what the client asks for itself: the same index.
void Readers(benchmark::State& state, int users) {
  World world([](const AccessQuestion& question) {
    return question.kind == AccessKind::kRead ? Allowed(fmt::format("/owner = '{}'", question.user))
                                              : Allowed();
  });
  const bool entitled = state.range(0) != 0;
  for (int i = 0; i < users; ++i) {
    const std::string user = fmt::format("u{}", i);
    world.Subscribe(
        world.LogOn(user, entitled),
        entitled ? "/side = 'buy'" : fmt::format("/owner = '{}' AND /side = 'buy'", user));
  }
  world.Publish(state, world.LogOn("publisher", false));
}
void BM_Readers10(benchmark::State& state) { Readers(state, 10); }
void BM_Readers10000(benchmark::State& state) { Readers(state, 10'000); }
BENCHMARK(BM_Readers10)->Name("10 readers, a filter each")->ArgName("entitled")->Arg(0)->Arg(1);
BENCHMARK(BM_Readers10000)
    ->Name("10,000 readers, a filter each")
    ->ArgName("entitled")
    ->Arg(0)
    ->Arg(1);

}  // namespace
}  // namespace fluxgate

BENCHMARK_MAIN();
