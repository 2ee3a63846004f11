// SIGTERM seen from a client: what was accepted is finished, what was delivered arrives.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

TEST(Drain, DeliversWhatWasPublishedThenCloses) {
  TestGateway gateway;
  RawClient subscriber = RawClient::Tcp(gateway.tcp_port());
  subscriber.Logon("subscriber");
  subscriber.SendFrame(R"({"c":"subscribe","cid":"1","t":"t","a":"processed"})");
  ASSERT_TRUE(subscriber.ReadFrame().has_value());
  RawClient publisher = RawClient::Unix(gateway.unix_path());
  publisher.Logon("publisher");
  constexpr int kMessages = 20'000;
  for (int i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(publisher.SendFrame(fmt::format(R"({{"c":"p","t":"t"}}{{"n":{}}})", i)));
  }
  ASSERT_TRUE(publisher.SendFrame(R"({"c":"flush","cid":"f","a":"processed"})"));
  ASSERT_TRUE(publisher.ReadFrame().has_value());  // all of it is accepted now

  std::thread stopper([&] { EXPECT_TRUE(gateway.Stop()); });
  for (int i = 0; i < kMessages; ++i) {
    ASSERT_EQ(subscriber.ReadFrame(),
              fmt::format(R"({{"c":"p","t":"t","sids":"1"}}{{"n":{}}})", i));
  }
  EXPECT_FALSE(subscriber.ReadFrame().has_value());
  EXPECT_FALSE(publisher.ReadFrame().has_value());
  // Clients that do not close their side are not waited for longer than a moment.
  stopper.join();
}

}  // namespace
}  // namespace fluxgate::testing
