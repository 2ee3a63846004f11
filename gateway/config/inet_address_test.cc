#include "gateway/config/inet_address.h"

#include "core/base/error.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

void ExpectAddress(std::string_view text, std::string_view host, uint16_t port) {
  const absl::StatusOr<InetAddress> address = ParseInetAddress(text);
  ASSERT_TRUE(address.ok()) << text << ": " << address.status();
  EXPECT_EQ(address->host, host);
  EXPECT_EQ(address->port, port);
  EXPECT_EQ(FormatInetAddress(address->host, address->port), text);
}

void ExpectBad(std::string_view text, std::string_view what) {
  const absl::StatusOr<InetAddress> address = ParseInetAddress(text);
  ASSERT_FALSE(address.ok()) << text;
  EXPECT_EQ(ErrorCodeOf(address.status()), ErrorCode::kBadOption);
  EXPECT_EQ(ErrorText(address.status()), what);
}

TEST(InetAddressTest, APortAloneIsEveryAddress) {
  ExpectAddress("9007", "", 9007);
  ExpectAddress("0", "", 0);
}

TEST(InetAddressTest, HostsAndV4Addresses) {
  ExpectAddress("127.0.0.1:9007", "127.0.0.1", 9007);
  ExpectAddress("0.0.0.0:1", "0.0.0.0", 1);
  ExpectAddress("localhost:0", "localhost", 0);
  ExpectAddress("gate_1.my-site.example:80", "gate_1.my-site.example", 80);
}

TEST(InetAddressTest, V6NeedsBrackets) {
  ExpectAddress("[::1]:9007", "::1", 9007);
  ExpectAddress("[fe80::1%eth0]:9007", "fe80::1%eth0", 9007);
  ExpectBad("::1:9007", "'::1:9007' has several colons: a v6 address needs brackets");
  ExpectBad("[::1]", "'[::1]' is not [v6]:port");
  ExpectBad("[::1]9007", "'[::1]9007' is not [v6]:port");
  ExpectBad("[::1:9007", "'[::1:9007' is not [v6]:port");
  ExpectBad("[]:1", "'[]:1' has no v6 address inside the brackets");
  ExpectBad("[127.0.0.1]:1", "'[127.0.0.1]:1' has no v6 address inside the brackets");
  ExpectBad("[fe80::1%]:1", "'[fe80::1%]:1' has no v6 address inside the brackets");
  ExpectBad("[fe80::1%a b]:1", "'[fe80::1%a b]:1' has no v6 address inside the brackets");
}

TEST(InetAddressTest, PortLimits) {
  ExpectAddress("65535", "", 65535);
  ExpectBad("65536", "'65536' has a port above 65535");
  ExpectAddress("h:65535", "h", 65535);
  ExpectBad("h:65536", "'h:65536' has a port above 65535");
  ExpectBad("h:70000", "'h:70000' has a port above 65535");
  ExpectBad("h:99999999999", "'h:99999999999' has a port above 65535");
  ExpectBad("[::1]:65536", "'[::1]:65536' has a port above 65535");
}

TEST(InetAddressTest, WhatIsNoPort) {
  ExpectBad("", "is empty");
  ExpectBad("localhost", "'localhost' has no port number");
  ExpectBad("h:", "'h:' has no port number");
  ExpectBad("h:-1", "'h:-1' has no port number");
  ExpectBad("h:80x", "'h:80x' has no port number");
  ExpectBad("h: 80", "'h: 80' has no port number");
  ExpectBad("[::1]:", "'[::1]:' has no port number");
}

TEST(InetAddressTest, WhatIsNoHost) {
  ExpectBad(":9007", "':9007' has no host before the colon");
  ExpectBad("a b:1", "'a b:1' has an impossible host");
  ExpectBad("http//x:1", "'http//x:1' has an impossible host");
  ExpectBad("*:1", "'*:1' has an impossible host");
  ExpectBad("10.1:1", "'10.1:1' has an impossible host");
  ExpectBad("256.0.0.1:1", "'256.0.0.1:1' has an impossible host");
}

TEST(InetAddressTest, HostLengthLimit) {
  const std::string longest(kHostBytesMax, 'a');
  ExpectAddress(longest + ":1", longest, 1);
  EXPECT_EQ(ErrorText(ParseInetAddress("a" + longest + ":1").status()),
            "'" + std::string(64, 'a') + "...' has a host of more than 253 bytes");
}

}  // namespace
}  // namespace fluxgate::config
