// The client over TLS, against a real gateway.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "amps/client.h"
#include "amps/ssl.h"
#include "client/amps/inbox.h"
#include "tests/support/test_certificates.h"
#include "tests/support/test_gateway.h"

namespace AMPS {
namespace {

using fluxgate::testing::IssuedCertificate;
using fluxgate::testing::TestCa;
using fluxgate::testing::TestDirectory;
using fluxgate::testing::TestGateway;

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    const IssuedCertificate server =
        ca_.Issue({.common_name = "gateway", .alternatives = {"DNS:localhost"}});
    const IssuedCertificate own = ca_.Issue({.common_name = "client"});
    files_.Write("ca.pem", ca_.pem());
    files_.Write("other.pem", TestCa("other").pem());
    files_.Write("server.pem", server.certificate_pem);
    files_.Write("server.key", server.private_key_pem);
    files_.Write("own.pem", own.certificate_pem);
    files_.Write("own.key", own.private_key_pem);
  }

  fluxgate::config::Transport Transport() const {
    fluxgate::config::Transport transport;
    transport.name = "tls";
    transport.type = fluxgate::config::TransportType::kTcps;
    transport.protocol = "amps";
    transport.message_type = "json";
    transport.host = "127.0.0.1";
    transport.certificate_file = files_.Path("server.pem");
    transport.private_key_file = files_.Path("server.key");
    return transport;
  }

  static std::string Uri(const TestGateway& gateway, const std::string& host,
                         const std::string& options) {
    return fmt::format("tcps://{}:{}/amps/json?{}", host, gateway.port("tls"), options);
  }
  std::string Ca() const { return "ca_file=" + files_.Path("ca.pem"); }

  const TestCa ca_{"ca"};
  const TestDirectory files_;
};

// The first test of the process: afterwards one is in use.
TEST_F(TlsTest, AWrongLibraryIsAnException) {
  const std::pair<std::string, const char*> cases[] = {
      {files_.Path("ca.pem"), "cannot load"},
      {"libnosuch.so", "cannot load libnosuch.so"},
      {"libm.so.6", "is not OpenSSL 1.1.1 or later"},
      {"", "without a name"},
  };
  for (const auto& [file, part] : cases) {
    try {
      sslInit(file);
      ADD_FAILURE() << file;
    } catch (const SslException& e) {
      EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
    }
  }
  sslInit("libssl.so.3");
  sslInit("libssl.so.3");
  EXPECT_THROW(sslInit("libssl.so"), SslException);
}

TEST_F(TlsTest, PublishAndSubscribe) {
  TestGateway gateway(
      [this](fluxgate::config::Config& config) { config.transports.push_back(Transport()); });
  Client subscriber("subscriber");
  subscriber.connect(Uri(gateway, "localhost", Ca()));
  subscriber.logon();
  Client publisher("publisher");
  publisher.connect(Uri(gateway, "localhost", Ca()));
  publisher.logon();
  // More than sockets and buffers hold, so that both sides have to wait for each other.
  constexpr int kMessages = 10'000;
  const std::string text(3'000, 't');
  std::atomic<int> count{0};
  Signal done;
  subscriber.subscribe(
      [&](Message&) {
        if (++count == kMessages) done.Set();
      },
      "orders");
  for (int id = 0; id < kMessages; ++id) {
    publisher.publish("orders", fmt::format(R"({{"id":{},"text":"{}"}})", id, text));
  }
  publisher.publishFlush();
  EXPECT_TRUE(done.Await()) << count;
  publisher.disconnect();
}

TEST_F(TlsTest, OnlyTheRightServer) {
  TestGateway gateway(
      [this](fluxgate::config::Config& config) { config.transports.push_back(Transport()); });
  const auto refused = [&](const std::string& uri) -> std::string {
    Client client("c");
    try {
      client.connect(uri);
    } catch (const SslException& e) {
      return e.what();
    }
    return "";
  };
  const char* const kNotGood = "its certificate is not good";
  EXPECT_NE(refused(Uri(gateway, "127.0.0.1", Ca())).find(kNotGood), std::string::npos);
  EXPECT_NE(refused(Uri(gateway, "localhost", "tcp_nodelay=1")).find(kNotGood), std::string::npos);
  EXPECT_NE(
      refused(Uri(gateway, "localhost", "ca_file=" + files_.Path("other.pem"))).find(kNotGood),
      std::string::npos);
  const std::string plain =
      fmt::format("tcps://localhost:{}/amps/json?{}", gateway.tcp_port(), Ca());
  EXPECT_NE(refused(plain).find("no TLS with localhost"), std::string::npos);
  Client client("c");
  EXPECT_THROW(client.connect(Uri(gateway, "localhost", "ca_file=" + files_.Path("missing"))),
               InvalidTransportOptionsException);
  EXPECT_THROW(client.connect(Uri(gateway, "localhost", "ca_path=" + files_.Path("missing"))),
               InvalidTransportOptionsException);
}

TEST_F(TlsTest, ADirectoryOfCas) {
  TestGateway gateway(
      [this](fluxgate::config::Config& config) { config.transports.push_back(Transport()); });
  const std::string hashed = files_.Path("hashed");
  std::filesystem::create_directory(hashed);
  const std::string command =
      fmt::format("cp '{}' '{}/' && ln -s ca.pem \"{}/$(openssl x509 -hash -noout -in '{}').0\"",
                  files_.Path("ca.pem"), hashed, hashed, files_.Path("ca.pem"));
  ASSERT_EQ(system(command.c_str()), 0);
  Client client("c");
  client.connect(Uri(gateway, "localhost", "ca_path=" + hashed));
  client.logon();
}

TEST_F(TlsTest, AServerThatWantsACertificate) {
  TestGateway gateway([this](fluxgate::config::Config& config) {
    fluxgate::config::Transport transport = Transport();
    transport.verify_client = fluxgate::net::VerifyClient::kRequired;
    transport.ca_file = files_.Path("ca.pem");
    config.transports.push_back(transport);
  });
  const auto log_on = [&](const std::string& options) {
    Client client("c");
    client.connect(Uri(gateway, "localhost", options));
    client.logon(20'000);
  };
  EXPECT_THROW(log_on(Ca()), ConnectionException);
  const std::string own = fmt::format("{}&certificate={}&private_key={}", Ca(),
                                      files_.Path("own.pem"), files_.Path("own.key"));
  EXPECT_NO_THROW(log_on(own));
  EXPECT_THROW(log_on(Ca() + "&certificate=" + files_.Path("own.pem")),
               InvalidTransportOptionsException);
  EXPECT_THROW(log_on(fmt::format("{}&certificate={}&private_key={}", Ca(), files_.Path("own.pem"),
                                  files_.Path("ca.pem"))),
               InvalidTransportOptionsException);
}

}  // namespace
}  // namespace AMPS
