#include "amps/ha_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "amps/exceptions.h"
#include "client/amps/many_connections.h"
#include "gateway/amps/amps_encoder.h"

namespace AMPS {
namespace {

using fluxgate::AckType;
using fluxgate::CommandType;
using fluxgate::amps::ServerMessage;
using fluxgate::amps::ServerMessageType;
using fluxgate::client::FakeConnection;
using Clock = std::chrono::steady_clock;

constexpr long kLongMs = 20'000;
constexpr char kNobody[] = "tcp://127.0.0.1:1/amps/json";

void SendAck(FakeConnection& connection, const fluxgate::Command& command, AckType type,
             uint64_t sequence, std::string_view failure = {}) {
  ServerMessage ack;
  ack.type = ServerMessageType::kAck;
  ack.command_id = command.command_id;
  ack.ack.add(type);
  ack.has_sequence = true;
  ack.sequence = sequence;
  ack.status = failure.empty() ? fluxgate::amps::kStatusSuccess : fluxgate::amps::kStatusFailure;
  ack.reason = failure;
  ack.version = command.type == CommandType::kLogon ? "fake 1" : "";
  std::string bytes;
  fluxgate::amps::AppendServerMessage(ack, &bytes);
  connection.Send(bytes);
}

// Accepts a logon and says that the gateway has stored up to `sequence`.
void AcceptLogon(FakeConnection& connection, uint64_t sequence = 0) {
  const fluxgate::Command* logon = connection.Read();
  if (logon == nullptr) return;  // a client that was in a hurry
  EXPECT_EQ(logon->type, CommandType::kLogon);
  EXPECT_EQ(logon->client_name, "ha");
  SendAck(connection, *logon, AckType::kProcessed, sequence);
}

void SendMessage(FakeConnection& connection, std::string_view sub_id, std::string_view bookmark,
                 std::string_view body) {
  ServerMessage message;
  message.type = ServerMessageType::kPublish;
  message.topic = "orders";
  message.sub_ids = sub_id;
  message.bookmark = bookmark;
  message.body = body;
  std::string bytes;
  fluxgate::amps::AppendServerMessage(message, &bytes);
  connection.Send(bytes);
}

// Acknowledges whatever asks for it, until the client goes.
void Serve(FakeConnection& connection) {
  while (const fluxgate::Command* command = connection.Read()) {
    if (command->acks.has(AckType::kProcessed)) connection.Ack(*command);
    if (command->acks.has(AckType::kPersisted) && command->has_sequence) {
      SendAck(connection, *command, AckType::kPersisted, command->sequence);
    }
  }
}

// What happened, on whatever thread, to be waited for.
class Events {
 public:
  void Add(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }
  std::vector<std::string> Await(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::milliseconds(kLongMs),
                                  [&] { return events_.size() >= count; }));
    return events_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;
};

using Lines = std::vector<std::string>;

// One address at a time, which the test sets.
class TestChooser final : public ServerChooser {
 public:
  explicit TestChooser(std::string uri) : uri_(std::move(uri)) {}
  void Set(std::string uri) {
    const std::lock_guard lock(mutex_);
    uri_ = std::move(uri);
  }
  std::string getCurrentURI() override {
    const std::lock_guard lock(mutex_);
    return uri_;
  }
  Authenticator& getCurrentAuthenticator() override { return authenticator_; }
  void reportFailure(const std::string& error) override {
    const std::lock_guard lock(mutex_);
    error_ = error;
    failures.Add(error);
  }
  void reportSuccess() override { ++successes; }
  std::string getError() const override {
    const std::lock_guard lock(mutex_);
    return error_;
  }

  Events failures;
  std::atomic<int> successes = 0;

 private:
  mutable std::mutex mutex_;
  std::string uri_;
  std::string error_;
  DefaultAuthenticator authenticator_;
};

class HAClientTest : public ::testing::Test {
 protected:
  HAClientTest() {
    client_.setServerChooser(chooser_);
    client_.setDelayStrategy(std::make_shared<FixedDelayStrategy>(5));
  }
  ~HAClientTest() override { client_.disconnect(); }

  // Connects; then the gateway goes, and there is nobody for a while.
  void ConnectAndLose(const std::string& uri) {
    chooser_->Set(uri);
    client_.setDisconnectHandler([&](Client&) { chooser_->Set(kNobody); });
    client_.connectAndLogon();
    leave_ = true;
    chooser_->failures.Await(2);  // the loss, and an attempt
  }
  void AwaitLeave() const {
    while (!leave_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  std::atomic<bool> leave_ = false;
  const std::shared_ptr<TestChooser> chooser_ = std::make_shared<TestChooser>(kNobody);
  HAClient client_{"ha"};
};

TEST_F(HAClientTest, SendsAgainWhatTheGatewayDoesNotHave) {
  Events received;
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection, number == 1 ? 0 : 3);
    int publishes = 0;
    while (const fluxgate::Command* command = connection.Read()) {
      if (command->type != CommandType::kPublish) {
        connection.Ack(*command);
        continue;
      }
      received.Add(fmt::format("{}:{}={}", number, command->sequence, command->body));
      // Of five, two are acknowledged, and a third one is stored.
      if (number == 1 && ++publishes == 5) return;
      if (number == 1 && publishes > 2) continue;
      SendAck(connection, *command, AckType::kPersisted, command->sequence);
    }
  });
  client_.setPublishStore(std::make_shared<MemoryPublishStore>());
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(client_.publish("orders", fmt::format("{{\"id\":{}}}", i)), static_cast<uint64_t>(i));
  }
  received.Await(7);
  client_.publish("orders", "{}");
  client_.publishFlush(kLongMs);
  EXPECT_EQ(client_.getUnpersistedCount(), 0u);
  EXPECT_EQ(received.Await(8),
            (Lines{R"(1:1={"id":1})", R"(1:2={"id":2})", R"(1:3={"id":3})", R"(1:4={"id":4})",
                   R"(1:5={"id":5})", R"(2:4={"id":4})", R"(2:5={"id":5})", "2:6={}"}));
  client_.disconnect();
}

TEST_F(HAClientTest, GoesOnWithTheSequenceThatTheGatewayHas) {
  ManyConnections gateway([&](FakeConnection& connection, int) {
    AcceptLogon(connection, 1000);
    Serve(connection);
  });
  client_.setPublishStore(std::make_shared<MemoryPublishStore>());
  EXPECT_THROW(client_.publish("orders", "{}"), DisconnectedException) << "not known yet";
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  EXPECT_EQ(client_.publish("orders", "{}"), 1001u);
  client_.publishFlush(kLongMs);
  client_.disconnect();
}

TEST_F(HAClientTest, WithoutAConnectionPublishesGoToTheStoreAndOtherCommandsWait) {
  Events received;
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection);
    if (number == 1) return AwaitLeave();
    while (const fluxgate::Command* command = connection.Read()) {
      received.Add(fmt::format("{}{}", command->topic, command->body));
      if (command->acks.has(AckType::kProcessed)) connection.Ack(*command);
      if (command->acks.has(AckType::kPersisted)) {
        SendAck(connection, *command, AckType::kPersisted, command->sequence);
      }
    }
  });
  client_.setPublishStore(std::make_shared<MemoryPublishStore>());
  ConnectAndLose(gateway.uri());
  EXPECT_FALSE(client_.isConnected());
  EXPECT_EQ(client_.publish("orders", "1"), 1u);
  EXPECT_EQ(client_.publish("orders", "2"), 2u);
  EXPECT_EQ(client_.getUnpersistedCount(), 2u);
  EXPECT_THROW(client_.publishFlush(20), TimedOutException);
  EXPECT_THROW(client_.subscribe([](Message&) {}, "never", 20), TimedOutException);
  auto subscribed = std::async(std::launch::async, [&] {
    return client_.subscribe([](Message&) {}, "waiting", kLongMs, "", "", "mine");
  });
  EXPECT_EQ(subscribed.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout);
  chooser_->Set(gateway.uri());
  EXPECT_EQ(subscribed.get(), "mine");
  client_.publishFlush(kLongMs);
  EXPECT_EQ(received.Await(4), (Lines{"orders1", "orders2", "waiting", ""}));
  client_.disconnect();
}

TEST_F(HAClientTest, WithoutAStorePublishesWaitForTheConnection) {
  Events received;
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection);
    if (number == 1) return AwaitLeave();
    while (const fluxgate::Command* command = connection.Read()) {
      received.Add(fmt::format("{}{}", command->topic, command->body));
    }
  });
  ConnectAndLose(gateway.uri());
  auto published = std::async(std::launch::async, [&] { return client_.publish("orders", "1"); });
  EXPECT_EQ(published.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout);
  chooser_->Set(gateway.uri());
  EXPECT_EQ(published.get(), 0u);
  EXPECT_EQ(received.Await(1), Lines{"orders1"});
  client_.disconnect();
}

TEST_F(HAClientTest, WithoutAStoreAFlushTellsThatPublishesMayBeLost) {
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection);
    if (number != 1) return Serve(connection);
    // A publish and its flush, and another publish.
    connection.Read();
    connection.Ack(*connection.Read());
    connection.Read();
    AwaitLeave();
  });
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  client_.publish("orders", "1");
  client_.publishFlush(kLongMs);
  client_.publish("orders", "2");
  leave_ = true;
  chooser_->failures.Await(1);
  client_.publish("orders", "3");
  EXPECT_THROW(client_.publishFlush(kLongMs), DisconnectedException);
  EXPECT_TRUE(client_.isConnected());
  EXPECT_NO_THROW(client_.publishFlush(kLongMs)) << "told once";
  client_.publish("orders", "4");
  EXPECT_NO_THROW(client_.publishFlush(kLongMs));
  client_.disconnect();
}

TEST_F(HAClientTest, PutsSubscriptionsBackInOrderAndFromTheirBookmarks) {
  Events received;
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection);
    int subscriptions = 0;
    while (const fluxgate::Command* command = connection.Read()) {
      received.Add(fmt::format("{} {} {} {}", command->sub_id, command->topic, command->filter,
                               command->bookmark));
      connection.Ack(*command);
      if (++subscriptions == 3) break;
    }
    if (number == 1) {
      SendMessage(connection, "b", "1|1|", "one");
      SendMessage(connection, "b", "1|2|", "two");
      SendMessage(connection, "a,b", "1|3|", "three");
      return;
    }
    SendMessage(connection, "b", "1|2|", "two");  // again
    SendMessage(connection, "a", "", "live");
    SendMessage(connection, "b", "1|4|", "four");
    Serve(connection);
  });
  const auto store = std::make_shared<MemoryBookmarkStore>();
  client_.setBookmarkStore(store);
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  Events got;
  const auto handler = [&](Message& message) {
    got.Add(fmt::format("{} {}", message.getSubscriptionId(), message.getData()));
    if (message.getData() == "one") store->discard(message);
  };
  client_.subscribe(handler, "orders", kLongMs, "/price > 1", "", "a");
  client_.bookmarkSubscribe(handler, "orders", kLongMs, "b", Client::Bookmarks::EPOCH);
  client_.bookmarkSubscribe(handler, "other", kLongMs, "c", Client::Bookmarks::NOW);
  EXPECT_EQ(received.Await(6), (Lines{"a orders /price > 1 ", "b orders  0", "c other  0|1|",
                                      "a orders /price > 1 ", "b orders  1|1|", "c other  0|1|"}));
  EXPECT_EQ(got.Await(6), (Lines{"b one", "b two", "a three", "b three", "a live", "b four"}));
  client_.disconnect();
}

TEST_F(HAClientTest, WhatIsPutBackHasMoreTimeThanTheFirstOneHad) {
  Events received;
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection);
    while (const fluxgate::Command* command = connection.Read()) {
      if (number == 2) std::this_thread::sleep_for(std::chrono::milliseconds(300));
      received.Add(fmt::format("{} {}", number, command->sub_id));
      connection.Ack(*command);
      if (number == 1) return AwaitLeave();
    }
  });
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  client_.subscribe([](Message&) {}, "orders", 250, "", "", "a");
  leave_ = true;
  EXPECT_EQ(received.Await(2), (Lines{"1 a", "2 a"}));
  client_.publishFlush(kLongMs);
  EXPECT_EQ(gateway.accepted(), 2);
  client_.disconnect();
}

// Knows of a subscription late: when the connection has been lost, and another one made.
class LateManager final : public SubscriptionManager {
 public:
  explicit LateManager(std::function<void()> lose) : lose_(std::move(lose)) {}
  void subscribe(const MessageHandler& handler, const Command& command) override {
    if (lose_) std::exchange(lose_, nullptr)();
    manager_.subscribe(handler, command);
  }
  void unsubscribe(const std::string& sub_id) override { manager_.unsubscribe(sub_id); }
  void clear() override { manager_.clear(); }
  void resubscribe(Client& client) override { manager_.resubscribe(client); }

 private:
  std::function<void()> lose_;
  MemorySubscriptionManager manager_;
};

TEST_F(HAClientTest, ALossBehindTheAnswerToASubscriptionDoesNotLoseIt) {
  Events received;
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection);
    while (const fluxgate::Command* command = connection.Read()) {
      received.Add(fmt::format("{} {}", number, command->sub_id));
      const std::string sub_id(command->sub_id);
      connection.Ack(*command);
      if (number == 1) return AwaitLeave();
      SendMessage(connection, sub_id, "", "live");
    }
  });
  chooser_->Set(gateway.uri());
  client_.setSubscriptionManager(std::make_shared<LateManager>([&] {
    leave_ = true;
    while (chooser_->successes < 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }));
  client_.connectAndLogon();
  Events got;
  client_.subscribe([&](Message& message) { got.Add(std::string(message.getData())); }, "orders",
                    kLongMs, "", "", "a");
  EXPECT_EQ(received.Await(2), (Lines{"1 a", "2 a"}));
  EXPECT_EQ(got.Await(1), Lines{"live"});
  client_.disconnect();
}

TEST_F(HAClientTest, StreamsGoOnAfterALoss) {
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection);
    const fluxgate::Command* command = connection.Read();
    if (command == nullptr) return;
    const std::string sub_id(command->sub_id);
    connection.Ack(*command);
    SendMessage(connection, sub_id, "", fmt::format("from {}", number));
    if (number > 2) Serve(connection);
  });
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  MessageStream stream = client_.subscribe("orders");
  Message message;
  for (const char* expected : {"from 1", "from 2", "from 3"}) {
    ASSERT_TRUE(stream.next(message));
    EXPECT_EQ(message.getData(), expected);
  }
  client_.disconnect();
  EXPECT_FALSE(stream.next(message));
}

TEST_F(HAClientTest, WhatIsUnsubscribedWithoutAConnectionIsNotPutBack) {
  Events received;
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection);
    int commands = 0;
    while (const fluxgate::Command* command = connection.Read()) {
      received.Add(fmt::format("{} {}", number, command->sub_id));
      connection.Ack(*command);
      if (number == 1 && ++commands == 2) return;
    }
  });
  chooser_->Set(gateway.uri());
  client_.setDisconnectHandler([&](Client&) { chooser_->Set(kNobody); });
  client_.connectAndLogon();
  client_.subscribe([](Message&) {}, "orders", kLongMs, "", "", "a");
  client_.subscribe([](Message&) {}, "orders", kLongMs, "", "", "b");
  chooser_->failures.Await(2);
  client_.unsubscribe("a");
  chooser_->Set(gateway.uri());
  EXPECT_EQ(received.Await(3), (Lines{"1 a", "1 b", "2 b"}));
  client_.disconnect();
}

TEST_F(HAClientTest, WhatIsUnsubscribedWhileItIsPutBackIsGone) {
  Events received;
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection);
    int commands = 0;
    std::string first;
    while (const fluxgate::Command* command = connection.Read()) {
      const bool ends = command->type == CommandType::kUnsubscribe;
      if (command->type == CommandType::kFlush) {
        received.Add(fmt::format("{} flush", number));
      } else if (!ends || number != 2) {
        received.Add(fmt::format("{} {}", number, command->sub_id));
      }
      ++commands;
      if (number == 2 && commands == 1) {
        // Answered when both have been unsubscribed.
        first = command->command_id;
        continue;
      }
      connection.Ack(*command);
      if (number == 2 && commands == 3) {
        fluxgate::Command put_back;
        put_back.command_id = first;
        connection.Ack(put_back);
      }
      if (number == 1 && commands == 2) return AwaitLeave();
      if (number == 2 && command->type == CommandType::kFlush) return;
    }
  });
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  client_.subscribe([](Message&) {}, "orders", kLongMs, "", "", "a");
  client_.subscribe([](Message&) {}, "orders", kLongMs, "", "", "b");
  leave_ = true;
  received.Await(3);
  client_.unsubscribe("a");
  client_.unsubscribe("b");
  client_.publishFlush(kLongMs);
  chooser_->failures.Await(1);
  client_.publishFlush(kLongMs);
  EXPECT_EQ(received.Await(5), (Lines{"1 a", "1 b", "2 a", "2 flush", "3 flush"}));
  client_.disconnect();
}

TEST_F(HAClientTest, ASubscriptionThatIsRefusedWhenItIsPutBackIsToldAndEndsAlone) {
  Events received;
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    AcceptLogon(connection);
    int commands = 0;
    while (const fluxgate::Command* command = connection.Read()) {
      const bool is_refused = number == 2 && command->topic == "secret";
      received.Add(fmt::format("{} {}", number, command->topic));
      connection.Ack(*command, is_refused ? "not entitled: no more" : "");
      if (number < 3 && ++commands == (number == 1 ? 2 : 3)) return;
    }
  });
  Events errors;
  client_.setExceptionListener([&](const std::exception& e) { errors.Add(e.what()); });
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  MessageStream stream = client_.subscribe("secret");
  client_.subscribe([](Message&) {}, "orders", kLongMs, "", "", "b");
  EXPECT_NE(errors.Await(1)[0].find("no more"), std::string::npos) << errors.Await(1)[0];
  Message message;
  EXPECT_THROW(stream.next(message), DisconnectedException);
  client_.subscribe([](Message&) {}, "third", kLongMs, "", "", "c");
  // The one that was refused does not come again.
  EXPECT_EQ(received.Await(7), (Lines{"1 secret", "1 orders", "2 secret", "2 orders", "2 third",
                                      "3 orders", "3 third"}));
  client_.disconnect();
}

TEST_F(HAClientTest, DisconnectEndsAnAttemptAtOnce) {
  // Nobody there; somebody who does not answer; a pause.
  ManyConnections silent([](FakeConnection& connection, int) {
    while (connection.Read() != nullptr) {
    }
  });
  client_.setTimeout(kLongMs);
  for (const std::string& uri : {std::string(kNobody), silent.uri()}) {
    client_.setDelayStrategy(std::make_shared<FixedDelayStrategy>(60'000));
    chooser_->Set(uri);
    auto connected = std::async(std::launch::async, [&] { client_.connectAndLogon(); });
    EXPECT_EQ(connected.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    const auto begin = Clock::now();
    client_.disconnect();
    EXPECT_THROW(connected.get(), DisconnectedException);
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds(5));
  }
}

TEST_F(HAClientTest, DisconnectEndsComingBackAtOnce) {
  ManyConnections gateway([&](FakeConnection& connection, int) {
    AcceptLogon(connection);
    AwaitLeave();
  });
  client_.setDelayStrategy(std::make_shared<FixedDelayStrategy>(60'000));
  ConnectAndLose(gateway.uri());
  auto waiting = std::async(std::launch::async,
                            [&] { client_.subscribe([](Message&) {}, "orders", kLongMs); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  const auto begin = Clock::now();
  client_.disconnect();
  EXPECT_THROW(waiting.get(), DisconnectedException);
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(5));
  EXPECT_FALSE(client_.isConnected());
}

TEST_F(HAClientTest, DisconnectsAndConnectsAgain) {
  ManyConnections gateway([&](FakeConnection& connection, int) {
    AcceptLogon(connection);
    Serve(connection);
  });
  chooser_->Set(gateway.uri());
  for (int i = 1; i <= 3; ++i) {
    client_.connectAndLogon();
    EXPECT_TRUE(client_.isConnected());
    EXPECT_THROW(client_.connectAndLogon(), AlreadyConnectedException);
    client_.subscribe([](Message&) {}, "orders", kLongMs, "", "", "a");
    client_.disconnect();
    EXPECT_FALSE(client_.isConnected());
    EXPECT_THROW(client_.publish("orders", "{}"), DisconnectedException);
  }
  EXPECT_EQ(gateway.accepted(), 3);
  EXPECT_EQ(chooser_->successes, 3);
  client_.connect(gateway.uri());
  EXPECT_EQ(client_.getServerChooser()->getCurrentURI(), gateway.uri());
  client_.disconnect();
}

TEST_F(HAClientTest, GivesUpWhenTheDelayStrategyDoes) {
  client_.setDelayStrategy(std::make_shared<FixedDelayStrategy>(5, 30));
  EXPECT_THROW(client_.connectAndLogon(), ConnectionException);
  EXPECT_THROW(client_.publish("orders", "{}"), DisconnectedException);
  // The next connectAndLogon has its own time.
  ManyConnections gateway([&](FakeConnection& connection, int) {
    AcceptLogon(connection);
    Serve(connection);
  });
  chooser_->Set(gateway.uri());
  EXPECT_NO_THROW(client_.connectAndLogon());
  client_.disconnect();
}

TEST_F(HAClientTest, SettingsThatMakeNoSense) {
  EXPECT_THROW(client_.setServerChooser(nullptr), UsageException);
  EXPECT_THROW(client_.setDelayStrategy(nullptr), UsageException);
  ManyConnections gateway([&](FakeConnection& connection, int) {
    AcceptLogon(connection);
    Serve(connection);
  });
  client_.setTimeout(0);
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  EXPECT_THROW(client_.connect(kNobody), AlreadyConnectedException);
  EXPECT_EQ(client_.getServerChooser(), chooser_);
  // Without a handler: for the handler of last chance, now and after a loss.
  const std::string id = client_.subscribe(MessageHandler(), "orders", kLongMs);
  EXPECT_NO_THROW(client_.unsubscribe(id));
  client_.disconnect();
}

TEST_F(HAClientTest, GivingUpAfterALossIsToldToEverybody) {
  ManyConnections gateway([&](FakeConnection& connection, int) {
    AcceptLogon(connection);
    connection.Ack(*connection.Read());
    AwaitLeave();
  });
  Events errors;
  client_.setExceptionListener([&](const std::exception& e) { errors.Add(e.what()); });
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  MessageStream stream = client_.subscribe("orders");
  chooser_->Set("");
  leave_ = true;
  Message message;
  EXPECT_THROW(stream.next(message), DisconnectedException);
  EXPECT_NE(errors.Await(1)[0].find("the server chooser has no address"), std::string::npos);
  EXPECT_THROW(client_.publish("orders", "{}"), DisconnectedException);
  EXPECT_THROW(client_.subscribe([](Message&) {}, "orders"), DisconnectedException);
}

TEST_F(HAClientTest, AnAddressThatCannotBeUsedIsNotTriedAgain) {
  chooser_->Set("tcp:/nowhere");
  EXPECT_THROW(client_.connectAndLogon(), InvalidURIException);
  chooser_->Set("tcp://localhost:9007/amps/json?nonsense=1");
  EXPECT_THROW(client_.connectAndLogon(), InvalidTransportOptionsException);
  chooser_->Set("");
  EXPECT_THROW(client_.connectAndLogon(), ConnectionException);
}

TEST_F(HAClientTest, AnOptionThatDoesNotWorkNowIsTriedAgain) {
  ManyConnections gateway([&](FakeConnection& connection, int) {
    AcceptLogon(connection);
    Serve(connection);
  });
  // An address of nobody's (RFC 5737), and a file that is not there.
  for (const char* option : {"?bind=192.0.2.1", "?ca_file=/no/such/file"}) {
    std::string uri = gateway.uri() + option;
    if (uri.find("ca_file") != std::string::npos) uri.replace(0, 3, "tcps");
    chooser_->Set(uri);
    const size_t failures = chooser_->failures.Await(0).size();
    auto connected = std::async(std::launch::async, [&] { client_.connectAndLogon(); });
    chooser_->failures.Await(failures + 2);
    chooser_->Set(gateway.uri());
    EXPECT_NO_THROW(connected.get());
    client_.disconnect();
  }
}

TEST_F(HAClientTest, ARefusedLogonIsAFailureOfThatGateway) {
  ManyConnections gateway([&](FakeConnection& connection, int number) {
    const fluxgate::Command* logon = connection.Read();
    if (logon == nullptr) return;
    EXPECT_EQ(logon->options, "ack_conflation=10ms");
    connection.Ack(*logon, number == 1 ? "auth failure" : "");
    if (number > 1) Serve(connection);
  });
  client_.setLogonOptions("ack_conflation=10ms");
  chooser_->Set(gateway.uri());
  client_.connectAndLogon();
  EXPECT_NE(chooser_->failures.Await(1)[0].find("auth failure"), std::string::npos);
  EXPECT_EQ(gateway.accepted(), 2);
  client_.disconnect();
}

TEST_F(HAClientTest, WhoIsThrownOutAtOnceDoesNotTryWithoutAPause) {
  ManyConnections gateway([&](FakeConnection& connection, int) { AcceptLogon(connection); });
  client_.setDelayStrategy(std::make_shared<FixedDelayStrategy>(100));
  chooser_->Set(gateway.uri());
  const auto begin = Clock::now();
  client_.connectAndLogon();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const auto pauses = (Clock::now() - begin) / std::chrono::milliseconds(100);
  EXPECT_LE(gateway.accepted(), 3 + pauses);
  EXPECT_GE(gateway.accepted(), 2);
  client_.disconnect();
}

TEST_F(HAClientTest, StoresAreMadeWithTheClient) {
  const auto memory = HAClient::createMemoryBacked("ha");
  EXPECT_NE(memory->getPublishStore(), nullptr);
  EXPECT_NE(memory->getBookmarkStore(), nullptr);
  EXPECT_NE(memory->getSubscriptionManager(), nullptr);
  const std::string path = ::testing::TempDir() + "/ha_client_test";
  const auto in_files = HAClient::createFileBacked("ha", path + ".publishes", path + ".bookmarks");
  EXPECT_NE(in_files->getPublishStore(), nullptr);
  EXPECT_THROW(HAClient::createFileBacked("ha", path + ".publishes", path + ".other"),
               StoreException);
  EXPECT_EQ(client_.getPublishStore(), nullptr);
  EXPECT_EQ(client_.getBookmarkStore(), nullptr);
}

}  // namespace
}  // namespace AMPS
