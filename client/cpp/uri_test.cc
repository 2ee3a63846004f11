#include "client/cpp/uri.h"

#include <gtest/gtest.h>

#include <utility>

#include "core/base/error.h"

namespace fluxgate::client {
namespace {

Uri Parsed(std::string_view text) {
  auto uri = Uri::Parse(text);
  EXPECT_TRUE(uri.ok()) << text << ": " << uri.status();
  return uri.ok() ? *uri : Uri{};
}

TEST(Uri, TcpWithEverything) {
  const Uri uri = Parsed(
      "tcp://me:s%3Acret%40@gateway.example:9007/amps/nvfix?tcp_nodelay=false&tcp_sndbuf=65536&"
      "tcp_rcvbuf=131072&tcp_keepalive=true&tcp_linger=5&bind=127.0.0.1&ip_protocol_prefer=ipv6");
  EXPECT_EQ(uri.scheme, Scheme::kTcp);
  EXPECT_EQ(uri.user, "me");
  EXPECT_EQ(uri.password, "s:cret@");
  EXPECT_EQ(uri.host, "gateway.example");
  EXPECT_EQ(uri.port, 9007);
  EXPECT_EQ(uri.message_type, "nvfix");
  EXPECT_FALSE(uri.socket.tcp_nodelay);
  EXPECT_EQ(uri.socket.tcp_sndbuf, 65536u);
  EXPECT_EQ(uri.socket.tcp_rcvbuf, 131072u);
  EXPECT_TRUE(uri.socket.tcp_keepalive);
  EXPECT_EQ(uri.socket.tcp_linger, 5u);
  EXPECT_EQ(uri.socket.bind, "127.0.0.1");
  EXPECT_EQ(uri.socket.ip_protocol_prefer, IpPreference::kIpv6);
  EXPECT_EQ(uri.Address(), "gateway.example:9007");
}

TEST(Uri, Defaults) {
  const Uri uri = Parsed("tcp://localhost:1/amps/json");
  EXPECT_EQ(uri.user, "");
  EXPECT_EQ(uri.password, "");
  EXPECT_EQ(uri.message_type, "json");
  EXPECT_TRUE(uri.socket.tcp_nodelay);
  EXPECT_FALSE(uri.socket.tcp_linger.has_value());
}

TEST(Uri, Ipv6NeedsBrackets) {
  const Uri uri = Parsed("tcp://[::1]:9007/amps/json");
  EXPECT_EQ(uri.host, "::1");
  EXPECT_EQ(uri.port, 9007);
  EXPECT_EQ(uri.Address(), "[::1]:9007");
}

TEST(Uri, Unix) {
  const Uri uri = Parsed("unix://localhost:0/amps/json?path=/tmp/a%20b.sock");
  EXPECT_EQ(uri.scheme, Scheme::kUnix);
  EXPECT_EQ(uri.path, "/tmp/a b.sock");
  EXPECT_EQ(uri.Address(), "/tmp/a b.sock");
}

TEST(Uri, Grpc) {
  EXPECT_EQ(Parsed("grpc://localhost:9008").scheme, Scheme::kGrpc);
  EXPECT_EQ(Parsed("grpc://localhost:9008").message_type, "");
  EXPECT_EQ(Parsed("grpc://localhost:9008/").message_type, "");
  EXPECT_EQ(Parsed("grpc://localhost:9008/fix").message_type, "fix");
  EXPECT_EQ(Parsed("grpc://u:p@localhost:9008").password, "p");
}

TEST(Uri, PortsAtTheirLimits) {
  EXPECT_EQ(Parsed("tcp://h:65535/amps/json").port, 65535);
  EXPECT_FALSE(Uri::Parse("tcp://h:65536/amps/json").ok());
}

TEST(Uri, ErrorsSayWhichPart) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no scheme"},
      {"localhost:9007", "no scheme"},
      {"http://localhost:9007/amps/json", "unknown scheme 'http'"},
      {"wss://localhost:9007/amps/json", "scheme wss is not built yet"},
      {"tcp://localhost/amps/json", "port missing"},
      {"tcp://localhost:/amps/json", "port missing"},
      {"tcp://:9007/amps/json", "host missing"},
      {"tcp://localhost:0/amps/json", "port 0"},
      {"tcp://localhost:70000/amps/json", "not '70000'"},
      {"tcp://localhost:12x/amps/json", "not '12x'"},
      {"tcp://::1:9007/amps/json", "needs brackets: [::1]:port"},
      {"tcp://[::1:9007/amps/json", "'[' without ']'"},
      {"tcp://[::1]9007/amps/json", "port missing"},
      {"tcp://localhost:9007", "path must be /amps/<message type>"},
      {"tcp://localhost:9007/json", "path must be /amps/<message type>"},
      {"tcp://localhost:9007/amps/", "does not name one message type"},
      {"tcp://localhost:9007/amps/json/x", "does not name one message type"},
      {"tcp://localhost:9007/amps/json?nodelay=1", "unknown option 'nodelay'"},
      {"tcp://localhost:9007/amps/json?tcp_nodelay", "'tcp_nodelay' is not of the form"},
      {"tcp://localhost:9007/amps/json?tcp_nodelay=yes", "true or false, not 'yes'"},
      {"tcp://localhost:9007/amps/json?tcp_sndbuf=-1", "option tcp_sndbuf must be a number"},
      {"tcp://localhost:9007/amps/json?tcp_linger=3601", "option tcp_linger must be a number"},
      {"tcp://localhost:9007/amps/json?ip_protocol_prefer=ipx", "ipv4 or ipv6, not 'ipx'"},
      {"tcp://localhost:9007/amps/json?path=/x", "unknown option 'path'"},
      {"tcp://localhost:9007/amps/json?compression=zlib", "compression is not built yet"},
      {"tcp://a%zz@localhost:9007/amps/json", "two hexadecimal digits"},
      {"unix://localhost:0/amps/json", "names its socket file"},
  };
  for (const auto& [text, part] : cases) {
    const auto uri = Uri::Parse(text);
    ASSERT_FALSE(uri.ok()) << text;
    EXPECT_NE(ErrorText(uri.status()).find(part), std::string::npos)
        << text << ": " << uri.status();
  }
}

TEST(Uri, APasswordIsNeverRepeated) {
  const auto uri = Uri::Parse("tcp://me:topsecret%@localhost:9007/amps/json");
  ASSERT_FALSE(uri.ok());
  EXPECT_EQ(ErrorText(uri.status()).find("topsecret"), std::string::npos);
}

}  // namespace
}  // namespace fluxgate::client
