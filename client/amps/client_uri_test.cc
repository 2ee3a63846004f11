// Connection strings: that each option reaches the socket, and what is said of wrong ones.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string>

#include "amps/client.h"
#include "client/amps/client_core.h"
#include "client/amps/inbox.h"
#include "client/cpp/fake_gateway.h"
#include "tests/support/test_gateway.h"

namespace AMPS {
namespace {

using fluxgate::client::FakeConnection;
using fluxgate::client::FakeGateway;
using fluxgate::testing::TestGateway;

class OpenClient : public Client {
 public:
  using Client::Client;
  template <typename T>
  T Option(int level, int name) const {
    T value{};
    socklen_t size = sizeof value;
    EXPECT_EQ(getsockopt(core().socket_fd(), level, name, &value, &size), 0);
    return value;
  }
  int Flag(int level, int name) const { return Option<int>(level, name) != 0 ? 1 : 0; }
  std::string Local() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    EXPECT_EQ(getsockname(core().socket_fd(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    char text[INET6_ADDRSTRLEN] = {};
    const void* ip =
        address.ss_family == AF_INET6
            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr)
            : &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
    inet_ntop(address.ss_family, ip, text, sizeof text);
    return text;
  }
};

class UriTest : public ::testing::Test {
 protected:
  std::string Address(const std::string& options) const {
    return "tcp://127.0.0.1:" + std::to_string(gateway_.port("tcp")) + "/amps/json" + options;
  }

  TestGateway gateway_{[](fluxgate::config::Config& config) {
    fluxgate::config::Transport v6 = config.transports[1];
    v6.name = "v6";
    v6.host = "::1";
    config.transports.push_back(v6);
  }};
};

TEST_F(UriTest, DefaultsOfTheTable) {
  OpenClient client("c");
  client.connect(Address(""));
  EXPECT_EQ(client.Flag(IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(client.Flag(SOL_SOCKET, SO_KEEPALIVE), 1);
  const auto lingers = client.Option<linger>(SOL_SOCKET, SO_LINGER);
  EXPECT_EQ(lingers.l_onoff, 1);
  EXPECT_EQ(lingers.l_linger, 10);
  EXPECT_EQ(client.getURI(), Address(""));
}

TEST_F(UriTest, OptionsOfTheSocket) {
  OpenClient client("c");
  client.connect(
      Address("?tcp_nodelay=true&tcp_keepalive=false&tcp_linger=3&tcp_sndbuf=70000&tcp_rcvbuf="
              "90000&bind=127.0.0.9"));
  EXPECT_EQ(client.Flag(IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(client.Flag(SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(client.Option<linger>(SOL_SOCKET, SO_LINGER).l_linger, 3);
  // The kernel doubles them for its own use.
  EXPECT_EQ(client.Option<int>(SOL_SOCKET, SO_SNDBUF), 140'000);
  EXPECT_EQ(client.Option<int>(SOL_SOCKET, SO_RCVBUF), 180'000);
  EXPECT_EQ(client.Local(), "127.0.0.9");
  client.logon();
}

TEST_F(UriTest, Ipv6AndWhatIsPreferred) {
  const std::string port = std::to_string(gateway_.port("v6"));
  OpenClient client("c");
  client.connect("tcp://[::1]:" + port + "/amps/json?bind=::1");
  EXPECT_EQ(client.Local(), "::1");
  client.logon();
  client.disconnect();
  // An address says itself which protocol it is of.
  client.connect("tcp://[::1]:" + port + "/amps/json?ip_protocol_prefer=ipv4");
  client.disconnect();
  const std::string port4 = std::to_string(gateway_.port("tcp"));
  // Only addresses of the family that it binds to, whatever is preferred.
  client.connect("tcp://localhost:" + port4 + "/amps/json?bind=127.0.0.1&ip_protocol_prefer=ipv6");
  EXPECT_EQ(client.Local(), "127.0.0.1");
  client.disconnect();
  EXPECT_THROW(client.connect("tcp://127.0.0.1:" + port4 + "/amps/json?bind=::1"),
               InvalidTransportOptionsException);
  // A name: where the preferred protocol does not answer the other one is tried.
  for (const char* preferred : {"ipv4", "ipv6"}) {
    client.connect("tcp://localhost:" + port4 + "/amps/json?ip_protocol_prefer=" + preferred);
    EXPECT_EQ(client.Local(), "127.0.0.1");
    client.disconnect();
  }
}

TEST_F(UriTest, UnixAndWithoutMessageType) {
  OpenClient client("c");
  client.connect(gateway_.unix_uri());
  client.logon();
  client.disconnect();
  // The transport has one.
  std::string uri = Address("");
  uri.resize(uri.size() - std::string("/json").size());
  client.connect(uri);
  client.logon();
  Inbox inbox;
  client.subscribe(inbox.handler(), "t");
  client.publish("t", "{}");
  inbox.Await(1);
}

TEST(UriOfFakeTest, CredentialsAndPrettyReachTheLogon) {
  FakeGateway gateway([](FakeConnection& connection) {
    const fluxgate::Command* logon = connection.Read();
    ASSERT_NE(logon, nullptr);
    EXPECT_EQ(logon->user_id, "John Doe");
    EXPECT_EQ(logon->password, "s:cret@");
    EXPECT_EQ(logon->message_type, "json");
    EXPECT_EQ(logon->client_name, "me");
    EXPECT_EQ(logon->options, "ack_conflation=1s,pretty=true");
    connection.Ack(*logon);
    connection.AckEverything();
  });
  Client client("me");
  std::string uri = gateway.uri() + "?pretty=true";
  uri.insert(uri.find("127"), "John%20Doe:s%3Acret%40@");
  client.connect(uri);
  client.logon("ack_conflation=1s");
  EXPECT_EQ(client.getURI().find("cret"), std::string::npos) << client.getURI();
  EXPECT_NE(client.getURI().find("John%20Doe@127.0.0.1"), std::string::npos) << client.getURI();
}

template <typename Exception>
void ExpectWrong(const std::string& uri, const std::string& part) {
  Client client("c");
  try {
    client.connect(uri);
    ADD_FAILURE() << uri;
  } catch (const AMPSException& e) {
    EXPECT_EQ(e.className(), std::string(Exception("").className())) << uri << ": " << e.what();
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << uri << ": " << e.what();
    EXPECT_EQ(std::string(e.what()).find("topsecret"), std::string::npos) << e.what();
  }
  EXPECT_FALSE(client.isConnected());
}

TEST_F(UriTest, WrongOnesSayWhichPart) {
  using Option = InvalidTransportOptionsException;
  ExpectWrong<Option>(Address("?nodelay=1"), "unknown option 'nodelay'");
  ExpectWrong<Option>(Address("?tcp_nodelay"), "'tcp_nodelay' is not of the form");
  ExpectWrong<Option>(Address("?tcp_nodelay=maybe"), "option tcp_nodelay must be true or false");
  ExpectWrong<Option>(Address("?tcp_keepalive=2"), "option tcp_keepalive");
  ExpectWrong<Option>(Address("?pretty=x"), "option pretty");
  ExpectWrong<Option>(Address("?tcp_sndbuf=lots"), "option tcp_sndbuf");
  ExpectWrong<Option>(Address("?tcp_rcvbuf=-1"), "option tcp_rcvbuf");
  ExpectWrong<Option>(Address("?tcp_linger=1s"), "option tcp_linger");
  ExpectWrong<Option>(Address("?ip_protocol_prefer=ipx"),
                      "ip_protocol_prefer must be ipv4 or ipv6");
  ExpectWrong<Option>(Address("?bind=1.2.3.4"), "cannot bind to '1.2.3.4'");
  ExpectWrong<Option>(Address("?ca_file=/x"), "option ca_file is for tcps");
  ExpectWrong<Option>(Address("?path=/x"), "unknown option 'path'");
  ExpectWrong<Option>("unix://localhost:0/amps/json", "option path missing");
  ExpectWrong<Option>("unix://localhost:0/amps/json?path=" + std::string(108, 'x'), "at most 107");
  ExpectWrong<InvalidURIException>("localhost:9007", "no scheme");
  ExpectWrong<InvalidURIException>("ftp://localhost:9007/amps/json", "scheme 'ftp'");
  ExpectWrong<InvalidURIException>("grpc://localhost:9007/json", "scheme grpc");
  ExpectWrong<InvalidURIException>("tcp://me:topsecret%@localhost:9007/amps/json", "password");
  ExpectWrong<InvalidURIException>("tcp://me:topsecret@localhost/amps/json", "port missing");
  ExpectWrong<InvalidURIException>("tcp://localhost:99999/amps/json", "'99999'");
  ExpectWrong<InvalidURIException>("tcp://::1:9007/amps/json", "needs brackets");
  ExpectWrong<InvalidURIException>("tcp://localhost:9007/fix/json", "/amps/");
  ExpectWrong<ConnectionRefusedException>("tcp://127.0.0.1:1/amps/json", "127.0.0.1:1");
  ExpectWrong<ConnectionRefusedException>("tcp://no.such.host.invalid:1/amps/json",
                                          "no.such.host.invalid");
  ExpectWrong<ConnectionRefusedException>("unix://localhost:0/amps/json?path=/no/such/file",
                                          "/no/such/file");
}

}  // namespace
}  // namespace AMPS
