// The known ways in, tried on a whole gateway over amps: who clients are, what they may do, what
// comes before logon, and what a module that waits or misbehaves does to others.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/amps/amps_frame.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

using std::chrono::steady_clock;

void UseTestingModule(config::Config& config) {
  DefineStateTopics(config);
  config::ModuleConfig module;
  module.name = "testing";
  module.library = "./tests/integration/libtesting_module.so";
  config.modules = {module};
  config.authentication.module = "testing";
  config.entitlement.module = "testing";
  config.limits.credential_size_bytes_max = 100;
}

std::string Frame(std::string_view text) {
  std::string bytes(amps::kFramePrefixBytes, '\0');
  amps::StoreFrameLength(static_cast<uint32_t>(text.size()), bytes.data());
  return bytes + std::string(text);
}

std::string Logon(std::string_view user, std::string_view password, std::string_view name = "",
                  std::string_view cid = "1") {
  return fmt::format(
      R"({{"c":"logon","cid":"{}","user_id":"{}","pw":"{}","client_name":"{}","a":"processed"}})",
      cid, user, password, name);
}

bool Has(const std::optional<std::string>& frame, std::string_view text) {
  return frame.has_value() && frame->find(text) != std::string::npos;
}

class SecurityTest : public ::testing::Test {
 protected:
  RawClient Connect() { return RawClient::Tcp(gateway_.tcp_port()); }
  RawClient ConnectAs(std::string_view user, std::string_view name = "") {
    RawClient client = Connect();
    EXPECT_TRUE(client.SendFrame(Logon(user, "right", name)));
    const auto ack = client.ReadFrame();
    EXPECT_TRUE(Has(ack, R"("status":"success")")) << ack.value_or("closed");
    return client;
  }
  // The ack to a command.
  static std::string Answer(RawClient& client, std::string_view command) {
    EXPECT_TRUE(client.SendFrame(command));
    return client.ReadFrame().value_or("closed");
  }

  TestGateway gateway_{UseTestingModule};
};

TEST_F(SecurityTest, WhoIsLetIn) {
  RawClient client = Connect();
  ASSERT_TRUE(client.SendFrame(Logon("ann", "right")));
  const auto ack = client.ReadFrame();
  EXPECT_TRUE(Has(ack, R"("user_id":"ann")")) << ack.value_or("closed");
  EXPECT_FALSE(Has(ack, "authentication disabled"));
}

TEST_F(SecurityTest, WhoIsNotIsToldNoReason) {
  for (const std::string_view user : {"ann", "nobody", ""}) {
    RawClient client = Connect();
    ASSERT_TRUE(client.SendFrame(Logon(user, "wrong")));
    const auto ack = client.ReadFrame();
    EXPECT_TRUE(Has(ack, R"("status":"failure")")) << ack.value_or("closed");
    EXPECT_TRUE(Has(ack, "auth failure: authentication failed")) << ack.value_or("closed");
    EXPECT_FALSE(Has(ack, "wrong password"));
    EXPECT_TRUE(client.ReadToEnd());
  }
}

TEST_F(SecurityTest, CommandsBeforeLogon) {
  for (const std::string_view command :
       {R"({"c":"p","t":"t"}{})", R"({"c":"sow","cid":"1","t":"named","a":"processed"})",
        R"({"c":"subscribe","cid":"1","t":".*","a":"processed"})"}) {
    RawClient client = Connect();
    ASSERT_TRUE(client.SendFrame(command));
    EXPECT_TRUE(client.ReadToEnd());
  }
}

TEST_F(SecurityTest, WhatIsSentBehindALogonWaitsForIt) {
  RawClient client = Connect();
  ASSERT_TRUE(client.Send(Frame(Logon("ann", "right")) +
                          Frame(R"({"c":"flush","cid":"f","a":"processed"})")));
  EXPECT_TRUE(Has(client.ReadFrame(), R"("cid":"1")"));
  EXPECT_TRUE(Has(client.ReadFrame(), R"("cid":"f")"));

  RawClient refused = Connect();
  ASSERT_TRUE(refused.Send(Frame(Logon("ann", "wrong")) + Frame(R"({"c":"p","t":"t"}{"a":1})") +
                           Frame(R"({"c":"flush","cid":"f","a":"processed"})")));
  EXPECT_TRUE(Has(refused.ReadFrame(), R"("status":"failure")"));
  EXPECT_FALSE(Has(refused.ReadFrame(), R"("cid":"f")"));
}

TEST_F(SecurityTest, ASecondLogonOnAConnection) {
  RawClient client = ConnectAs("ann");
  const std::string ack = Answer(client, Logon("bob", "right", "", "2"));
  EXPECT_TRUE(Has(ack, R"("status":"failure")")) << ack;
  EXPECT_FALSE(Has(ack, "bob"));
}

TEST_F(SecurityTest, AChallengeIsAnsweredOnItsOwnConnection) {
  RawClient client = Connect();
  const std::string challenge = Answer(client, Logon("riddle", "x"));
  EXPECT_TRUE(Has(challenge, R"("status":"retry")")) << challenge;
  EXPECT_TRUE(Has(challenge, R"("pw":"what?")")) << challenge;
  EXPECT_FALSE(Has(challenge, "nonce")) << challenge;
  const std::string ack = Answer(client, Logon("riddle", "that!", "", "2"));
  EXPECT_TRUE(Has(ack, R"("status":"success")")) << ack;

  // The answer replayed on another connection is a new logon there.
  RawClient replay = Connect();
  EXPECT_TRUE(Has(Answer(replay, Logon("riddle", "that!")), R"("status":"retry")"));
  EXPECT_TRUE(Has(Answer(replay, Logon("riddle", "wrong")), R"("status":"failure")"));
  EXPECT_TRUE(replay.ReadToEnd());
}

TEST_F(SecurityTest, ChallengesDoNotGoOnForEver) {
  RawClient client = Connect();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Has(Answer(client, Logon("endless", "x")), R"("status":"retry")")) << i;
  }
  EXPECT_TRUE(Has(Answer(client, Logon("endless", "x")), R"("status":"failure")"));
}

TEST_F(SecurityTest, CredentialsAtTheLimitAndAbove) {
  RawClient at_limit = Connect();
  EXPECT_TRUE(Has(Answer(at_limit, Logon("ann", std::string(100, 'x'))),
                  "auth failure: authentication failed"));
  RawClient above = Connect();
  EXPECT_TRUE(Has(Answer(above, Logon("ann", std::string(101, 'x'))), "at most 100 bytes"));
  RawClient long_name = Connect();
  EXPECT_TRUE(Has(Answer(long_name, Logon(std::string(257, 'u'), "right")), "at most 256 bytes"));
  RawClient control = Connect();
  EXPECT_TRUE(Has(Answer(control, Logon("ann\\u0000bob", "right")), R"("status":"failure")"));
}

TEST_F(SecurityTest, MemoryThatIsNotTheAllocatorsLetsNobodyIn) {
  RawClient client = Connect();
  EXPECT_TRUE(Has(Answer(client, Logon("foreign", "right")), R"("status":"failure")"));
  ConnectAs("ann");
}

TEST_F(SecurityTest, ANameBelongsToItsUser) {
  RawClient desk = ConnectAs("ann", "desk");
  RawClient thief = Connect();
  EXPECT_TRUE(Has(Answer(thief, Logon("bob", "right", "desk")), "name in use"));
  EXPECT_TRUE(thief.ReadToEnd());
  EXPECT_TRUE(Has(Answer(desk, R"({"c":"flush","cid":"f","a":"processed"})"), R"("cid":"f")"));
  RawClient again = ConnectAs("ann", "desk");
  EXPECT_TRUE(desk.ReadToEnd());
}

TEST_F(SecurityTest, APatternDoesNotReachADeniedTopic) {
  RawClient bob = ConnectAs("bob");
  EXPECT_TRUE(Has(Answer(bob, R"({"c":"subscribe","cid":"s","t":"secret1","a":"processed"})"),
                  "not entitled"));
  EXPECT_TRUE(Has(Answer(bob, R"({"c":"subscribe","cid":"s","t":".*","a":"processed"})"),
                  R"("status":"success")"));
  EXPECT_TRUE(
      Has(Answer(bob, R"({"c":"p","t":"secret1","cid":"p","a":"processed"}{})"), "not entitled"));
  ASSERT_TRUE(bob.SendFrame(R"({"c":"p","t":"open"}{"a":1})"));
  EXPECT_TRUE(Has(bob.ReadFrame(), R"({"a":1})"));
}

TEST_F(SecurityTest, FiltersAndSelectListsOfTheUserCount) {
  RawClient ann = ConnectAs("ann");
  EXPECT_TRUE(Has(Answer(ann, R"({"c":"subscribe","cid":"s","t":"owned","a":"processed"})"),
                  R"("status":"success")"));
  RawClient bob = ConnectAs("bob");
  EXPECT_TRUE(Has(Answer(bob, R"({"c":"p","t":"owned","cid":"p","a":"processed"}{"owner":"ann"})"),
                  "not entitled"));
  EXPECT_TRUE(Has(Answer(bob, R"({"c":"p","t":"owned","cid":"q","a":"processed"}{"owner":"bob"})"),
                  R"("status":"success")"));
  ASSERT_TRUE(ann.SendFrame(R"({"c":"p","t":"owned"}{"owner":"ann","n":1})"));
  EXPECT_TRUE(Has(ann.ReadFrame(), R"({"owner":"ann","n":1})"));

  EXPECT_TRUE(
      Has(Answer(ann, R"({"c":"sow","cid":"q","t":"state/hidden","f":"/pin = 1","a":"processed"})"),
          "not entitled"));
}

// Of the configuration; each at the limit and one above.
TEST(SecurityLimitsTest, NamesChallengesAndTopicsOfAUser) {
  TestGateway gateway([](config::Config& config) {
    UseTestingModule(config);
    config.limits.user_name_bytes_max = 8;
    config.limits.logon_challenges_max = 1;
    config.limits.entitlement_topics_max = 2;
  });
  const auto answer = [](RawClient& client, std::string_view command) {
    EXPECT_TRUE(client.SendFrame(command));
    return client.ReadFrame().value_or("closed");
  };
  RawClient long_name = RawClient::Tcp(gateway.tcp_port());
  EXPECT_TRUE(Has(answer(long_name, Logon(std::string(9, 'u'), "right")), "at most 8 bytes"));
  RawClient endless = RawClient::Tcp(gateway.tcp_port());
  EXPECT_TRUE(Has(answer(endless, Logon("endless", "x")), R"("status":"retry")"));
  EXPECT_TRUE(Has(answer(endless, Logon("endless", "x")), R"("status":"failure")"));
  RawClient user = RawClient::Tcp(gateway.tcp_port());
  EXPECT_TRUE(Has(answer(user, Logon(std::string(8, 'u'), "right")), R"("status":"success")"));
  for (const auto& [topic, result] :
       {std::pair("a", "success"), std::pair("b", "success"), std::pair("c", "not entitled")}) {
    const std::string command =
        fmt::format(R"({{"c":"subscribe","cid":"{0}","t":"{0}","a":"processed"}})", topic);
    EXPECT_TRUE(Has(answer(user, command), result)) << topic;
  }
}

TEST(SecurityLimitsTest, LogonsThatWaitForAThread) {
  TestGateway gateway([](config::Config& config) {
    UseTestingModule(config);
    config.module_threads = 1;
    config.limits.logons_waiting_max = 1;
  });
  std::vector<RawClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(RawClient::Tcp(gateway.tcp_port()));
    ASSERT_TRUE(clients.back().SendFrame(Logon("slow", "right")));
  }
  // One is with the module, if it has come that far, and one waits.
  int accepted = 0, refused = 0;
  for (RawClient& client : clients) {
    const auto ack = client.ReadFrame();
    if (Has(ack, R"("status":"success")")) ++accepted;
    if (Has(ack, "too many logons are waiting")) ++refused;
  }
  EXPECT_EQ(accepted + refused, 4);
  EXPECT_GE(accepted, 1);
  EXPECT_GE(refused, 2);
}

// A module that waits holds up its own client and nobody else.
TEST_F(SecurityTest, OthersGoOnWhileAModuleWaits) {
  RawClient other = ConnectAs("ann");
  RawClient slow_user = Connect();
  RawClient slow_topic = ConnectAs("bob");
  const auto begin = steady_clock::now();
  ASSERT_TRUE(slow_user.SendFrame(Logon("slow", "right")));
  ASSERT_TRUE(slow_topic.SendFrame(R"({"c":"subscribe","cid":"s","t":"slow","a":"processed"})"));
  int flushes = 0;
  while (slow_topic.ReadFor(1).empty()) {
    ASSERT_TRUE(Has(Answer(other, R"({"c":"flush","cid":"f","a":"processed"})"), R"("cid":"f")"));
    ++flushes;
    ASSERT_LT(steady_clock::now() - begin, std::chrono::seconds(30));
  }
  EXPECT_GT(flushes, 10);
  EXPECT_TRUE(Has(slow_user.ReadFrame(), R"("status":"success")"));
}

}  // namespace
}  // namespace fluxgate::testing
