// The client against gateways that do not behave: it neither crashes nor hangs, and says why.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <random>
#include <string>
#include <thread>

#include "amps/client.h"
#include "client/amps/inbox.h"
#include "client/amps/scripted_gateway.h"
#include "client/cpp/fake_gateway.h"

namespace AMPS {
namespace {

using fluxgate::client::FakeConnection;
using fluxgate::client::FakeGateway;

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
      R"({"c":"ack","cid":"~1","a":"processed","status":"success","s":18446744073709551615})",
      R"({"c":"ack","cid":"~1","a":"processed"})",
      R"({"c":"ack","cid":"~1","a":"processed","status":"perhaps"})",
      R"({"c":"ack","cid":"~1","a":)",
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

}  // namespace
}  // namespace AMPS
