#include "gateway/module_services/module_services_of_gateway.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/engine/engine_testing.h"
#include "core/message/binary_message_type.h"
#include "core/message/json_message_type.h"
#include "core/module/module_services.h"

namespace fluxgate {
namespace {

constexpr size_t kClientsMax = 100;

using std::chrono::milliseconds;
using std::chrono::seconds;

amps_command NewCommand(amps_command_type type, const char* topic, std::string_view body = "") {
  amps_command command = {};
  command.size = sizeof(command);
  command.type = type;
  command.expiration_s = -1;
  command.topic = {topic, strlen(topic)};
  command.body = {body.data(), body.size()};
  return command;
}

// What a handler gets, one line a message.
class Taken {
 public:
  static void Handle(const amps_message* message, void* user_data) {
    Taken& taken = *static_cast<Taken*>(user_data);
    const auto text = [](amps_text part) { return std::string(part.data, part.length); };
    std::string line = std::to_string(message->kind);
    for (const amps_text& part : {message->topic, message->sub_ids, message->query_id,
                                  message->status, message->reason, message->body}) {
      if (part.length > 0) line += " " + text(part);
    }
    std::unique_lock lock(taken.mutex_);
    taken.lines_.push_back(line);
    taken.changed_.notify_all();
    taken.changed_.wait(lock, [&] { return !taken.holds_; });
  }

  // Handlers do not come back until then.
  void Hold(bool holds) {
    const std::lock_guard lock(mutex_);
    holds_ = holds;
    changed_.notify_all();
  }
  std::vector<std::string> Wait(size_t lines) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(30), [&] { return lines_.size() >= lines; });
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  bool holds_ = false;
};

// Answers when the test says so.
class Slow final : public AccessAuthority {
 public:
  void Ask(AccessQuestion question) override { questions.push_back(std::move(question)); }
  std::vector<AccessQuestion> questions;
};

class Nowhere final : public Outbox {
 public:
  bool Deliver(const Delivery&) override {
    ++delivered;
    return true;
  }
  void Acknowledge(const Ack&) override {}
  std::atomic<int> delivered = 0;
};

class ModuleServicesOfGatewayTest : public testing::Test {
 protected:
  ModuleServicesOfGatewayTest() {
    SowTopicDefinition state;
    state.name = "state";
    state.message_type = "json";
    state.key_fields = {"/id"};
    EXPECT_TRUE(engine_.DefineTopics({state}).ok());
    GatewayAdministration administration;
    administration.reset_authentication = [this](const std::string& transport,
                                                 GatewayAdministration::Done done) {
      done_.push_back(std::move(done));
      seen_ += "authentication " + transport + ";";
      asked_.set_value();
    };
    administration.reset_entitlement = [this](const std::string& transport,
                                              const GatewayAdministration::Done& done) {
      seen_ += "entitlement " + transport + ";";
      done(MakeError(ErrorCode::kBadOption, "no"));
    };
    administration.set_transport = [this](std::string_view transport, bool enabled) {
      seen_ += (enabled ? "enable " : "disable ") + std::string(transport) + ";";
      return absl::OkStatus();
    };
    administration.shut_down = [this] { seen_ += "shutdown;"; };
    ModuleServicesOptions options;
    options.channels.message_bytes_max = 100'000;
    options.handler_threads = 2;
    options.clients_max = kClientsMax;
    services_ = std::make_unique<ModuleServicesOfGateway>(
        host_, std::vector<const MessageType*>{&json_, &binary_}, std::move(administration),
        options);
    thread_ = std::thread([this] {
      services_->OnReactorThread();
      reactor_.Run();
      services_->Disconnect();
    });
    // It is.
    OnReactor([] {});
  }
  ~ModuleServicesOfGatewayTest() override { Stop(); }

  void Stop() {
    if (!thread_.joinable()) return;
    reactor_.Stop();
    thread_.join();
  }

  void OnReactor(std::function<void()> task) {
    std::promise<void> done;
    reactor_.Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  static std::unique_ptr<EmbeddedClient> Client() {
    auto client = CurrentModuleServices()->CreateClient("client", "json");
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }
  static absl::Status Subscribe(EmbeddedClient& client, const char* topic, const char* sub_id,
                                Taken& taken) {
    amps_command command = NewCommand(amps_command_subscribe, topic);
    command.sub_id = {sub_id, strlen(sub_id)};
    return client.Execute(command, &Taken::Handle, &taken);
  }
  static absl::Status Publish(EmbeddedClient& client, const char* topic, std::string_view body) {
    return client.Execute(NewCommand(amps_command_publish, topic, body), nullptr, nullptr);
  }

  JsonMessageType json_;
  BinaryMessageType binary_;
  net::SystemClock clock_;
  net::Reactor reactor_;
  static EngineOptions Options() {
    EngineOptions options;
    options.limits.query_held_bytes_max = 50'000;
    return options;
  }
  Engine engine_{Options(), {&json_, &binary_}, clock_};
  SessionHost host_{reactor_, engine_, {}, {}};
  std::string seen_;
  std::vector<GatewayAdministration::Done> done_;
  std::promise<void> asked_;
  std::unique_ptr<ModuleServicesOfGateway> services_;
  std::thread thread_;
};

TEST_F(ModuleServicesOfGatewayTest, MessagesOfTwoHandlers) {
  Taken first;
  Taken second;
  const auto client = Client();
  ASSERT_TRUE(Subscribe(*client, "t", "a", first).ok());
  ASSERT_TRUE(Subscribe(*client, ".*", "b", first).ok());
  ASSERT_TRUE(Subscribe(*client, "t", "c", second).ok());
  ASSERT_TRUE(Publish(*client, "t", "{}").ok());
  ASSERT_TRUE(client->Flush(seconds(30)).ok());
  EXPECT_EQ(first.Wait(1), (std::vector<std::string>{"1 t a,b {}"}));
  EXPECT_EQ(second.Wait(1), (std::vector<std::string>{"1 t c {}"}));
}

TEST_F(ModuleServicesOfGatewayTest, AQueryIsAnsweredBeforeWhatFollows) {
  Taken taken;
  const auto client = Client();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Publish(*client, "state", "{\"id\":" + std::to_string(i) + "}").ok());
  }
  amps_command query = NewCommand(amps_command_sow, "state");
  query.command_id = {"q", 1};
  query.order_by = {"/id", 3};
  query.acks = AMPS_ACK_PROCESSED | AMPS_ACK_COMPLETED;
  ASSERT_TRUE(client->Execute(query, &Taken::Handle, &taken).ok());
  amps_command remove = NewCommand(amps_command_sow_delete, "state");
  remove.filter = {"1=1", 3};
  remove.acks = AMPS_ACK_PERSISTED;
  ASSERT_TRUE(client->Execute(remove, &Taken::Handle, &taken).ok());
  ASSERT_TRUE(client->Flush(seconds(30)).ok());
  EXPECT_EQ(taken.Wait(8), (std::vector<std::string>{"6 success", "4 q", "2 state q {\"id\":0}",
                                                     "2 state q {\"id\":1}", "2 state q {\"id\":2}",
                                                     "5 q", "6 success", "6 success"}));
}

// Results take more than handlers may be behind with.
TEST_F(ModuleServicesOfGatewayTest, AQueryWaitsForItsHandler) {
  Taken taken;
  const auto client = Client();
  const std::string filler(20'000, 'x');
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(
        Publish(*client, "state", "{\"id\":" + std::to_string(i) + ",\"text\":\"" + filler + "\"}")
            .ok());
  }
  ASSERT_TRUE(client->Flush(seconds(30)).ok());
  taken.Hold(true);
  ASSERT_TRUE(client->Execute(NewCommand(amps_command_sow, "state"), &Taken::Handle, &taken).ok());
  ASSERT_EQ(taken.Wait(1).size(), 1u);
  EXPECT_FALSE(client->Flush(milliseconds(50)).ok());
  taken.Hold(false);
  EXPECT_TRUE(client->Flush(seconds(30)).ok());
  EXPECT_EQ(taken.Wait(22).size(), 22u);
}

// The records that it has not sent have all changed since; they cannot be kept for ever.
TEST_F(ModuleServicesOfGatewayTest, AQueryThatHoldsTooMuchEnds) {
  Taken taken;
  const auto client = Client();
  const auto other = Client();
  const std::string filler(20'000, 'x');
  const auto publish_all = [&] {
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(
          Publish(*other, "state", "{\"id\":" + std::to_string(i) + ",\"text\":\"" + filler + "\"}")
              .ok());
    }
    EXPECT_TRUE(other->Flush(seconds(30)).ok());
  };
  publish_all();
  taken.Hold(true);
  ASSERT_TRUE(client->Execute(NewCommand(amps_command_sow, "state"), &Taken::Handle, &taken).ok());
  ASSERT_EQ(taken.Wait(1).size(), 1u);
  EXPECT_FALSE(client->Flush(milliseconds(50)).ok());
  publish_all();
  EXPECT_TRUE(client->Flush(seconds(30)).ok());
  taken.Hold(false);
  Taken after;
  ASSERT_TRUE(Subscribe(*client, "t", "s", after).ok());
  ASSERT_TRUE(Publish(*client, "t", "x").ok());
  EXPECT_EQ(after.Wait(1), (std::vector<std::string>{"1 t s x"}));
  const std::vector<std::string> lines = taken.Wait(1);
  ASSERT_GE(lines.size(), 4u);
  EXPECT_LT(lines.size(), 22u);
  EXPECT_EQ(lines[lines.size() - 2], "6 failure too much changes behind a query that is not read");
  EXPECT_EQ(lines.back().substr(0, 1), "5");
}

TEST_F(ModuleServicesOfGatewayTest, ASubscriptionWhoseHandlerFallsBehindEnds) {
  Taken slow;
  Taken quick;
  const auto client = Client();
  const auto other = Client();
  ASSERT_TRUE(Subscribe(*client, "t", "s", slow).ok());
  ASSERT_TRUE(Subscribe(*other, "t", "q", quick).ok());
  ASSERT_TRUE(client->Flush(seconds(30)).ok());
  slow.Hold(true);
  const std::string body(30'000, 'x');
  for (size_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(Publish(*other, "t", body).ok());
    ASSERT_TRUE(other->Flush(seconds(30)).ok());
    ASSERT_EQ(quick.Wait(i).size(), i);
  }
  slow.Hold(false);
  const std::vector<std::string> lines = slow.Wait(4);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[3], "6 s failure the handler has fallen behind");
  // It can subscribe again.
  ASSERT_TRUE(Subscribe(*client, "t", "s", slow).ok());
  ASSERT_TRUE(client->Flush(seconds(30)).ok());
  ASSERT_TRUE(Publish(*other, "t", "again").ok());
  EXPECT_EQ(slow.Wait(5).back(), "1 t s again");
}

TEST_F(ModuleServicesOfGatewayTest, RefusedCommandsAreAcknowledgedAndChangeNothing) {
  Taken taken;
  Taken other;
  const auto client = Client();
  ASSERT_TRUE(Subscribe(*client, "t", "s", taken).ok());
  amps_command again = NewCommand(amps_command_subscribe, "t");
  again.sub_id = {"s", 1};
  again.acks = AMPS_ACK_PROCESSED;
  ASSERT_TRUE(client->Execute(again, &Taken::Handle, &other).ok());
  ASSERT_TRUE(Publish(*client, "t", "x").ok());
  EXPECT_EQ(other.Wait(1), (std::vector<std::string>{"6 s failure subscription id s is in use"}));
  EXPECT_EQ(taken.Wait(1), (std::vector<std::string>{"1 t s x"}));
}

// Somebody else's pattern might match the topic, and whether that user may see it is not known.
TEST_F(ModuleServicesOfGatewayTest, APublishWaitsUntilItIsKnownWhoMaySeeIt) {
  Slow authority;
  Nowhere outbox;
  Session* session = nullptr;
  OnReactor([&] {
    session = engine_.OpenSession(outbox);
    session->authority = &authority;
    LogOn(engine_, *session);
    Command subscribe;
    subscribe.type = CommandType::kSubscribe;
    subscribe.topic = "^t";
    subscribe.sub_id = "all";
    EXPECT_TRUE(engine_.Execute(*session, subscribe).ok());
  });
  const auto client = Client();
  ASSERT_TRUE(Publish(*client, "t", "{}").ok());
  EXPECT_FALSE(client->Flush(milliseconds(50)).ok());
  OnReactor([&] {
    ASSERT_EQ(authority.questions.size(), 1u);
    const AccessQuestion question = authority.questions.front();
    EXPECT_TRUE(
        engine_.Decide(question.asker, question.topic, question.kind, {.is_allowed = true}).ok());
  });
  EXPECT_TRUE(client->Flush(seconds(30)).ok());
  EXPECT_EQ(outbox.delivered, 1);
  OnReactor([&] { host_.CloseEngineSession(session); });
}

TEST_F(ModuleServicesOfGatewayTest, ADestroyedClientHasLeft) {
  Taken taken;
  auto client = Client();
  ASSERT_TRUE(Subscribe(*client, "t", "s", taken).ok());
  ASSERT_TRUE(client->Flush(seconds(30)).ok());
  OnReactor([&] { EXPECT_EQ(engine_.subscription_count(), 1u); });
  client.reset();
  OnReactor([&] {
    EXPECT_EQ(engine_.subscription_count(), 0u);
    EXPECT_EQ(engine_.session_count(), 0u);
  });
}

TEST_F(ModuleServicesOfGatewayTest, ClientsAtTheLimitAndAbove) {
  std::vector<std::unique_ptr<EmbeddedClient>> clients;
  for (size_t i = 0; i < kClientsMax; ++i) clients.push_back(Client());
  EXPECT_EQ(ErrorCodeOf(CurrentModuleServices()->CreateClient("c", "json").status()),
            ErrorCode::kQuotaExceeded);
  clients.pop_back();
  clients.push_back(Client());
}

TEST_F(ModuleServicesOfGatewayTest, ClientsThatThereCannotBe) {
  const auto services = CurrentModuleServices();
  EXPECT_EQ(ErrorCodeOf(services->CreateClient("c", "nothing").status()), ErrorCode::kMessageType);
  EXPECT_TRUE(services->CreateClient(std::string(256, 'c'), "json").ok());
  EXPECT_EQ(ErrorCodeOf(services->CreateClient(std::string(257, 'c'), "json").status()),
            ErrorCode::kBadCommand);
  EXPECT_EQ(ErrorCodeOf(services->CreateClient("a\nb", "json").status()), ErrorCode::kBadCommand);
}

TEST_F(ModuleServicesOfGatewayTest, AdministrationIsDoneOnReturn) {
  const auto services = CurrentModuleServices();
  EXPECT_TRUE(services->EnableTransport("t").ok());
  EXPECT_TRUE(services->DisableTransport("").ok());
  EXPECT_EQ(ErrorCodeOf(services->ResetEntitlement("t")), ErrorCode::kBadOption);
  EXPECT_TRUE(services->Shutdown().ok());
  OnReactor([&] { EXPECT_EQ(seen_, "enable t;disable ;entitlement t;shutdown;"); });
  auto reset = std::async(std::launch::async, [&] { return services->ResetAuthentication("t"); });
  asked_.get_future().wait();
  EXPECT_EQ(reset.wait_for(milliseconds(20)), std::future_status::timeout);
  OnReactor([&] { done_.front()(absl::OkStatus()); });
  EXPECT_TRUE(reset.get().ok());
}

TEST(AdministrationTest, WhatTakesTooLongHasFailed) {
  JsonMessageType json;
  net::SystemClock clock;
  net::Reactor reactor;
  Engine engine(EngineOptions{"1", "one", {}}, {&json}, clock);
  SessionHost host(reactor, engine, {}, {});
  GatewayAdministration::Done done;
  GatewayAdministration administration;
  administration.reset_entitlement = [&](const std::string&, GatewayAdministration::Done given) {
    done = std::move(given);
  };
  ModuleServicesOptions options;
  options.administration_timeout_ns = 50'000'000;
  ModuleServicesOfGateway services(host, {&json}, std::move(administration), options);
  std::thread thread([&] {
    services.OnReactorThread();
    reactor.Run();
    services.Disconnect();
  });
  const auto begin = std::chrono::steady_clock::now();
  // Made on this thread, which is the reactor's until Run says otherwise.
  absl::Status status = MakeError(ErrorCode::kBadCommand, "");
  while (ErrorCodeOf(status) == ErrorCode::kBadCommand) {
    status = CurrentModuleServices()->ResetEntitlement("");
  }
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kPending);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(50));
  reactor.Post([&] { done(absl::OkStatus()); });  // nobody waits any more
  reactor.Stop();
  thread.join();
}

TEST_F(ModuleServicesOfGatewayTest, TheServersThreadDoesNotWaitForItself) {
  const auto services = CurrentModuleServices();
  const auto client = Client();
  OnReactor([&] {
    EXPECT_EQ(ErrorCodeOf(services->ResetAuthentication("")), ErrorCode::kBadCommand);
    EXPECT_EQ(ErrorCodeOf(services->EnableTransport("")), ErrorCode::kBadCommand);
    EXPECT_EQ(ErrorCodeOf(client->Flush(seconds(30))), ErrorCode::kBadCommand);
    EXPECT_TRUE(Publish(*client, "t", "{}").ok());
    EXPECT_TRUE(services->Shutdown().ok());
    EXPECT_TRUE(services->CreateClient("here", "json").ok());
  });
  EXPECT_TRUE(client->Flush(seconds(30)).ok());
}

TEST_F(ModuleServicesOfGatewayTest, AfterTheServersEndEverythingFails) {
  const auto services = CurrentModuleServices();
  auto client = Client();
  ASSERT_TRUE(client->Flush(seconds(30)).ok());
  auto reset = std::async(std::launch::async, [&] { return services->ResetAuthentication("t"); });
  asked_.get_future().wait();
  Stop();
  EXPECT_EQ(ErrorCodeOf(reset.get()), ErrorCode::kDraining);
  services_.reset();
  EXPECT_EQ(CurrentModuleServices(), nullptr);
  EXPECT_EQ(ErrorCodeOf(services->EnableTransport("t")), ErrorCode::kDraining);
  EXPECT_EQ(ErrorCodeOf(services->Shutdown()), ErrorCode::kDraining);
  EXPECT_EQ(ErrorCodeOf(services->CreateClient("c", "json").status()), ErrorCode::kDraining);
  amps_value value = {};
  EXPECT_EQ(ErrorCodeOf(services->MessageField("json", "{}", "/a", value, nullptr, 0)),
            ErrorCode::kDraining);
  EXPECT_EQ(ErrorCodeOf(Publish(*client, "t", "{}")), ErrorCode::kDraining);
  EXPECT_EQ(ErrorCodeOf(client->Flush(seconds(30))), ErrorCode::kDraining);
  client.reset();
}

TEST_F(ModuleServicesOfGatewayTest, FieldsOfBodies) {
  const auto services = CurrentModuleServices();
  char buffer[4] = {};
  amps_value value = {};
  const auto read = [&](const char* type, std::string_view body, const char* path, size_t size) {
    return ErrorCodeOf(services->MessageField(type, body, path, value, buffer, size));
  };
  constexpr std::string_view kBody = R"({"a":{"b":7},"t":"text","l":[2.5,3]})";
  EXPECT_EQ(read("json", kBody, "/a/b", 0), ErrorCode::kNone);
  EXPECT_EQ(value.type, amps_value_int);
  EXPECT_EQ(value.u.int_value, 7);
  EXPECT_EQ(read("json", kBody, "/l", 0), ErrorCode::kNone);
  EXPECT_EQ(value.u.double_value, 2.5);
  EXPECT_EQ(read("json", kBody, "/t", 3), ErrorCode::kMessageTooLarge);
  EXPECT_EQ(value.u.double_value, 2.5);
  EXPECT_EQ(read("json", kBody, "/t", 4), ErrorCode::kNone);
  EXPECT_EQ(std::string(value.u.text, value.length), "text");
  EXPECT_EQ(value.u.text, buffer);
  EXPECT_EQ(read("json", kBody, "/nothing", 4), ErrorCode::kNone);
  EXPECT_EQ(value.type, amps_value_null);
  EXPECT_EQ(read("json", kBody, "t", 4), ErrorCode::kBadFilter);
  EXPECT_EQ(read("json", "{", "/t", 4), ErrorCode::kMalformedBody);
  EXPECT_EQ(read("xyz", kBody, "/t", 4), ErrorCode::kMessageType);
  EXPECT_EQ(read("binary", kBody, "/t", 4), ErrorCode::kMessageType);
}

}  // namespace
}  // namespace fluxgate
