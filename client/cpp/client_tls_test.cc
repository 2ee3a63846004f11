// The client over TLS, against a real gateway: the same over both protocols.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "client/cpp/client.h"
#include "core/base/error.h"
#include "tests/support/test_certificates.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::client {
namespace {

using std::chrono::milliseconds;
using testing::IssuedCertificate;
using testing::TestCa;
using testing::TestDirectory;
using testing::TestGateway;

class ClientTlsTest : public ::testing::TestWithParam<bool> {  // whether by gRPC
 protected:
  ClientTlsTest() {
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

  config::Transport Transport() const {
    config::Transport transport;
    transport.name = "tls";
    transport.type = GetParam() ? config::TransportType::kGrpcs : config::TransportType::kTcps;
    transport.protocol = GetParam() ? "" : "amps";
    transport.message_type = "json";
    transport.host = "127.0.0.1";
    transport.certificate_file = files_.Path("server.pem");
    transport.private_key_file = files_.Path("server.key");
    return transport;
  }

  absl::StatusOr<std::unique_ptr<Client>> Connected(const TestGateway& gateway,
                                                    const std::string& host,
                                                    const std::string& options) const {
    const std::string text =
        fmt::format("{}://{}:{}{}?{}", GetParam() ? "grpcs" : "tcps", host, gateway.port("tls"),
                    GetParam() ? "" : "/amps/json", options);
    const auto uri = Uri::Parse(text);
    if (!uri.ok()) return uri.status();
    ClientOptions client_options;
    client_options.connect_timeout = milliseconds(10'000);
    return Connect(*uri, client_options);
  }

  std::string Ca() const { return "ca_file=" + files_.Path("ca.pem"); }
  std::string Own() const {
    return fmt::format("certificate={}&private_key={}", files_.Path("own.pem"),
                       files_.Path("own.key"));
  }

  const TestCa ca_{"ca"};
  const TestDirectory files_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, ClientTlsTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Grpcs" : "Tcps"; });

TEST_P(ClientTlsTest, PublishAndSubscribe) {
  TestGateway gateway([this](config::Config& config) { config.transports.push_back(Transport()); });
  const auto subscriber = Connected(gateway, "localhost", Ca());
  ASSERT_TRUE(subscriber.ok()) << subscriber.status();
  const auto publisher = Connected(gateway, "localhost", Ca());
  ASSERT_TRUE(publisher.ok()) << publisher.status();
  ASSERT_TRUE((*subscriber)->Subscribe("orders", "/id > 0").ok());
  // More than sockets and buffers hold, so that both sides have to wait for each other.
  constexpr int kMessages = 3'000;
  const std::string text(3'000, 't');
  for (int id = 0; id <= kMessages; ++id) {
    ASSERT_TRUE(
        (*publisher)->Publish("orders", fmt::format(R"({{"id":{},"text":"{}"}})", id, text)).ok());
  }
  ASSERT_TRUE((*publisher)->Flush().ok());
  Message message;
  for (int id = 1; id <= kMessages; ++id) {
    const auto got = (*subscriber)->Next(&message, milliseconds(20'000));
    ASSERT_TRUE(got.ok()) << got.status();
    ASSERT_TRUE(*got) << id;
    ASSERT_TRUE(message.body.starts_with(fmt::format(R"({{"id":{},)", id)));
  }
}

TEST_P(ClientTlsTest, OnlyTheRightServer) {
  TestGateway gateway([this](config::Config& config) { config.transports.push_back(Transport()); });
  EXPECT_TRUE(absl::IsUnavailable(Connected(gateway, "127.0.0.1", Ca()).status()));
  EXPECT_TRUE(absl::IsUnavailable(Connected(gateway, "localhost", "").status()));
  const absl::Status other =
      Connected(gateway, "localhost", "ca_file=" + files_.Path("other.pem")).status();
  EXPECT_TRUE(absl::IsUnavailable(other)) << other;
  if (!GetParam()) {
    EXPECT_NE(ErrorText(other).find("its certificate is not good"), std::string::npos) << other;
  }
  const absl::Status missing =
      Connected(gateway, "localhost", "ca_file=" + files_.Path("missing")).status();
  EXPECT_EQ(ErrorCodeOf(missing), ErrorCode::kBadOption) << missing;
}

TEST_P(ClientTlsTest, AServerThatWantsACertificate) {
  TestGateway gateway([this](config::Config& config) {
    config::Transport transport = Transport();
    transport.verify_client = net::VerifyClient::kRequired;
    transport.ca_file = files_.Path("ca.pem");
    config.transports.push_back(transport);
  });
  EXPECT_FALSE(Connected(gateway, "localhost", Ca()).ok());
  const auto client = Connected(gateway, "localhost", Ca() + "&" + Own());
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_TRUE((*client)->Ping().ok());
}

TEST(TlsUriTest, Options) {
  const auto error = [](const std::string& text) { return ErrorText(Uri::Parse(text).status()); };
  EXPECT_EQ(error("tcps://h:1/amps/json?ca_file=a&certificate=b&private_key=c"), "");
  EXPECT_EQ(error("grpcs://h:1"), "");
  EXPECT_EQ(error("tcp://h:1/amps/json?ca_file=a"), "option ca_file is for tcps and grpcs");
  EXPECT_EQ(error("tcps://h:1/amps/json?certificate=b"),
            "the options certificate and private_key belong together");
  EXPECT_TRUE(Uri::Parse("tcps://h:1/amps/json")->tls);
  EXPECT_FALSE(Uri::Parse("tcp://h:1/amps/json")->tls);
}

}  // namespace
}  // namespace fluxgate::client
