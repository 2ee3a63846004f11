// The client against gateways that do not behave: it neither crashes nor hangs, and says why.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <random>
#include <string>
#include <thread>

#include "amps/client.h"
#include "client/amps/inbox.h"
#include "client/cpp/fake_gateway.h"

namespace AMPS {
namespace {

using fluxgate::CommandType;
using fluxgate::client::FakeConnection;
using fluxgate::client::FakeGateway;

std::string Frame(const std::string& content) {
  const auto size = static_cast<uint32_t>(content.size());
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(size >> shift));
  return frame + content;
}

void ReadToTheEnd(FakeConnection& connection) {
  while (connection.Read() != nullptr) {
  }
}

// After the logon of a client that is told by its disconnect handler when the connection is lost.
std::string LostAfter(const std::string& bytes, const std::function<void(Client&)>& adjust = {}) {
  FakeGateway gateway([&](FakeConnection& connection) {
    connection.AcceptLogon();
    connection.Send(bytes);
    ReadToTheEnd(connection);
  });
  Client client("c");
  if (adjust) adjust(client);
  Signal lost;
  client.setDisconnectHandler([&](Client&) { lost.Set(); });
  client.connect(gateway.uri());
  try {
    client.logon(20'000);
    EXPECT_TRUE(lost.Await());
    client.publishFlush();
    ADD_FAILURE() << "still connected";
  } catch (const DisconnectedException& e) {
    return e.what();
  }
  return "";
}

TEST(HostileTest, SilenceDuringLogon) {
  FakeGateway gateway(ReadToTheEnd);
  Client client("c");
  client.connect(gateway.uri());
  EXPECT_THROW(client.logon(50), TimedOutException);
  client.disconnect();
}

TEST(HostileTest, DisconnectEndsALogonThatWaits) {
  FakeGateway gateway(ReadToTheEnd);
  Client client("c");
  client.connect(gateway.uri());
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    client.disconnect();
  });
  EXPECT_THROW(client.logon(), DisconnectedException);
  other.join();
}

TEST(HostileTest, ClosesDuringLogon) {
  FakeGateway gateway([](FakeConnection& connection) { connection.Read(); });
  Client client("c");
  client.setDisconnectHandler([](Client&) { ADD_FAILURE() << "it was never logged on"; });
  client.connect(gateway.uri());
  EXPECT_THROW(client.logon(), DisconnectedException);
}

TEST(HostileTest, AChallengeWithoutEnd) {
  class Patient final : public Authenticator {
   public:
    std::string authenticate(const std::string&, const std::string&) override { return "a"; }
    std::string retry(const std::string& user, const std::string& password) override {
      EXPECT_EQ(user, "you");
      EXPECT_EQ(password, "riddle");
      return "b";
    }
    void completed(const std::string&, const std::string&, const std::string&) override {}
  };
  const auto challenge = [](FakeConnection& connection) {
    while (const fluxgate::Command* logon = connection.Read()) {
      connection.Send(
          Frame(R"({"c":"ack","cid":")" + std::string(logon->command_id) +
                R"(","a":"processed","status":"retry","user_id":"you","pw":"riddle"})"));
    }
  };
  FakeGateway gateway(challenge);
  Client client("c");
  client.connect(gateway.uri());
  Patient patient;
  EXPECT_THROW(client.logon(0, patient), AuthenticationException);
  FakeGateway second(challenge);
  Client plain("d");
  plain.connect(second.uri());
  EXPECT_THROW(plain.logon(), AuthenticationException);
}

TEST(HostileTest, AnswersToALogonThatCannotBe) {
  const char* const answers[] = {
      R"({"c":"ack","cid":"1","a":"processed","status":"success","s":18446744073709551615})",
      R"({"c":"ack","cid":"1","a":"processed"})",
      R"({"c":"ack","cid":"1","a":"processed","status":"perhaps"})",
      R"({"c":"ack","cid":"1","a":)",
  };
  for (const char* answer : answers) {
    FakeGateway gateway([&](FakeConnection& connection) {
      connection.Read();
      connection.Send(Frame(answer));
      ReadToTheEnd(connection);
    });
    Client client("c");
    client.setPublishStore(nullptr);
    client.connect(gateway.uri());
    if (answer == answers[0]) {
      // A number of no use to a client without a publish store.
      EXPECT_NO_THROW(client.logon(5000));
    } else {
      EXPECT_THROW(client.logon(5000), AMPSException) << answer;
    }
  }
}

TEST(HostileTest, BytesThatAreNoFrames) {
  EXPECT_NE(LostAfter("HTTP/1.1 400 Bad Request\r\n\r\n").find("announces a message of 1213486160"),
            std::string::npos);
  EXPECT_NE(LostAfter("\xFF\xFF\xFF\xFF").find("over the limit"), std::string::npos);
  EXPECT_NE(LostAfter(Frame("no header")).find("not of the protocol"), std::string::npos);
  EXPECT_NE(LostAfter(Frame(R"({"c":"p","t":)")).find("not of the protocol"), std::string::npos);
  EXPECT_NE(LostAfter(Frame(R"({"c":"p","t":"a","t":"b"})")).find("not of the protocol"),
            std::string::npos);
  EXPECT_NE(LostAfter(Frame(R"({"c":"sow","query_id":"1"}{"k":"1","l":99999}x)"))
                .find("records that are not of the protocol"),
            std::string::npos);
}

TEST(HostileTest, MessagesAtTheLimitAndOver) {
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

TEST(HostileTest, AcksAndMessagesNobodyAskedFor) {
  FakeGateway gateway([](FakeConnection& connection) {
    connection.AcceptLogon();
    connection.Send(Frame(R"({"c":"ack","cid":"999","a":"processed","status":"success"})"));
    connection.Send(Frame(R"({"c":"ack","a":"persisted","s":7,"status":"success"})"));
    connection.Send(Frame(R"({"c":"ack","a":"persisted","s":8,"status":"failure"})"));
    connection.Send(Frame(R"({"c":"ack"})"));
    connection.Send(std::string(4, '\0'));
    connection.Send(Frame(R"({"c":"p","t":"t","sids":"5,,6,"}x)"));
    connection.Send(Frame(R"({"c":"oof"})"));
    connection.Send(Frame(R"({"c":"sow","query_id":"7","t":"t"})"));
    connection.Send(Frame(R"({"c":"group_end","query_id":"7"})"));
    connection.Send(Frame(R"({"c":"something new"})"));
    connection.Send(Frame(R"({"c":"heartbeat"})"));
    connection.AckEverything();
  });
  Client client("c");
  Inbox last;
  client.setLastChanceMessageHandler(last.handler());
  client.connect(gateway.uri());
  client.logon();
  client.publishFlush(20'000);
  const std::vector<Message> messages = last.Await(6);
  EXPECT_EQ(messages[0].getCommandId(), "999");
  EXPECT_EQ(messages[3].getData(), "x");
  EXPECT_EQ(messages[4].getCommandEnum(), Message::OOF);
  EXPECT_EQ(messages[5].getCommandEnum(), Message::GroupEnd);
}

TEST(HostileTest, AFrameInPieces) {
  FakeGateway gateway([](FakeConnection& connection) {
    connection.AcceptLogon();
    const std::string frame = Frame(R"({"c":"p","t":"t","sids":"1"})" + std::string(1000, 'x'));
    for (const char byte : frame) connection.Send({&byte, 1});
    connection.Send(Frame(R"({"c":"p","t":"t","sids":"1"})" + std::string(3'000'000, 'y')));
    ReadToTheEnd(connection);
  });
  Client client("c");
  Inbox last;
  client.setLastChanceMessageHandler(last.handler());
  client.connect(gateway.uri());
  client.logon();
  const std::vector<Message> messages = last.Await(2);
  EXPECT_EQ(messages[0].getData(), std::string(1000, 'x'));
  EXPECT_EQ(messages[1].getData(), std::string(3'000'000, 'y'));
}

TEST(HostileTest, RandomBytes) {
  std::mt19937 random(20240322);
  for (int round = 0; round < 200; ++round) {
    std::string bytes;
    // Frames that begin well and are damaged somewhere.
    for (int i = 0; i < 5; ++i) {
      bytes += Frame(R"({"c":"p","t":"orders","sids":"1"}{"id":1})");
      bytes += Frame(R"({"c":"sow","query_id":"1","bs":1}{"k":"1","l":2}{})");
      bytes += Frame(R"({"c":"ack","cid":"1","a":"processed","status":"success"})");
    }
    for (int i = 0; i < 3; ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    FakeGateway gateway([&](FakeConnection& connection) {
      connection.AcceptLogon();
      connection.Send(bytes);
      shutdown(connection.fd(), SHUT_WR);
      ReadToTheEnd(connection);
    });
    Client client("c");
    Signal lost;
    client.setDisconnectHandler([&](Client&) { lost.Set(); });
    client.setLastChanceMessageHandler([](Message&) {});
    client.connect(gateway.uri());
    try {
      client.logon(20'000);
      ASSERT_TRUE(lost.Await()) << round;
    } catch (const DisconnectedException&) {  // lost as soon as it was logged on
    }
  }
}

TEST(HostileTest, ACommandThatIsNeverAnswered) {
  FakeGateway gateway([](FakeConnection& connection) {
    connection.AcceptLogon();
    ReadToTheEnd(connection);
  });
  Client client("c");
  client.connect(gateway.uri());
  client.logon();
  Inbox inbox;
  EXPECT_THROW(client.subscribe(inbox.handler(), "t", 30), TimedOutException);
  EXPECT_THROW(client.publishFlush(30), TimedOutException);
  EXPECT_THROW(client.sow("t", "", "", 10, 0, 30), TimedOutException);
  EXPECT_THROW(client.sowDelete("t", "1=1", 30), TimedOutException);
}

TEST(HostileTest, ACommandIsAnsweredByTheEnd) {
  FakeGateway gateway([](FakeConnection& connection) {
    connection.AcceptLogon();
    connection.Read();
  });
  Client client("c");
  client.connect(gateway.uri());
  client.logon();
  EXPECT_THROW(client.publishFlush(), DisconnectedException);
}

TEST(HostileTest, AGatewayThatTakesNothing) {
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

TEST(HostileTest, SilenceEndsAConnectionWithHeartbeat) {
  FakeGateway gateway([](FakeConnection& connection) {
    connection.AcceptLogon();
    const fluxgate::Command* command = connection.Read();
    ASSERT_NE(command, nullptr);
    EXPECT_EQ(command->type, CommandType::kHeartbeat);
    EXPECT_EQ(command->options, "start,1");
    // One for one: as long as they come, the connection stands.
    for (int i = 0; i < 2; ++i) {
      command = connection.Read();
      ASSERT_NE(command, nullptr);
      EXPECT_EQ(command->options, "beat");
      connection.Send(Frame(R"({"c":"heartbeat"})"));
    }
    ReadToTheEnd(connection);
  });
  Client client("c");
  client.setHeartbeat(1, 2);
  Signal lost;
  client.setDisconnectHandler([&](Client&) { lost.Set(); });
  client.connect(gateway.uri());
  client.logon();
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(lost.Await());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  try {
    client.publishFlush();
    ADD_FAILURE();
  } catch (const DisconnectedException& e) {
    EXPECT_NE(std::string(e.what()).find("no heartbeat"), std::string::npos) << e.what();
  }
}

TEST(HostileTest, TheGatewayIsToldThatNoHeartbeatIsWanted) {
  Signal told;
  FakeGateway gateway([&](FakeConnection& connection) {
    connection.AcceptLogon();
    const fluxgate::Command* command = connection.Read();
    ASSERT_NE(command, nullptr);
    EXPECT_EQ(command->options, "start,100");
    command = connection.Read();
    ASSERT_NE(command, nullptr);
    EXPECT_EQ(command->type, CommandType::kHeartbeat);
    EXPECT_EQ(command->options, "stop");
    told.Set();
    ReadToTheEnd(connection);
  });
  Client client("c");
  client.connect(gateway.uri());
  client.logon();
  client.setHeartbeat(100);
  client.setHeartbeat(0);
  EXPECT_TRUE(told.Await());
}

TEST(HostileTest, ATransportFilterCannotDisconnect) {
  FakeGateway gateway([](FakeConnection& connection) {
    connection.AcceptLogon();
    connection.AckEverything();
  });
  Client client("c");
  std::atomic<bool> refused{false};
  client.setTransportFilterFunction([&](std::string&, bool) {
    try {
      client.disconnect();
    } catch (const UsageException&) {
      refused = true;
    }
  });
  client.connect(gateway.uri());
  client.logon();
  client.publishFlush();
  EXPECT_TRUE(refused);
}

// The client stops reading at its limit; what it has asked for is read all the same.
TEST(HostileTest, UnreadBytesAtTheLimit) {
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

TEST(HostileTest, TransportFilter) {
  FakeGateway gateway([](FakeConnection& connection) {
    const fluxgate::Command* logon = connection.Read();
    ASSERT_NE(logon, nullptr);
    EXPECT_EQ(logon->client_name, "changed");
    connection.Ack(*logon);
    connection.AckEverything();
  });
  Client client("secret!");
  std::mutex mutex;
  std::string incoming;
  std::string outgoing;
  std::atomic<bool> throws{false};
  client.setTransportFilterFunction([&](std::string& bytes, bool in) {
    if (throws) throw std::runtime_error("enough");
    const std::lock_guard lock(mutex);
    (in ? incoming : outgoing) += bytes;
    const size_t at = bytes.find("secret!");
    if (at != std::string::npos) bytes.replace(at, 7, "changed");
  });
  std::string heard;
  client.setExceptionListener([&](const std::exception& e) { heard = e.what(); });
  client.connect(gateway.uri());
  client.logon();
  client.publishFlush();
  {
    const std::lock_guard lock(mutex);
    EXPECT_NE(outgoing.find(R"("c":"logon")"), std::string::npos);
    EXPECT_NE(outgoing.find(R"("c":"flush")"), std::string::npos);
    EXPECT_NE(incoming.find(R"("status":"success")"), std::string::npos);
  }
  throws = true;
  EXPECT_THROW(client.publishFlush(), DisconnectedException);
  EXPECT_EQ(heard, "enough");
}

}  // namespace
}  // namespace AMPS
