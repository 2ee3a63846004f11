// The client against a real gateway: what a program sees.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "amps/client.h"
#include "client/amps/inbox.h"
#include "tests/support/test_gateway.h"

namespace AMPS {
namespace {

using fluxgate::testing::DefineStateTopics;
using fluxgate::testing::TestGateway;

class ClientTest : public ::testing::Test {
 protected:
  void Connect(Client& client) {
    client.connect(gateway_.tcp_uri());
    client.logon(20'000);
  }

  TestGateway gateway_{DefineStateTopics};
};

TEST_F(ClientTest, PublishAndSubscribe) {
  Client subscriber("subscriber");
  EXPECT_FALSE(subscriber.isConnected());
  subscriber.connect(gateway_.tcp_uri());
  subscriber.logon();
  EXPECT_TRUE(subscriber.isConnected());
  EXPECT_FALSE(subscriber.getServerVersion().empty());
  Inbox inbox;
  const std::string id = subscriber.subscribe(inbox.handler(), "orders", 5000, "/price > 100");
  Client publisher("publisher");
  publisher.connect(gateway_.unix_uri());
  publisher.logon(5000);
  publisher.publish("orders", R"({"id":1,"price":100})");
  publisher.publish("orders", R"({"id":2,"price":101})");
  publisher.publishFlush(5000);
  const Message message = inbox.Await(1).front();
  EXPECT_EQ(message.getCommandEnum(), Message::Publish);
  EXPECT_EQ(message.getTopic(), "orders");
  EXPECT_EQ(message.getData(), R"({"id":2,"price":101})");
  EXPECT_EQ(message.getSubscriptionId(), id);
  subscriber.unsubscribe(id);
  publisher.publish("orders", R"({"id":3,"price":102})");
  publisher.publishFlush(5000);
  Inbox after;
  subscriber.subscribe(after.handler(), "orders");
  publisher.publish("orders", R"({"id":4,"price":103})");
  EXPECT_EQ(after.Await(1).front().getData(), R"({"id":4,"price":103})");
  EXPECT_EQ(inbox.Await(1).size(), 1u);
  subscriber.disconnect();
  EXPECT_FALSE(subscriber.isConnected());
}

TEST_F(ClientTest, ConnectsAgainAfterDisconnect) {
  Client client("again");
  for (int i = 0; i < 3; ++i) {
    Connect(client);
    EXPECT_THROW(client.connect(gateway_.tcp_uri()), AlreadyConnectedException);
    Inbox inbox;
    client.subscribe(inbox.handler(), "t");
    client.publish("t", "{}");
    inbox.Await(1);
    client.disconnect();
  }
  EXPECT_THROW(client.publish("t", "{}"), DisconnectedException);
  EXPECT_THROW(client.publishFlush(), DisconnectedException);
  EXPECT_THROW(client.logon(), DisconnectedException);
  EXPECT_THROW(client.subscribe("t"), DisconnectedException);
}

TEST_F(ClientTest, AllThatWasPublishedComesInOrder) {
  constexpr int kMessages = 200'000;
  Client publisher("publisher");
  Client subscriber("subscriber");
  Connect(publisher);
  Connect(subscriber);
  std::atomic<int> count{0};
  std::atomic<bool> in_order{true};
  Signal done;
  subscriber.subscribe(
      [&](Message& message) {
        const std::string expected = "{\"n\":" + std::to_string(count) + "}";
        if (message.getData() != expected) in_order = false;
        if (++count == kMessages) done.Set();
      },
      "stream");
  for (int i = 0; i < kMessages; ++i) {
    publisher.publish("stream", "{\"n\":" + std::to_string(i) + "}");
  }
  publisher.publishFlush();
  EXPECT_TRUE(done.Await()) << count;
  EXPECT_TRUE(in_order);
}

TEST_F(ClientTest, QueryAndSubscribe) {
  Client client("sow");
  Connect(client);
  for (int id = 1; id <= 5; ++id) {
    client.publish("state/a", "{\"id\":" + std::to_string(id) + ",\"v\":0}");
  }
  client.publishFlush();
  Inbox inbox;
  client.sowAndSubscribe(inbox.handler(), "state/a", "/id > 2", "/id DESC", 2, 0, 5000, "oof");
  client.publish("state/a", R"({"id":3,"v":1})");
  const Message deleted = client.sowDelete("state/a", "/id = 4");
  EXPECT_EQ(deleted.getAckTypeEnum(), Message::Stats);
  EXPECT_EQ(deleted.getRecordsDeleted(), 1u);
  const std::vector<Message> messages = inbox.Await(7);
  EXPECT_EQ(messages[0].getCommandEnum(), Message::GroupBegin);
  EXPECT_EQ(messages[1].getCommandEnum(), Message::SOW);
  EXPECT_EQ(messages[1].getData(), R"({"id":5,"v":0})");
  EXPECT_EQ(messages[3].getData(), R"({"id":3,"v":0})");
  EXPECT_FALSE(messages[3].getSowKey().empty());
  EXPECT_EQ(messages[4].getCommandEnum(), Message::GroupEnd);
  EXPECT_EQ(messages[5].getCommandEnum(), Message::Publish);
  EXPECT_EQ(messages[5].getSowKey(), messages[3].getSowKey());
  EXPECT_EQ(messages[6].getCommandEnum(), Message::OOF);
  EXPECT_EQ(messages[6].getReason(), "deleted");
}

TEST_F(ClientTest, AStreamOfAQueryEnds) {
  Client client("sow");
  Connect(client);
  for (int id = 0; id < 100; ++id) {
    client.publish("state/a", "{\"id\":" + std::to_string(id) + "}");
  }
  client.publishFlush();
  int records = 0;
  for (const Message& message : client.sow("state/a")) {
    if (message.getCommandEnum() == Message::SOW) ++records;
  }
  EXPECT_EQ(records, 100);
  // The acks that were asked for come behind the records, and are part of it.
  Command command("sow");
  command.setTopic("state/a").setTopN(3).addAckType(Message::Completed | Message::Stats);
  std::string kinds;
  for (const Message& message : client.execute(command)) {
    kinds += std::string(message.getCommand()) + std::string(message.getAckType()) + " ";
  }
  EXPECT_EQ(kinds, "group_begin sow sow sow group_end ackcompleted ackstats ");
}

TEST_F(ClientTest, AStreamOfASubscriptionEndsWhenItIsClosed) {
  Client client("stream");
  Connect(client);
  int count = 0;
  {
    MessageStream stream = client.subscribe("t");
    client.publish("t", R"({"n":1})");
    client.publish("t", R"({"n":2})");
    for (const Message& message : stream) {
      EXPECT_EQ(message.getTopic(), "t");
      if (++count == 2) break;
    }
  }
  // Nobody is subscribed any more: the last-chance handler has nothing to say.
  Inbox last;
  client.publishFlush();
  client.setLastChanceMessageHandler(last.handler());
  client.publish("t", R"({"n":3})");
  client.publishFlush();
  Inbox inbox;
  client.subscribe(inbox.handler(), "u");
  client.publish("u", "{}");
  inbox.Await(1);
  EXPECT_EQ(last.size(), 0u);
  // The streams of a client that disconnects end too.
  MessageStream open = client.subscribe("t");
  client.disconnect();
  Message message;
  EXPECT_FALSE(open.next(message));
}

TEST_F(ClientTest, DeletesByKeysAndData) {
  Client client("sow");
  Connect(client);
  Inbox inbox;
  client.subscribe(inbox.handler(), "state/a");
  client.publish("state/a", R"({"id":1})");
  client.publish("state/a", R"({"id":2})");
  client.publish("state/a", R"({"id":3})");
  const std::string key(inbox.Await(3)[0].getSowKey());
  EXPECT_EQ(client.sowDeleteByKeys("state/a", key).getRecordsDeleted(), 1u);
  EXPECT_EQ(client.sowDeleteByData("state/a", R"({"id":2})").getRecordsDeleted(), 1u);
  Inbox stats;
  client.sowDelete(stats.handler(), "state/a", "1=1");
  EXPECT_EQ(stats.Await(1)[0].getRecordsDeleted(), 1u);
  EXPECT_EQ(stats.Await(1)[0].getAckType(), "stats");
}

TEST_F(ClientTest, Deltas) {
  Client client("delta");
  Connect(client);
  Inbox inbox;
  client.sowAndDeltaSubscribe(inbox.handler(), "state/a");
  Inbox whole;
  client.deltaSubscribe(whole.handler(), "state/a");
  client.publish("state/a", R"({"id":1,"a":1,"b":1})");
  client.deltaPublish("state/a", R"({"id":1,"b":2})");
  const std::vector<Message> messages = inbox.Await(4);
  EXPECT_EQ(messages[3].getData(), R"({"id":1,"b":2})");
  EXPECT_EQ(whole.Await(2)[1].getData(), R"({"id":1,"b":2})");
}

TEST_F(ClientTest, HandlersMayUseTheClient) {
  Client client("inside");
  Connect(client);
  Inbox out;
  client.subscribe(out.handler(), "out");
  Signal done;
  std::atomic<int> calls{0};
  std::string id;
  client.subscribe(
      [&](Message& message) {
        ++calls;
        client.publish("out", message.getData());
        client.publishFlush();  // waits for an ack, inside
        client.unsubscribe(message.getSubscriptionId().data() == nullptr
                               ? ""
                               : std::string(message.getSubscriptionId()));
        done.Set();
      },
      "in");
  client.publish("in", R"({"n":1})");
  client.publish("in", R"({"n":2})");
  ASSERT_TRUE(done.Await());
  EXPECT_EQ(out.Await(1)[0].getData(), R"({"n":1})");
  client.publish("in", R"({"n":3})");
  client.publish("out", R"({"last":1})");
  out.Await(2);
  EXPECT_EQ(calls, 1);
}

TEST_F(ClientTest, AHandlerThatThrows) {
  Client client("throws");
  Connect(client);
  std::string heard;
  client.setExceptionListener([&](const std::exception& e) { heard += e.what(); });
  Inbox inbox;
  client.subscribe(
      [&](Message& message) {
        if (message.getData() == R"({"n":1})") throw std::runtime_error("no ones, please");
        if (message.getData() == R"({"n":2})") throw 2;
        inbox.Put(message);
      },
      "t");
  for (const char* body : {R"({"n":1})", R"({"n":2})", R"({"n":3})"}) client.publish("t", body);
  EXPECT_EQ(inbox.Await(1)[0].getData(), R"({"n":3})");
  EXPECT_EQ(heard, "no ones, pleasea handler has thrown what is no std::exception");
}

TEST_F(ClientTest, UnsubscribeWaitsForTheHandler) {
  Client client("waits");
  Connect(client);
  Signal entered;
  Signal leave;
  std::atomic<bool> left{false};
  std::atomic<int> calls{0};
  const std::string id = client.subscribe(
      [&](Message&) {
        ++calls;
        entered.Set();
        leave.Await();
        left = true;
      },
      "t");
  for (int i = 0; i < 100; ++i) client.publish("t", "{}");
  ASSERT_TRUE(entered.Await());
  Inbox last;
  client.setLastChanceMessageHandler(last.handler());
  std::thread unsubscribing([&] {
    client.unsubscribe(id);
    EXPECT_TRUE(left);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(left);
  leave.Set();
  unsubscribing.join();
  EXPECT_EQ(calls, 1);
  // What came for it and found it gone.
  EXPECT_EQ(last.Await(99).size(), 99u);
  EXPECT_EQ(last.Await(99)[0].getTopic(), "t");
  EXPECT_THROW(client.unsubscribe(id), InvalidSubIdException);
}

TEST_F(ClientTest, OneMessageForSeveralSubscriptions) {
  Client client("two");
  Connect(client);
  Inbox inbox;
  client.subscribe(inbox.handler(), "t", 0, "", "", "first");
  client.subscribe(inbox.handler(), "t", 0, "/n > 1", "", "second");
  client.publish("t", R"({"n":2})");
  const std::vector<Message> messages = inbox.Await(2);
  EXPECT_NE(messages[0].getSubscriptionId(), messages[1].getSubscriptionId());
  EXPECT_EQ(messages[0].getSubscriptionIds(), messages[1].getSubscriptionIds());
  EXPECT_THROW(client.subscribe(inbox.handler(), "t", 0, "", "", "first"),
               SubscriptionAlreadyExistsException);
  // The first one stands as before.
  client.publish("t", R"({"n":1})");
  EXPECT_EQ(inbox.Await(3)[2].getSubscriptionId(), "first");
  Inbox other;
  client.subscribe(other.handler(), "t", 0, "/n > 5", "replace", "first");
  client.publish("t", R"({"n":6})");
  EXPECT_EQ(other.Await(1)[0].getData(), R"({"n":6})");
  EXPECT_THROW(client.subscribe(inbox.handler(), "t", 0, "/n >", "replace", "first"),
               BadFilterException);
  client.publish("t", R"({"n":7})");
  EXPECT_EQ(other.Await(2)[1].getData(), R"({"n":7})");
  client.unsubscribe();
  client.publish("t", R"({"n":8})");
  client.publishFlush();
  EXPECT_EQ(other.size(), 2u);
}

TEST_F(ClientTest, IdsOfProgramsAreNeverThoseOfTheClient) {
  Client client("ids");
  Connect(client);
  Inbox chosen;
  for (int id = 1; id <= 9; ++id) {
    client.subscribe(chosen.handler(), "chosen", 5000, "", "", std::to_string(id));
  }
  Inbox automatic;
  for (int i = 0; i < 9; ++i) client.subscribe(automatic.handler(), "automatic", 5000);
  client.publishFlush(5000);
  client.publish("chosen", "{}");
  client.publish("automatic", "{}");
  EXPECT_EQ(automatic.Await(9).size(), 9u);
  EXPECT_EQ(chosen.Await(9).size(), 9u);
}

TEST_F(ClientTest, AStreamWhoseSubscriptionIsReplacedEndsAndLeavesTheNewOneAlone) {
  Client client("replaces");
  Connect(client);
  Command subscribe("subscribe");
  subscribe.setTopic("t").setSubId("mine");
  MessageStream first = client.execute(subscribe);
  subscribe.setOptions("replace");
  MessageStream second = client.execute(subscribe);
  Message message;
  EXPECT_FALSE(first.next(message));
  first.close();
  client.publish("t", R"({"n":1})");
  ASSERT_TRUE(second.next(message));
  EXPECT_EQ(message.getData(), R"({"n":1})");
  Inbox inbox;
  client.subscribe(inbox.handler(), "t", 5000, "", "replace", "mine");
  EXPECT_FALSE(second.next(message));
  second = MessageStream();
  client.publish("t", R"({"n":2})");
  EXPECT_EQ(inbox.Await(1)[0].getData(), R"({"n":2})");
}

TEST_F(ClientTest, AcksThatWereAskedFor) {
  Client client("acks");
  Connect(client);
  Inbox inbox;
  Command publish("publish");
  publish.setTopic("state/a").setData(R"({"id":1})").addAckType("processed,persisted");
  const std::string id = client.executeAsync(publish, inbox.handler());
  const std::vector<Message> acks = inbox.Await(2);
  EXPECT_EQ(acks[0].getAckTypeEnum(), Message::Processed);
  EXPECT_EQ(acks[0].getCommandId(), id);
  EXPECT_EQ(acks[0].getStatus(), "success");
  EXPECT_EQ(acks[1].getAckTypeEnum(), Message::Persisted);
  Command bad("publish");
  bad.setTopic("state/a").setData("no json").addAckType("processed");
  client.executeAsync(bad, inbox.handler());
  EXPECT_EQ(inbox.Await(3)[2].getStatus(), "failure");
  EXPECT_FALSE(inbox.Await(3)[2].getReason().empty());
}

template <typename Exception>
void ExpectRefused(const std::function<void()>& run, const char* what) {
  try {
    run();
    ADD_FAILURE() << "nothing thrown; expected " << what;
  } catch (const Exception& e) {
    EXPECT_NE(std::string(e.what()).find(what), std::string::npos) << e.what();
  } catch (const AMPSException& e) {
    ADD_FAILURE() << e.toString() << "; expected " << what;
  }
}

TEST_F(ClientTest, RefusalsAreExceptionsOfTheirKind) {
  Client client("refused");
  Connect(client);
  Inbox inbox;
  const auto subscribe = [&](const char* topic, const char* filter, const char* options,
                             const char* id) {
    return [&, topic, filter, options, id] {
      client.subscribe(inbox.handler(), topic, 0, filter, options, id);
    };
  };
  ExpectRefused<BadFilterException>(subscribe("t", "/a >", "", ""), "subscribe to 't' refused");
  ExpectRefused<BadRegexTopicException>(subscribe("t(", "", "", ""), "refused");
  ExpectRefused<InvalidOptionsException>(subscribe("t", "", "nonsense", ""), "nonsense");
  ExpectRefused<InvalidSubIdException>(subscribe("t", "", "", "a,b"), "subscription id");
  ExpectRefused<InvalidSubIdException>([&] { client.unsubscribe("nobody"); }, "nobody");
  ExpectRefused<UnknownCommandException>([&] { client.execute(Command("dance")); }, "'dance'");
  ExpectRefused<UnknownCommandException>([&] { client.execute(Command("logon")); }, "'logon'");
  ExpectRefused<CommandException>([&] { client.sowDelete("t", "1=1"); }, "sow_delete to 't'");
  ExpectRefused<InvalidTopicException>(subscribe("", "", "", ""), "topic");
  // And nothing of it stands in the way of what follows.
  client.subscribe(inbox.handler(), "t");
  client.publish("t", "{}");
  inbox.Await(1);
  Client other("other");
  other.connect(gateway_.unix_uri() + "");
  other.disconnect();
  std::string uri = gateway_.unix_uri();
  uri.replace(uri.find("/json"), 5, "/nonsense");
  other.connect(uri);
  EXPECT_THROW(other.logon(), MessageTypeNotFoundException);
  Client wrong("wrong");
  uri = gateway_.tcp_uri();
  uri.replace(uri.find("/json"), 5, "/fix");
  wrong.connect(uri);
  EXPECT_THROW(wrong.logon(), MessageTypeException);
}

TEST_F(ClientTest, ManyThreadsPublish) {
  Client publisher("publisher");
  Client subscriber("subscriber");
  Connect(publisher);
  Connect(subscriber);
  constexpr int kThreads = 4;
  constexpr int kEach = 5'000;
  std::atomic<int> count{0};
  Signal done;
  subscriber.subscribe(
      [&](Message&) {
        if (++count == kThreads * kEach) done.Set();
      },
      "t");
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) publisher.publish("t", R"({"a":1})");
      publisher.publishFlush();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(done.Await()) << count;
}

TEST_F(ClientTest, TheDisconnectHandlerMayConnectAgain) {
  TestGateway second;
  Client client("back");
  auto first = std::make_unique<TestGateway>();
  client.connect(first->tcp_uri());
  client.logon();
  Inbox inbox;
  Signal back;
  client.setDisconnectHandler([&](Client& lost) {
    EXPECT_FALSE(lost.isConnected());
    lost.connect(second.tcp_uri());
    lost.logon();
    lost.subscribe(inbox.handler(), "t");
    back.Set();
  });
  client.subscribe(inbox.handler(), "t");
  MessageStream stream = client.subscribe("t");
  first.reset();
  ASSERT_TRUE(back.Await());
  client.publish("t", R"({"after":1})");
  EXPECT_EQ(inbox.Await(1)[0].getData(), R"({"after":1})");
  // Nobody has put this one back.
  Message message;
  EXPECT_THROW(stream.next(message), DisconnectedException);
  client.disconnect();
}

}  // namespace
}  // namespace AMPS
