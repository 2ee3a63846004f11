// The amps protocol over TLS: what a client sees of it, and what whoever runs the gateway sees.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <thread>

#include "core/base/error.h"
#include "gateway/config/config_loader.h"
#include "gateway/server/gateway.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_certificates.h"
#include "tests/support/test_gateway.h"
#include "tests/support/tls_client.h"

namespace fluxgate::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() { WriteServer("gateway"); }

  void WriteServer(const std::string& common_name) {
    const IssuedCertificate issued = ca_.Issue({.common_name = common_name});
    files_.Write("server.pem", issued.certificate_pem);
    files_.Write("server.key", issued.private_key_pem);
  }

  config::Transport Tcps() const {
    config::Transport tcps;
    tcps.name = "tcps";
    tcps.type = config::TransportType::kTcps;
    tcps.protocol = "amps";
    tcps.message_type = "json";
    tcps.host = "127.0.0.1";
    tcps.certificate_file = files_.Path("server.pem");
    tcps.private_key_file = files_.Path("server.key");
    return tcps;
  }

  TlsClient Connect(const TestGateway& gateway) const {
    return TlsClient::Connected(gateway.port("tcps"), {.ca_pem = ca_.pem()});
  }

  const TestCa ca_{"ca"};
  const TestDirectory files_;
};

void Subscribe(TlsClient& client) {
  ASSERT_TRUE(client.SendFrame(
      R"({"c":"subscribe","cid":"1","t":"orders","filter":"/id > 0","a":"processed"})"));
  const std::optional<std::string> ack = client.ReadFrame();
  ASSERT_TRUE(ack.has_value());
  ASSERT_NE(ack->find(R"("status":"success")"), std::string::npos) << *ack;
}

TEST_F(TlsTest, LogonPublishSubscribe) {
  TestGateway gateway([this](config::Config& config) { config.transports.push_back(Tcps()); });
  TlsClient subscriber = Connect(gateway);
  subscriber.Logon("subscriber");
  Subscribe(subscriber);
  TlsClient publisher = Connect(gateway);
  publisher.Logon("publisher");
  for (int id = 0; id <= 1000; ++id) {
    ASSERT_TRUE(publisher.SendFrame(fmt::format(R"({{"c":"p","t":"orders"}}{{"id":{}}})", id)));
  }
  for (int id = 1; id <= 1000; ++id) {
    const std::optional<std::string> message = subscriber.ReadFrame();
    ASSERT_TRUE(message.has_value()) << id;
    ASSERT_TRUE(message->ends_with(fmt::format(R"({{"id":{}}})", id))) << *message;
  }
}

// Clients of a plain and of a TLS transport meet in one engine, also with what fills every buffer.
TEST_F(TlsTest, ABodyOf20Megabytes) {
  TestGateway gateway([this](config::Config& config) {
    config.limits.message_size_bytes_max = 32u << 20;
    config.transports.push_back(Tcps());
  });
  TlsClient subscriber = Connect(gateway);
  subscriber.Logon("subscriber");
  Subscribe(subscriber);
  const std::string body = R"({"id":1,"text":")" + std::string(20u << 20, 't') + "\"}";
  TlsClient publisher = Connect(gateway);
  publisher.Logon("publisher");
  ASSERT_TRUE(publisher.SendFrame(R"({"c":"p","t":"orders"})" + body));
  RawClient plain = RawClient::Tcp(gateway.tcp_port());
  plain.Logon("plain");
  for (int i = 0; i < 2; ++i) {
    const std::optional<std::string> message = subscriber.ReadFrame();
    ASSERT_TRUE(message.has_value());
    EXPECT_TRUE(message->ends_with(body));
    plain.SendFrame(R"({"c":"p","t":"orders"})" + body);
  }
}

// A silent client and one that stops in the middle are closed by TlsHandshakeTimeout, long before
// LogonTimeout; one that is through in time is not.
TEST_F(TlsTest, AHandshakeThatStallsIsClosedByItsLimit) {
  TestGateway gateway([this](config::Config& config) {
    config.limits.tls_handshake_timeout_ns = 400'000'000;
    config.transports.push_back(Tcps());
  });
  const auto begin = steady_clock::now();
  RawClient silent = RawClient::Tcp(gateway.port("tcps"));
  RawClient half = RawClient::Tcp(gateway.port("tcps"));
  ASSERT_TRUE(half.Send(std::string("\x16\x03\x01\x02\x00\x01", 6)));
  RawClient socket = RawClient::Tcp(gateway.port("tcps"));
  std::this_thread::sleep_for(milliseconds(100));
  TlsClient in_time(std::move(socket), {.ca_pem = ca_.pem()});
  ASSERT_TRUE(in_time.Handshake()) << in_time.error();
  EXPECT_TRUE(silent.ReadToEnd());
  EXPECT_GE(steady_clock::now() - begin, milliseconds(400));
  EXPECT_TRUE(half.ReadToEnd());
  EXPECT_LT(steady_clock::now() - begin, milliseconds(5000));
  in_time.Logon();
}

// The handshake's time is part of the time to log on.
TEST_F(TlsTest, LogonTimeoutCountsFromTheConnection) {
  TestGateway gateway([this](config::Config& config) {
    config.limits.logon_timeout_ns = 600'000'000;
    config.transports.push_back(Tcps());
  });
  RawClient socket = RawClient::Tcp(gateway.port("tcps"));
  std::this_thread::sleep_for(milliseconds(400));
  TlsClient client(std::move(socket), {.ca_pem = ca_.pem()});
  ASSERT_TRUE(client.Handshake()) << client.error();
  const auto begin = steady_clock::now();
  EXPECT_TRUE(client.ReadToEnd());
  EXPECT_TRUE(client.said_farewell());
  EXPECT_LT(steady_clock::now() - begin, milliseconds(500));
}

// Half a TLS record is no better than half a frame.
TEST_F(TlsTest, HalfARecordThenSilence) {
  TestGateway gateway([this](config::Config& config) {
    config.limits.frame_timeout_ns = 300'000'000;
    config.transports.push_back(Tcps());
  });
  RawClient socket = RawClient::Tcp(gateway.port("tcps"));
  const int fd = socket.fd();
  TlsClient client(std::move(socket), {.ca_pem = ca_.pem()});
  ASSERT_TRUE(client.Handshake()) << client.error();
  client.Logon();
  TlsClient idle = Connect(gateway);
  idle.Logon("idle");
  ASSERT_EQ(send(fd, "\x17\x03\x03", 3, MSG_NOSIGNAL), 3);
  const auto begin = steady_clock::now();
  EXPECT_TRUE(client.ReadToEnd());
  EXPECT_GE(steady_clock::now() - begin, milliseconds(250));
  Subscribe(idle);
}

TEST_F(TlsTest, PlainAndTlsDoNotMix) {
  TestGateway gateway([this](config::Config& config) { config.transports.push_back(Tcps()); });
  RawClient plain = RawClient::Tcp(gateway.port("tcps"));
  plain.SendFrame(R"({"c":"logon","cid":"1","mt":"json","a":"processed"})");
  const std::string answer = plain.ReadFor(500);
  EXPECT_EQ(answer.find("logon"), std::string::npos);
  EXPECT_TRUE(plain.ReadToEnd());
  TlsClient secure(RawClient::Tcp(gateway.tcp_port()), {.ca_pem = ca_.pem()});
  EXPECT_FALSE(secure.Handshake());
}

TEST_F(TlsTest, ADrainSaysFarewell) {
  TestGateway gateway([this](config::Config& config) { config.transports.push_back(Tcps()); });
  TlsClient client = Connect(gateway);
  client.Logon();
  std::thread stop([&] { EXPECT_TRUE(gateway.Stop()); });
  EXPECT_TRUE(client.ReadToEnd());
  EXPECT_TRUE(client.said_farewell());
  stop.join();
}

TEST_F(TlsTest, NewCertificatesAreFoundWithoutARestart) {
  TestGateway gateway([this](config::Config& config) {
    config.certificate_check_interval_ns = 50'000'000;
    config.transports.push_back(Tcps());
  });
  TlsClient before = Connect(gateway);
  before.Logon();
  files_.Write("server.pem", "half a file");
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(Connect(gateway).server_common_name(), "gateway");
  WriteServer("renewed");
  const auto end = steady_clock::now() + std::chrono::seconds(10);
  std::string shown;
  while (shown != "renewed" && steady_clock::now() < end) {
    shown = Connect(gateway).server_common_name();
  }
  EXPECT_EQ(shown, "renewed");
  Subscribe(before);
}

TEST_F(TlsTest, ABadFileIsAnErrorOfTheConfiguration) {
  const std::string missing = files_.Path("missing");
  const std::string xml = fmt::format(
      "<FluxgateConfig><Transports>\n<Transport><Name>t</Name><Type>tcps</Type><InetAddr>1"
      "</InetAddr><Certificate>{}</Certificate><PrivateKey>{}</PrivateKey></Transport>"
      "</Transports></FluxgateConfig>",
      files_.Path("server.pem"), missing);
  config::LoadOptions options;
  options.known = Gateway::KnownNames();
  EXPECT_EQ(ErrorText(config::LoadText(xml, "f", options).status()),
            fmt::format("f:2: <Transport>: private key {}: No such file or directory", missing));

  // Gone between reading the configuration and the start.
  config::Config config;
  config.transports = {Tcps()};
  config.transports[0].private_key_file = missing;
  config.message_memory_limit_bytes = 1u << 20;
  Gateway gateway(config);
  EXPECT_EQ(ErrorText(gateway.Start()),
            fmt::format("transport tcps: private key {}: No such file or directory", missing));
}

}  // namespace
}  // namespace fluxgate::testing
