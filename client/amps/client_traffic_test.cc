// Heartbeats and transport filters: what is sent besides commands, and who sees all of it.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "amps/client.h"
#include "client/amps/inbox.h"
#include "client/amps/scripted_gateway.h"
#include "client/cpp/fake_gateway.h"

namespace AMPS {
namespace {

using fluxgate::CommandType;
using fluxgate::client::FakeConnection;
using fluxgate::client::FakeGateway;

TEST(TrafficTest, SilenceEndsAConnectionWithHeartbeat) {
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

TEST(TrafficTest, AHeartbeatMayBeginOnASilentConnection) {
  FakeGateway gateway([](FakeConnection& connection) {
    connection.AcceptLogon();
    connection.AckEverything();
  });
  Client client("c");
  client.connect(gateway.uri());
  client.logon();
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  client.setHeartbeat(1, 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_TRUE(client.isConnected());
  client.setHeartbeat(0);
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  client.setHeartbeat(1, 1);
  EXPECT_NO_THROW(client.publishFlush(20'000));
}

TEST(TrafficTest, TheGatewayIsToldThatNoHeartbeatIsWanted) {
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

TEST(TrafficTest, ATransportFilterCannotDisconnect) {
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

TEST(TrafficTest, TransportFilter) {
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
