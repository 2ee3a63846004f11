// How an HAClient connects, comes back, gives up and ends.
#include "client/amps/ha_client_testing.h"

namespace AMPS::testing {
namespace {

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
}  // namespace AMPS::testing
