// What an HAClient does with subscriptions when the connection is lost.
#include "client/amps/ha_client_testing.h"

namespace AMPS::testing {
namespace {

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

}  // namespace
}  // namespace AMPS::testing
