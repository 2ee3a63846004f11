// What a loaded module does in a running gateway (amps_api.h), as clients over amps see it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "core/module/module_services.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

using std::chrono::steady_clock;

void UseModule(config::Config& config) {
  DefineStateTopics(config);
  config::ModuleConfig module;
  module.name = "embedded-client";
  module.library = "./tests/integration/libembedded_client_module.so";
  config.modules = {module};
}

bool Has(const std::optional<std::string>& frame, std::string_view text) {
  return frame.has_value() && frame->find(text) != std::string::npos;
}

class ModuleServicesTest : public ::testing::Test {
 protected:
  // A client that gets the module's answers on `topic`; the module has started.
  RawClient Connect(std::string_view topic) {
    RawClient client = RawClient::Tcp(gateway_.tcp_port());
    client.Logon();
    const auto begin = steady_clock::now();
    for (;;) {
      EXPECT_TRUE(client.SendFrame(R"({"c":"sow","cid":"q","t":"state/started"})"));
      bool started = false;
      for (auto frame = client.ReadFrame(); !Has(frame, "group_end"); frame = client.ReadFrame()) {
        if (!frame.has_value()) break;
        started |= Has(frame, R"({"id":"started"})");
      }
      if (started) break;
      if (steady_clock::now() - begin > std::chrono::seconds(30)) {
        ADD_FAILURE() << "the module has not started";
        break;
      }
    }
    EXPECT_TRUE(client.SendFrame(
        fmt::format(R"({{"c":"subscribe","cid":"s","t":"{}","a":"processed"}})", topic)));
    EXPECT_TRUE(Has(client.ReadFrame(), R"("status":"success")"));
    return client;
  }
  static std::string Ask(RawClient& client, std::string_view topic, std::string_view body) {
    EXPECT_TRUE(client.SendFrame(fmt::format(R"({{"c":"p","t":"{}"}}{})", topic, body)));
    return client.ReadFrame().value_or("closed");
  }

  TestGateway gateway_{UseModule};
};

TEST_F(ModuleServicesTest, AHandlerPublishesWhatItGets) {
  RawClient client = Connect("out");
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(client.SendFrame(fmt::format(R"({{"c":"p","t":"in"}}{{"n":{}}})", i)));
  }
  for (int i = 0; i < 1000; ++i) {
    const auto frame = client.ReadFrame();
    ASSERT_TRUE(Has(frame, fmt::format(R"({{"n":{}}})", i))) << frame.value_or("closed");
  }
}

TEST_F(ModuleServicesTest, AHandlerQueriesWhatItIsTold) {
  RawClient client = Connect("counted");
  EXPECT_TRUE(Has(Ask(client, "count", R"({"topic":"state/started"})"), R"({"records":1})"));
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(client.SendFrame(fmt::format(R"({{"c":"p","t":"state/many"}}{{"id":{}}})", i)));
  }
  EXPECT_TRUE(Has(Ask(client, "count", R"({"topic":"state/many"})"), R"({"records":300})"));
}

TEST_F(ModuleServicesTest, AdministrationFromAHandler) {
  RawClient client = Connect("done");
  EXPECT_TRUE(RawClient::CanConnect(gateway_.unix_path()));
  EXPECT_TRUE(Has(Ask(client, "admin", "disable"), "result 1"));
  EXPECT_FALSE(RawClient::CanConnect(gateway_.unix_path()));
  EXPECT_TRUE(Has(Ask(client, "admin", "enable"), "result 1"));
  EXPECT_TRUE(RawClient::CanConnect(gateway_.unix_path()));
  EXPECT_TRUE(Has(Ask(client, "admin", "disable nothing"), "result 0"));
  EXPECT_TRUE(Has(Ask(client, "admin", "authentication"), "result 1"));
  EXPECT_TRUE(Has(Ask(client, "admin", "entitlement"), "result 0"));
}

TEST_F(ModuleServicesTest, AModuleEndsTheServer) {
  RawClient client = Connect("nothing");
  ASSERT_TRUE(client.SendFrame(R"({"c":"p","t":"admin"}shutdown)"));
  EXPECT_TRUE(client.ReadToEnd());
  EXPECT_TRUE(gateway_.Join());
  EXPECT_EQ(CurrentModuleServices(), nullptr);
}

}  // namespace
}  // namespace fluxgate::testing
