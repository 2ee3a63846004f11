// The accept layer's limits, seen from outside.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

TEST(ConnectionLimit, OneMoreThanTheLimitIsRefusedUntilOneLeaves) {
  TestGateway gateway([](config::Config& config) { config.limits.connections_max = 3; });
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(RawClient::Tcp(gateway.tcp_port()));
    clients.back().Logon();
  }
  RawClient refused = RawClient::Tcp(gateway.tcp_port());
  EXPECT_TRUE(refused.ReadToEnd());
  clients.pop_back();
  for (int i = 0; i < 100; ++i) {
    RawClient again = RawClient::Tcp(gateway.tcp_port());
    again.SendFrame(R"({"c":"logon","cid":"1","a":"processed"})");
    if (again.ReadFrame().has_value()) return;
    usleep(10'000);
  }
  FAIL() << "the place of the client that left was not given to another";
}

TEST(ConnectionLimit, PerAddress) {
  TestGateway gateway(
      [](config::Config& config) { config.limits.connections_per_address_max = 2; });
  RawClient first = RawClient::Tcp(gateway.tcp_port());
  first.Logon();
  RawClient second = RawClient::Tcp(gateway.tcp_port());
  second.Logon();
  RawClient third = RawClient::Tcp(gateway.tcp_port());
  EXPECT_TRUE(third.ReadToEnd());
  RawClient elsewhere = RawClient::Unix(gateway.unix_path());
  elsewhere.Logon();
}

// Running out of descriptors refuses connections for as long as it lasts, no longer.
TEST(ConnectionLimit, OutOfDescriptorsAndBack) {
  TestGateway gateway;
  RawClient before = RawClient::Tcp(gateway.tcp_port());
  before.Logon();  // answered: the gateway opens nothing more meanwhile

  rlimit old_limit;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &old_limit), 0);
  // Sockets for the clients of this test first: they share the process with the gateway.
  std::vector<RawClient> waiting;
  const int highest = dup(0);
  close(highest);
  const rlimit tight{static_cast<rlim_t>(highest + 1), old_limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  waiting.push_back(RawClient::Tcp(gateway.tcp_port()));  // takes the last descriptor
  EXPECT_TRUE(waiting.back().ReadToEnd());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &old_limit), 0);

  RawClient after = RawClient::Tcp(gateway.tcp_port());
  after.Logon();
  before.SendFrame(R"({"c":"flush","cid":"1","a":"processed"})");
  EXPECT_TRUE(before.ReadFrame().has_value());
}

}  // namespace
}  // namespace fluxgate::testing
