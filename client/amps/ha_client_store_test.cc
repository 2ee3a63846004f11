// What an HAClient does with publishes when the connection is lost.
#include "client/amps/ha_client_testing.h"

namespace AMPS::testing {
namespace {

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

}  // namespace
}  // namespace AMPS::testing
