// The limits of a client: at them, and one above.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "amps/client.h"
#include "amps/publish_store.h"
#include "client/amps/inbox.h"
#include "client/amps/scripted_gateway.h"
#include "client/cpp/fake_gateway.h"

namespace AMPS {
namespace {

using fluxgate::client::FakeConnection;
using fluxgate::client::FakeGateway;

TEST(LimitsTest, MessagesAtTheLimitAndOver) {
  constexpr size_t kLimit = 100'000;
  const auto publish = [](size_t size) {
    return Frame(R"({"c":"p","t":"t","sids":"1"})" + std::string(size, 'x'));
  };
  Inbox inbox;
  FakeGateway gateway([&](FakeConnection& connection) {
    connection.AcceptLogon();
    connection.Send(publish(kLimit));
    ReadToTheEnd(connection);
  });
  Client client("c");
  client.setMessageBytesMax(kLimit);
  client.setLastChanceMessageHandler(inbox.handler());
  client.connect(gateway.uri());
  client.logon();
  EXPECT_EQ(inbox.Await(1)[0].getData().size(), kLimit);
  EXPECT_NO_THROW(client.publish("t", std::string(kLimit, 'x')));
  EXPECT_THROW(client.publish("t", std::string(kLimit + 1, 'x')), CommandException);
  const std::string why =
      LostAfter(publish(kLimit + 1), [](Client& c) { c.setMessageBytesMax(kLimit); });
  EXPECT_NE(why.find("not of the protocol"), std::string::npos) << why;
}

TEST(LimitsTest, PublishesThatNoGatewayCanReadAreRefusedAtOnce) {
  for (const bool has_store : {false, true}) {
    FakeGateway gateway([](FakeConnection& connection) {
      connection.AcceptLogon();
      for (const char* expected : {"t", "\xC3\xA4"}) {
        const fluxgate::Command* publish = connection.Read();
        ASSERT_NE(publish, nullptr);
        EXPECT_EQ(publish->topic, expected);
      }
      const fluxgate::Command* longest = connection.Read();
      ASSERT_NE(longest, nullptr);
      EXPECT_GT(longest->topic.size(), 130'000u);
      const fluxgate::Command* flush = connection.Read();
      ASSERT_NE(flush, nullptr);
      connection.Ack(*flush);
      ReadToTheEnd(connection);
    });
    Client client("c");
    if (has_store) client.setPublishStore(std::make_shared<MemoryPublishStore>());
    client.connect(gateway.uri());
    client.logon();
    client.publish("t", "x");
    EXPECT_THROW(client.publish("\xFF", "x"), CommandException);
    EXPECT_THROW(client.deltaPublish("\xFF", "x"), CommandException);
    for (const auto set : {&Command::setCorrelationId, &Command::setSowKey}) {
      Command command("publish");
      command.setTopic("t").setData("x");
      (command.*set)("half a character: \xC3");
      EXPECT_THROW(client.executeAsync(command, {}), CommandException);
    }
    client.publish("\xC3\xA4", "\xFF");
    // {"c":"p","t":""} or, with a store, {"c":"p","t":"","s":3,"a":"persisted"}
    const size_t around = has_store ? 38 : 16;
    constexpr size_t kHeaderBytesMax = 128 << 10;
    const std::string longest(kHeaderBytesMax - around, 't');
    EXPECT_THROW(client.publish(longest + "t", "x"), CommandException) << has_store;
    EXPECT_EQ(client.publish(longest, "x"), has_store ? 3u : 0u);
    client.executeAsync(Command("flush"), {});
    EXPECT_EQ(client.getUnpersistedCount(), has_store ? 3u : 0u);
  }
}

TEST(LimitsTest, AGatewayThatTakesNothing) {
  Signal finish;
  FakeGateway gateway([&](FakeConnection& connection) {
    connection.AcceptLogon();
    finish.Await();
  });
  Client client("c");
  constexpr size_t kLimit = 64 << 10;
  client.setUnsentBytesMax(kLimit);
  client.connect(gateway.uri() + "?tcp_sndbuf=4096&tcp_linger=0");
  client.logon();
  std::atomic<size_t> published{0};
  std::thread publisher([&] {
    try {
      while (true) {
        client.publish("t", std::string(1000, 'x'));
        published += 1000;
      }
    } catch (const DisconnectedException&) {
    }
  });
  // It stops: what the sockets hold and what may wait.
  size_t before;
  do {
    before = published;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  } while (before != published);
  EXPECT_GE(published, kLimit);
  client.disconnect();
  publisher.join();
  finish.Set();
}

// The client stops reading at its limit; what it has asked for is read all the same.
TEST(LimitsTest, UnreadBytesAtTheLimit) {
  constexpr size_t kLimit = 1 << 20;
  constexpr size_t kMessage = 10'000;
  const std::string message = Frame(R"({"c":"p","t":"t","sids":"1"})" + std::string(kMessage, 'x'));
  std::atomic<size_t> sent{0};
  Signal answered;
  FakeGateway gateway([&](FakeConnection& connection) {
    connection.AcceptLogon();
    const int size = 4096;
    setsockopt(connection.fd(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    std::thread sender([&] {
      for (int i = 0; i < 2'000; ++i) {
        connection.Send(message);
        sent += message.size();
      }
    });
    const fluxgate::Command* flush = connection.Read();
    sender.join();
    if (flush != nullptr) connection.Ack(*flush);
    ReadToTheEnd(connection);
  });
  Client client("c");
  client.setUnreadBytesMax(kLimit);
  Signal go_on;
  std::atomic<size_t> handled{0};
  client.setLastChanceMessageHandler([&](Message& got) {
    go_on.Await();
    handled += got.getData().size();
  });
  client.connect(gateway.uri() + "?tcp_rcvbuf=4096");
  client.logon();
  size_t before;
  do {
    before = sent;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  } while (before != sent);
  EXPECT_GE(sent, kLimit);
  // A receive and the sockets may stand over it.
  EXPECT_LE(sent, kLimit + (1 << 20));
  client.publishFlush(20'000);
  EXPECT_EQ(handled, 0u);
  go_on.Set();
  while (handled != 2'000 * kMessage) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

// Neither side reads: somebody who publishes does not make the client read more.
TEST(LimitsTest, UnreadBytesAtTheLimitWhileAThreadPublishes) {
  constexpr size_t kLimit = 1 << 20;
  const std::string message = Frame(R"({"c":"p","t":"t","sids":"1"})" + std::string(10'000, 'x'));
  std::atomic<size_t> sent{0};
  FakeGateway gateway([&](FakeConnection& connection) {
    connection.AcceptLogon();
    const int size = 4096;
    setsockopt(connection.fd(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    for (int i = 0; i < 2'000; ++i) {
      connection.Send(message);
      sent += message.size();
    }
    ReadToTheEnd(connection);
  });
  Client client("c");
  client.setUnreadBytesMax(kLimit);
  client.setUnsentBytesMax(64 << 10);
  Signal go_on;
  client.setLastChanceMessageHandler([&](Message&) { go_on.Await(); });
  client.connect(gateway.uri() + "?tcp_rcvbuf=4096&tcp_sndbuf=4096&tcp_linger=0");
  client.logon();
  std::thread publisher([&] {
    try {
      while (true) client.publish("t", std::string(1000, 'x'));
    } catch (const DisconnectedException&) {
    }
  });
  size_t before;
  do {
    before = sent;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  } while (before != sent);
  EXPECT_GE(sent, kLimit);
  EXPECT_LE(sent, kLimit + (1 << 20));
  go_on.Set();
  client.disconnect();
  publisher.join();
}

}  // namespace
}  // namespace AMPS
