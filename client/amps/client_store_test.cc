// Publishes with a store and subscriptions with bookmarks, of a client that does not come back by
// itself: what goes over the wire, and who is told what. See ha_client_test.cc for one that does.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "amps/bookmark_store.h"
#include "amps/client.h"
#include "amps/publish_store.h"
#include "client/amps/inbox.h"
#include "client/amps/scripted_gateway.h"
#include "client/cpp/fake_gateway.h"

namespace AMPS {
namespace {

using fluxgate::CommandType;
using fluxgate::client::FakeConnection;
using fluxgate::client::FakeGateway;

std::string Persisted(uint64_t sequence, const std::string& rest) {
  return Frame(R"({"c":"ack","a":"persisted","s":)" + std::to_string(sequence) + rest + "}");
}

TEST(ClientStoreTest, SequencesAcksAndRefusals) {
  FakeGateway gateway([](FakeConnection& connection) {
    connection.AcceptLogon();
    for (uint64_t sequence = 1; sequence <= 4; ++sequence) {
      const fluxgate::Command* publish = connection.Read();
      ASSERT_NE(publish, nullptr);
      EXPECT_EQ(publish->type, CommandType::kPublish);
      EXPECT_EQ(publish->sequence, sequence);
      EXPECT_TRUE(publish->acks.has(fluxgate::AckType::kPersisted));
      EXPECT_TRUE(publish->command_id.empty());
    }
    connection.Send(Persisted(2, R"(,"status":"success")"));
    connection.Send(Persisted(3, R"(,"status":"failure","reason":"not entitled: no")"));
    connection.Send(Persisted(4, R"(,"status":"success")"));
    connection.Send(Persisted(1, R"(,"status":"failure","reason":"not kept any more")"));
    connection.AckEverything();
  });
  Client client("publisher");
  auto store = std::make_shared<MemoryPublishStore>();
  client.setPublishStore(store);
  Inbox refused;
  std::mutex mutex;
  std::string reasons;
  client.setFailedWriteHandler([&](const Message& message, std::string_view reason) {
    {
      const std::lock_guard lock(mutex);
      reasons += std::string(reason) + ";";
    }
    refused.Put(message);
  });
  client.connect(gateway.uri());
  client.logon();
  for (uint64_t sequence = 1; sequence <= 4; ++sequence) {
    EXPECT_EQ(client.publish("t", std::to_string(sequence)), sequence);
  }
  const std::vector<Message> messages = refused.Await(2);
  EXPECT_EQ(messages[0].getSequence(), 3u);
  EXPECT_EQ(messages[0].getTopic(), "t");
  EXPECT_EQ(messages[0].getData(), "3");
  EXPECT_EQ(messages[1].getSequence(), 1u);
  EXPECT_TRUE(messages[1].getTopic().empty());
  client.publishFlush(20'000);
  EXPECT_EQ(client.getUnpersistedCount(), 0u);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(reasons, "not entitled: no;not kept any more;");
}

TEST(ClientStoreTest, ALogonDiscardsAndSendsTheRestAgain) {
  auto store = std::make_shared<MemoryPublishStore>();
  Client client("publisher");
  client.setPublishStore(store);
  {
    FakeGateway first([](FakeConnection& connection) {
      connection.AcceptLogon();
      for (int i = 0; i < 3; ++i) connection.Read();
    });
    client.connect(first.uri());
    client.logon();
    for (int i = 0; i < 3; ++i) client.publish("t", std::to_string(i));
  }
  // Not connected: kept.
  client.disconnect();
  EXPECT_EQ(client.publish("t", "3"), 4u);
  EXPECT_EQ(client.getUnpersistedCount(), 4u);
  FakeGateway second([](FakeConnection& connection) {
    const fluxgate::Command* logon = connection.Read();
    ASSERT_NE(logon, nullptr);
    connection.Send(Frame(R"({"c":"ack","cid":")" + std::string(logon->command_id) +
                          R"(","a":"processed","status":"success","s":2})"));
    for (uint64_t sequence = 3; sequence <= 5; ++sequence) {
      const fluxgate::Command* publish = connection.Read();
      ASSERT_NE(publish, nullptr);
      EXPECT_EQ(publish->sequence, sequence);
      EXPECT_EQ(publish->body, std::to_string(sequence - 1));
      connection.Send(Persisted(sequence, R"(,"status":"success")"));
    }
    connection.AckEverything();
  });
  client.connect(second.uri());
  client.logon();
  EXPECT_EQ(client.publish("t", "4"), 5u);
  client.publishFlush(20'000);
  EXPECT_EQ(client.getUnpersistedCount(), 0u);
  client.disconnect();
}

TEST(ClientStoreTest, ASequenceThatCannotBe) {
  FakeGateway gateway([](FakeConnection& connection) {
    const fluxgate::Command* logon = connection.Read();
    ASSERT_NE(logon, nullptr);
    connection.Send(Frame(R"({"c":"ack","cid":")" + std::string(logon->command_id) +
                          R"(","a":"processed","status":"success","s":18446744073709551615})"));
    connection.AckEverything();
  });
  Client client("publisher");
  client.setPublishStore(std::make_shared<MemoryPublishStore>());
  client.connect(gateway.uri());
  EXPECT_THROW(client.logon(), ProtocolException);
}

TEST(ClientStoreTest, AnAckOfWhatWasNeverPublishedEndsTheConnection) {
  for (const char* status : {"success", "failure"}) {
    FakeGateway gateway([&](FakeConnection& connection) {
      connection.AcceptLogon();
      connection.Read();
      connection.Read();
      connection.Send(Persisted(1, R"(,"status":"success")"));
      connection.Send(Persisted(3, R"(,"status":")" + std::string(status) + "\""));
      ReadToTheEnd(connection);
    });
    Client client("publisher");
    client.setPublishStore(std::make_shared<MemoryPublishStore>());
    client.setFailedWriteHandler([](const Message&, std::string_view) { ADD_FAILURE(); });
    Signal lost;
    client.setDisconnectHandler([&](Client&) { lost.Set(); });
    client.connect(gateway.uri());
    client.logon();
    client.publish("t", "1");
    client.publish("t", "2");
    ASSERT_TRUE(lost.Await());
    EXPECT_EQ(client.getUnpersistedCount(), 1u);
    try {
      client.publishFlush(20'000);
      ADD_FAILURE();
    } catch (const DisconnectedException& e) {
      const std::string text = e.what();
      EXPECT_NE(text.find("acknowledges publish 3, and 2 was the last"), std::string::npos) << text;
    }
  }
}

TEST(ClientStoreTest, ABookmarkStoreThatFailsEndsTheConnectionBeforeAnythingIsLost) {
  const auto deliver = [](FakeConnection& connection, const char* from) {
    connection.AcceptLogon();
    const fluxgate::Command* command = connection.Read();
    ASSERT_NE(command, nullptr);
    EXPECT_EQ(command->bookmark, from);
    connection.Ack(*command);
    for (int i = command->bookmark == "0" ? 1 : 2; i <= 3; ++i) {
      const std::string number = std::to_string(i);
      connection.Send(
          Frame(R"({"c":"p","t":"t","sids":"mine","bm":"7|)" + number + "|\"}" + number));
    }
    ReadToTheEnd(connection);
  };
  Client client("subscriber");
  constexpr size_t kUndiscardedMax = 1;
  auto bookmarks = std::make_shared<MemoryBookmarkStore>(kUndiscardedMax);
  client.setBookmarkStore(bookmarks);
  Signal lost;
  client.setDisconnectHandler([&](Client&) { lost.Set(); });
  Inbox inbox;
  const auto subscribe = [&](FakeGateway& gateway) {
    client.connect(gateway.uri());
    client.logon();
    client.bookmarkSubscribe(
        [&](Message& message) {
          inbox.Put(message);
          if (message.getData() != "1") bookmarks->discard(message);
        },
        "t", 20'000, "mine", Client::Bookmarks::MOST_RECENT);
  };
  {
    FakeGateway first([&](FakeConnection& c) { deliver(c, "0"); });
    subscribe(first);
    ASSERT_TRUE(lost.Await());
    EXPECT_EQ(inbox.size(), 1u);
    bookmarks->discard(inbox.Await(1)[0]);
  }
  FakeGateway second([&](FakeConnection& c) { deliver(c, "7|1|"); });
  subscribe(second);
  const std::vector<Message> messages = inbox.Await(3);
  EXPECT_EQ(messages[1].getData(), "2");
  EXPECT_EQ(messages[2].getData(), "3");
  client.disconnect();
}

TEST(ClientStoreTest, FlushEndsWithTheConnectionOrTheTime) {
  FakeGateway gateway([](FakeConnection& connection) {
    connection.AcceptLogon();
    connection.Read();  // the publish, which is never acknowledged
    for (int i = 0; i < 2; ++i) {
      const fluxgate::Command* flush = connection.Read();
      if (flush == nullptr) return;
      connection.Ack(*flush);
    }
  });
  Client client("publisher");
  client.setPublishStore(std::make_shared<MemoryPublishStore>());
  client.connect(gateway.uri());
  client.logon();
  client.publish("t", "x");
  EXPECT_THROW(client.publishFlush(100), TimedOutException);
  EXPECT_THROW(client.publishFlush(), DisconnectedException);
  EXPECT_EQ(client.getUnpersistedCount(), 1u);
}

TEST(ClientStoreTest, NothingIsHandledTwiceWithBookmarks) {
  const auto send = [](FakeConnection& connection, const std::string& bookmark) {
    connection.Send(Frame(R"({"c":"p","t":"t","sids":"mine","bm":")" + bookmark + "\"}x"));
  };
  Client client("subscriber");
  auto bookmarks = std::make_shared<MemoryBookmarkStore>();
  client.setBookmarkStore(bookmarks);
  Inbox inbox;
  const auto subscribe = [&] {
    client.bookmarkSubscribe(inbox.handler(), "t", 20'000, "mine", Client::Bookmarks::MOST_RECENT);
  };
  {
    FakeGateway first([&](FakeConnection& connection) {
      connection.AcceptLogon();
      const fluxgate::Command* command = connection.Read();
      ASSERT_NE(command, nullptr);
      EXPECT_EQ(command->bookmark, Client::Bookmarks::EPOCH);
      connection.Ack(*command);
      send(connection, "7|1|");
      send(connection, "7|2|");
      send(connection, "7|3|");
      connection.AckEverything();
    });
    client.connect(first.uri());
    client.logon();
    subscribe();
    const std::vector<Message> messages = inbox.Await(3);
    bookmarks->discard(messages[0]);
    bookmarks->discard(messages[1]);
    client.disconnect();
  }
  FakeGateway second([&](FakeConnection& connection) {
    connection.AcceptLogon();
    const fluxgate::Command* command = connection.Read();
    ASSERT_NE(command, nullptr);
    EXPECT_EQ(command->bookmark, "7|2|");
    connection.Ack(*command);
    send(connection, "7|2|");  // had before
    send(connection, "7|4|");
    connection.AckEverything();
  });
  client.connect(second.uri());
  client.logon();
  subscribe();
  EXPECT_EQ(inbox.Await(4)[3].getBookmark(), "7|4|");
  client.disconnect();
}

}  // namespace
}  // namespace AMPS
