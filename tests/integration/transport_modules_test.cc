// The sample modules between clients and a whole gateway: compressed connections, lines of text,
// packets; each alone and all together.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "tests/support/filtered_stream.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_certificates.h"
#include "tests/support/test_gateway.h"
#include "tests/support/tls_client.h"

namespace fluxgate::testing {
namespace {

constexpr char kFilter[] = "modules/samples/transport-filter/transport_filter.so";
constexpr char kProtocol[] = "modules/samples/protocol/protocol.so";
constexpr char kTransport[] = "modules/samples/transport/transport.so";
constexpr char kSecurity[] = "tests/integration/libtesting_module.so";

constexpr std::string_view kLogon =
    R"({"c":"logon","cid":"1","client_name":"test","mt":"json","a":"processed"})";

std::string AbstractName(std::string_view what) {
  return fmt::format("@fluxgate-test-{}-{}", getpid(), what);
}

void AddModule(config::Config& config, std::string name, const char* library,
               config::Options options = {}) {
  config.modules.push_back({std::move(name), std::string("./") + library, std::move(options)});
}

config::Transport& AddTransport(config::Config& config, std::string name) {
  config::Transport transport;
  transport.name = std::move(name);
  transport.protocol = "amps";
  transport.message_type = "json";
  transport.host = "127.0.0.1";
  // In front: the port of the last one is that of the gateway as such.
  return *config.transports.insert(config.transports.begin(), transport);
}

config::Transport& AddPackets(config::Config& config, const std::string& name) {
  config::Transport& transport = AddTransport(config, name);
  transport.type = config::TransportType::kModule;
  transport.type_module = "packets";
  transport.options = {{"Path", AbstractName(name)}};
  return transport;
}

void UseModules(config::Config& config) {
  DefineStateTopics(config);
  AddModule(config, "compression", kFilter, {{"RatioMax", "100"}});
  AddModule(config, "text", kProtocol);
  AddModule(config, "packets", kTransport);
  AddTransport(config, "zip").filter = "compression";
  AddTransport(config, "text").protocol = "text";
  config.protocols = {{"short", "text", {{"LineSizeMax", "40"}}}};
  AddTransport(config, "short").protocol = "short";
  AddPackets(config, "packets");
  config::Transport& all = AddPackets(config, "all");
  all.filter = "compression";
  all.protocol = "text";
}

class TransportModulesTest : public ::testing::Test {
 protected:
  FilteredStream Text() { return FilteredStream::Tcp(gateway_.port("text")); }

  TestGateway gateway_{UseModules};
};

TEST_F(TransportModulesTest, ACompressedConnection) {
  FilteredStream client = FilteredStream::Tcp(gateway_.port("zip"));
  client.Compress();
  client.SendFrame(kLogon);
  EXPECT_NE(client.ReadFrame().find(R"("status":"success")"), std::string::npos);
  client.SendFrame(R"({"c":"subscribe","cid":"2","t":"orders","f":"/n > 1","a":"processed"})");
  EXPECT_NE(client.ReadFrame().find(R"("status":"success")"), std::string::npos);
  for (int i = 0; i < 4; ++i) {
    client.SendFrame(fmt::format(R"({{"c":"p","t":"orders"}}{{"n":{}}})", i));
  }
  EXPECT_TRUE(client.ReadFrame().ends_with(R"({"n":2})"));
  EXPECT_TRUE(client.ReadFrame().ends_with(R"({"n":3})"));
}

TEST_F(TransportModulesTest, LargeMessagesAreCompressed) {
  FilteredStream client = FilteredStream::Tcp(gateway_.port("zip"));
  client.Compress();
  client.SendFrame(kLogon);
  client.SendFrame(R"({"c":"subscribe","cid":"2","t":"orders"})");
  client.ReadFrame();
  std::string body = R"({"text":")";
  for (int i = 0; body.size() < 3'000'000; ++i) body += fmt::format("{:x} ", i * 2654435761u);
  body += "\"}";
  client.SendFrame(R"({"c":"p","t":"orders"})" + body);
  const std::string frame = client.ReadFrame();
  EXPECT_TRUE(frame.ends_with(body)) << frame.size();
}

TEST_F(TransportModulesTest, WhatIsNotCompressedIsClosed) {
  FilteredStream client = FilteredStream::Tcp(gateway_.port("zip"));
  client.SendFrame(kLogon);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(TransportModulesTest, WhatBecomesTooMuchIsClosed) {
  FilteredStream other = FilteredStream::Tcp(gateway_.port("zip"));
  other.Compress();
  other.SendFrame(kLogon);
  other.ReadFrame();
  FilteredStream client = FilteredStream::Tcp(gateway_.port("zip"));
  client.Compress();
  client.SendFrame(kLogon);
  client.ReadFrame();
  for (int i = 0; i < 10; ++i) client.Send(std::string(1 << 20, '\0'));
  client.ReadToEnd();
  other.SendFrame(R"({"c":"flush","cid":"f","a":"processed"})");
  EXPECT_NE(other.ReadFrame().find(R"("cid":"f")"), std::string::npos);
}

TEST_F(TransportModulesTest, LinesOfText) {
  FilteredStream client = Text();
  client.Send("subscribe orders /price > 10\r\nping\n");
  EXPECT_EQ(client.ReadLine(), "pong") << "it answers that by itself, at once";
  EXPECT_EQ(client.ReadLine(), "ok 1");
  FilteredStream publisher = Text();
  publisher.Send("publish orders {\"price\":5}\npublish orders {\"price\":15}\n");
  EXPECT_EQ(publisher.ReadLine(), "ok 1");
  EXPECT_EQ(publisher.ReadLine(), "ok 2");
  EXPECT_EQ(client.ReadLine(), "message 1 orders {\"price\":15}");
  client.Send("unsubscribe 1\n");
  EXPECT_EQ(client.ReadLine(), "ok 2");
  publisher.Send("publish orders {\"price\":16}\n");
  EXPECT_EQ(publisher.ReadLine(), "ok 3");
  client.Send("nonsense\nsubscribe\nsubscribe orders /price >\nunsubscribe x\n");
  EXPECT_TRUE(client.ReadLine().starts_with("error 3 no such command"));
  EXPECT_EQ(client.ReadLine(), "error 4 a topic is missing");
  EXPECT_EQ(client.ReadLine(), "error 6 the number of a subscription is missing");
  EXPECT_TRUE(client.ReadLine().starts_with("error 5 bad filter"));
}

TEST_F(TransportModulesTest, QueriesInLinesOfText) {
  FilteredStream client = Text();
  client.Send(
      "publish state/a {\"id\":1,\"n\":1}\npublish state/a {\"id\":2,\"n\":2}\n"
      "publish state/a {\"n\":3}\n\nsow state/a /n > 1\n");
  for (int i = 1; i <= 2; ++i) EXPECT_EQ(client.ReadLine(), fmt::format("ok {}", i));
  // Without its key it is no record.
  EXPECT_TRUE(client.ReadLine().starts_with("error 3 "));
  EXPECT_EQ(client.ReadLine(), "ok 4");
  EXPECT_EQ(client.ReadLine(), "record 4 state/a {\"id\":2,\"n\":2}");
  EXPECT_EQ(client.ReadLine(), "end 4");
  client.Send("sow_and_subscribe state/a /n = 1\npublish state/a {\"id\":9,\"n\":1}\n");
  EXPECT_EQ(client.ReadLine(), "ok 5");
  EXPECT_EQ(client.ReadLine(), "record 5 state/a {\"id\":1,\"n\":1}");
  EXPECT_EQ(client.ReadLine(), "end 5");
  std::vector<std::string> lines = {client.ReadLine(), client.ReadLine()};
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (std::vector<std::string>{"message 5 state/a {\"id\":9,\"n\":1}", "ok 6"}));
}

TEST_F(TransportModulesTest, BodiesWithLineEndsComeWithTheirLength) {
  FilteredStream client = Text();
  client.Send("subscribe t\n");
  EXPECT_EQ(client.ReadLine(), "ok 1");
  RawClient publisher = RawClient::Tcp(gateway_.tcp_port());
  publisher.Logon();
  ASSERT_TRUE(publisher.SendFrame("{\"c\":\"p\",\"t\":\"t\"}{\"a\":\n1}"));
  EXPECT_EQ(client.ReadLine(), "message 1 t #8");
  EXPECT_EQ(client.ReadLine(), "{\"a\":");
  EXPECT_EQ(client.ReadLine(), "1}");
}

TEST_F(TransportModulesTest, LinesThatAreNotText) {
  FilteredStream client = Text();
  client.Send(std::string("publish \xff\xfe x\npublish a\x01 y\n\0\xff\n\npublish t\n", 40));
  EXPECT_EQ(client.ReadLine(), "error 1 the topic is not text");
  EXPECT_EQ(client.ReadLine(), "error 2 the topic is not text");
  EXPECT_TRUE(client.ReadLine().starts_with("error 3 no such command"));
  EXPECT_EQ(client.ReadLine(), "ok 4");
}

TEST_F(TransportModulesTest, LinesAreLimited) {
  FilteredStream client = FilteredStream::Tcp(gateway_.port("short"));
  client.Send("publish t " + std::string(30, 'x') + "\n");
  EXPECT_EQ(client.ReadLine(), "ok 1");
  client.Send("publish t " + std::string(31, 'x') + "\n");
  EXPECT_EQ(client.ReadToEnd(), "error - the line is too long\n");
  FilteredStream other = FilteredStream::Tcp(gateway_.port("short"));
  other.Send(std::string(41, 'x'));
  EXPECT_EQ(other.ReadToEnd(), "error - the line is too long\n");
}

// Thousands of commands in one go, and an answer to each: nothing is lost where they wait.
TEST_F(TransportModulesTest, ManyLines) {
  constexpr int kLines = 20'000;
  FilteredStream client = Text();
  std::string lines;
  for (int i = 0; i < kLines; ++i) lines += "publish t {}\n";
  client.Send(lines);
  for (int i = 1; i <= kLines; ++i) ASSERT_EQ(client.ReadLine(), fmt::format("ok {}", i));
}

TEST_F(TransportModulesTest, Packets) {
  FilteredStream client = FilteredStream::Packets(AbstractName("packets"));
  client.SendFrame(kLogon);
  EXPECT_NE(client.ReadFrame().find(R"("status":"success")"), std::string::npos);
  client.SendFrame(R"({"c":"subscribe","cid":"2","t":"orders"})");
  const std::string body = R"({"text":")" + std::string(2'000'000, 'x') + "\"}";
  client.SendFrame(R"({"c":"p","t":"orders"})" + body);
  EXPECT_TRUE(client.ReadFrame().ends_with(body));
}

TEST_F(TransportModulesTest, CompressedTextInPackets) {
  FilteredStream client = FilteredStream::Packets(AbstractName("all"));
  client.Compress();
  client.Send("subscribe t\npublish t {\"a\":1}\n");
  EXPECT_EQ(client.ReadLine(), "ok 1");
  std::vector<std::string> lines = {client.ReadLine(), client.ReadLine()};
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (std::vector<std::string>{"message 1 t {\"a\":1}", "ok 2"}));
}

// Whatever comes on them, others are served.
TEST_F(TransportModulesTest, Garbage) {
  uint64_t state = 88172645463325252u;
  const auto random = [&state] {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  };
  for (int round = 0; round < 50; ++round) {
    std::string bytes(random() % 5000, '\0');
    for (char& byte : bytes) {
      byte = random() % 8 == 0 ? '\n' : static_cast<char>(random());
      if (random() % 16 == 0) byte = ' ';
    }
    FilteredStream::Tcp(gateway_.port("zip")).Send(bytes);
    FilteredStream::Packets(AbstractName("packets")).Send(bytes);
    FilteredStream::Packets(AbstractName("all")).Send(bytes);
    FilteredStream text = Text();
    text.Send("subscribe a\npublish " + bytes);
    FilteredStream zip = FilteredStream::Packets(AbstractName("all"));
    zip.Compress();
    zip.Send("publish " + bytes);
  }
  FilteredStream client = Text();
  client.Send("publish t {}\n");
  EXPECT_EQ(client.ReadLine(), "ok 1");
}

TEST_F(TransportModulesTest, DrainTellsTheClientsOfModulesToo) {
  FilteredStream packets = FilteredStream::Packets(AbstractName("packets"));
  packets.SendFrame(kLogon);
  packets.ReadFrame();
  FilteredStream text = Text();
  text.Send("publish t {}\n");
  EXPECT_EQ(text.ReadLine(), "ok 1");
  EXPECT_TRUE(gateway_.Stop());
  EXPECT_EQ(packets.ReadToEnd(), "");
  EXPECT_EQ(text.ReadToEnd(), "");
}

config::ActionConfig OnTopic(std::string topic, std::string step, std::string transport) {
  using Kind = config::ActionPart::Kind;
  return {.parts = {{Kind::kOn,
                     "amps-action-on-publish-message",
                     {{"MessageType", "json"}, {"Topic", std::move(topic)}}},
                    {Kind::kDo, std::move(step), {{"Transport", std::move(transport)}}}}};
}

TEST(TransportModulesActionsTest, TransportsOfModulesAreClosedAndOpened) {
  TestGateway gateway([](config::Config& config) {
    UseModules(config);
    config.transports[1].enabled = false;  // "packets"
    config.actions = {OnTopic("open", "amps-action-do-enable-transport", "packets"),
                      OnTopic("close", "amps-action-do-disable-transport", "packets")};
  });
  FilteredStream client = FilteredStream::Tcp(gateway.port("text"));
  const std::string name = AbstractName("packets");
  const auto becomes = [&name](bool open) {
    for (int i = 0; i < 1000; ++i) {
      if (FilteredStream::CanConnectPackets(name) == open) return true;
      usleep(10'000);
    }
    return false;
  };
  EXPECT_FALSE(FilteredStream::CanConnectPackets(name));
  for (int round = 0; round < 2; ++round) {
    client.Send("publish open {}\n");
    EXPECT_TRUE(becomes(true));
    FilteredStream packets = FilteredStream::Packets(name);
    packets.SendFrame(kLogon);
    EXPECT_NE(packets.ReadFrame().find("success"), std::string::npos);
    client.Send("publish close {}\n");
    EXPECT_TRUE(becomes(false));
    packets.SendFrame(R"({"c":"flush","cid":"f","a":"processed"})");
    EXPECT_NE(packets.ReadFrame().find("success"), std::string::npos) << "connections stay";
  }
}

TEST(TransportModulesTlsTest, TextInTls) {
  const TestCa ca("ca");
  const TestDirectory files;
  const IssuedCertificate issued = ca.Issue({.common_name = "gateway"});
  files.Write("server.pem", issued.certificate_pem);
  files.Write("server.key", issued.private_key_pem);
  TestGateway gateway([&](config::Config& config) {
    UseModules(config);
    config::Transport& tls = AddTransport(config, "tls");
    tls.type = config::TransportType::kTcps;
    tls.certificate_file = files.Path("server.pem");
    tls.private_key_file = files.Path("server.key");
    tls.protocol = "text";
  });
  TlsClient client = TlsClient::Connected(gateway.port("tls"), {.ca_pem = ca.pem()});
  ASSERT_TRUE(client.Send("publish t {}\nping\nsubscribe t\n"));
  std::string answers;
  while (answers.size() < std::string_view("pong\nok 1\nok 2\n").size()) {
    const std::optional<std::string> read = client.Read();
    ASSERT_TRUE(read.has_value());
    answers += *read;
  }
  EXPECT_EQ(answers, "pong\nok 1\nok 2\n");
}

void UseSecurity(config::Config& config) {
  UseModules(config);
  AddModule(config, "security", kSecurity);
  config.authentication.module = "security";
  config.entitlement.module = "security";
}

TEST(TransportModulesSecurityTest, LogonAndEntitlementAreThoseOfEverybody) {
  TestGateway gateway(UseSecurity);
  FilteredStream client = FilteredStream::Tcp(gateway.port("text"));
  client.Send("logon ann right\nsubscribe secret\nsubscribe state/seen\n");
  EXPECT_EQ(client.ReadLine(), "ok 1");
  EXPECT_TRUE(client.ReadLine().starts_with("error 2 not entitled"));
  EXPECT_EQ(client.ReadLine(), "ok 3");
  FilteredStream wrong = FilteredStream::Tcp(gateway.port("text"));
  wrong.Send("logon ann wrong\nsubscribe state/seen\n");
  EXPECT_EQ(wrong.ReadToEnd(), "error 1 auth failure: authentication failed\n");
  // Who does not log on is logged on as nobody, and nobody is not let in here.
  FilteredStream nobody = FilteredStream::Tcp(gateway.port("text"));
  nobody.Send("subscribe state/seen\n");
  EXPECT_EQ(nobody.ReadToEnd(), "error - auth failure: authentication failed\n");
}

std::string StartError(const std::function<void(config::Config&)>& adjust) {
  config::Config config;
  config.message_memory_limit_bytes = 1 << 30;
  AddModule(config, "compression", kFilter);
  AddModule(config, "text", kProtocol);
  AddModule(config, "packets", kTransport);
  adjust(config);
  Gateway gateway(config);
  const absl::Status status = gateway.Start();
  EXPECT_FALSE(status.ok());
  return ErrorText(status);
}

TEST(TransportModulesStartTest, AModuleOfAnotherKindIsNamed) {
  EXPECT_TRUE(StartError([](config::Config& config) {
                AddTransport(config, "t").filter = "text";
              }).ends_with("protocol.so) does not define amps_transport_filter_open"));
  EXPECT_TRUE(StartError([](config::Config& config) {
                AddTransport(config, "t").protocol = "compression";
              }).ends_with("transport_filter.so) does not define amps_protocol_open"));
  EXPECT_TRUE(StartError([](config::Config& config) {
                AddTransport(config, "t");
                config.transports[0].type = config::TransportType::kModule;
                config.transports[0].type_module = "text";
              }).ends_with("protocol.so) does not define amps_transport_create_context"));
}

TEST(TransportModulesStartTest, ContextsThatCannotBeMade) {
  const std::string text = StartError([](config::Config& config) {
    AddPackets(config, "t").options = {{"Way", "x"}};
  });
  EXPECT_NE(text.find("transport.so) failed to make a context (amps_transport_create_context)"),
            std::string::npos)
      << text;
  const std::string start = StartError([](config::Config& config) {
    AddPackets(config, "t").options = {{"Path", "/nowhere/at/all"}};
  });
  EXPECT_NE(start.find("transport.so) failed to start (amps_transport_start)"), std::string::npos)
      << start;
}

}  // namespace
}  // namespace fluxgate::testing
