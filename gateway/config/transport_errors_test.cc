// One case per way in which transports can be wrong.
#include <string>

#include "core/base/error.h"
#include "fmt/format.h"
#include "gateway/config/config_error_testing.h"
#include "gateway/config/config_schema.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

TEST(TransportErrorsTest, UnknownNamesInTransports) {
  EXPECT_EQ(TransportError("<Name>t</Name><Type>udp</Type><InetAddr>1</InetAddr>"),
            "f:2: <Type>: 'udp' is unknown; allowed: tcp, tcps, amps-unix, grpc, grpcs");
  EXPECT_EQ(TransportError("<Name>t</Name><Type/><InetAddr>1</InetAddr>"),
            "f:2: <Type>: is empty; allowed: tcp, tcps, amps-unix, grpc, grpcs");
  EXPECT_EQ(TransportError(std::string(kTcp) + "<Protocol>smtp</Protocol>"),
            "f:2: <Protocol>: 'smtp' is unknown; allowed: amps");
  EXPECT_EQ(TransportError(std::string(kTcp) + "<MessageType>yaml</MessageType>"),
            "f:2: <MessageType>: 'yaml' is unknown; allowed: json");
}

TEST(TransportErrorsTest, WhatATypeNeedsAndRefuses) {
  EXPECT_EQ(TransportError("<Name>t</Name><Type>tcp</Type>"),
            "f:2: <Transport>: of type tcp has no <InetAddr>");
  EXPECT_EQ(TransportError("<Name>t</Name><Type>grpc</Type>"),
            "f:2: <Transport>: of type grpc has no <InetAddr>");
  EXPECT_EQ(TransportError("<Name>t</Name><Type>amps-unix</Type>"),
            "f:2: <Transport>: of type amps-unix has no <FileName>");
  EXPECT_EQ(TransportError(std::string(kTcp) + "\n<FileName>x</FileName><FileMask>0600</FileMask>"),
            "f:3: <FileName>: has no meaning in a transport of type tcp\n"
            "f:3: <FileMask>: has no meaning in a transport of type tcp");
  EXPECT_EQ(TransportError("<Name>t</Name><Type>grpc</Type><InetAddr>1</InetAddr>"
                           "<Protocol>amps</Protocol>"),
            "f:2: <Protocol>: has no meaning in a transport of type grpc");
  EXPECT_EQ(TransportError("<Name>t</Name><Type>amps-unix</Type><FileName>x</FileName>"
                           "<InetAddr>1</InetAddr>"),
            "f:2: <InetAddr>: has no meaning in a transport of type amps-unix");
}

TEST(TransportErrorsTest, Addresses) {
  const auto address = [](const std::string& text) {
    return TransportError("<Name>t</Name><Type>tcp</Type><InetAddr>" + text + "</InetAddr>");
  };
  const std::string allowed =
      "; allowed: port, host:port or [v6]:port; port 0 (the system chooses) to 65535";
  EXPECT_EQ(address("65535"), "");
  EXPECT_EQ(address("65536"), "f:2: <InetAddr>: '65536' has a port above 65535" + allowed);
  EXPECT_EQ(address("70000"), "f:2: <InetAddr>: '70000' has a port above 65535" + allowed);
  EXPECT_EQ(address("::1:80"),
            "f:2: <InetAddr>: '::1:80' has several colons: a v6 address needs brackets" + allowed);
}

TEST(TransportErrorsTest, FileMasks) {
  const auto mask = [](const std::string& text) {
    return TransportError("<Name>t</Name><Type>amps-unix</Type><FileName>x</FileName><FileMask>" +
                          text + "</FileMask>");
  };
  EXPECT_EQ(mask("0"), "");
  EXPECT_EQ(mask("0777"), "");
  EXPECT_EQ(mask("1000"),
            "f:2: <FileMask>: '1000' is too large; allowed: octal permissions, 0 to 0777");
  EXPECT_EQ(mask("77777777777777"),
            "f:2: <FileMask>: '77777777777777' is too large; allowed: octal permissions, 0 to "
            "0777");
  EXPECT_EQ(mask("0680"),
            "f:2: <FileMask>: '0680' is not an octal number; allowed: octal permissions, 0 to "
            "0777");
  EXPECT_EQ(mask("rw"),
            "f:2: <FileMask>: 'rw' is not an octal number; allowed: octal permissions, 0 to 0777");
  EXPECT_EQ(mask(""), "f:2: <FileMask>: is empty; allowed: octal permissions, 0 to 0777");
}

TEST(TransportErrorsTest, TransportsThatAreTooMuchAlike) {
  const auto tcp = [](const std::string& name, const std::string& address) {
    return "<Transport><Name>" + name + "</Name><Type>tcp</Type><InetAddr>" + address +
           "</InetAddr></Transport>\n";
  };
  const auto unix_socket = [](const std::string& name, const std::string& file) {
    return "<Transport><Name>" + name + "</Name><Type>amps-unix</Type><FileName>" + file +
           "</FileName></Transport>\n";
  };
  EXPECT_EQ(ErrorOf(Transports(tcp("a", "1") + tcp("a", "2"))),
            "f:3: <Name>: same name 'a' as the transport at line 2");
  EXPECT_EQ(ErrorOf(Transports(tcp("a", "h:1") + tcp("b", "h:1"))),
            "f:3: <InetAddr>: 'h:1' listens on the same address as the transport at line 2");
  EXPECT_EQ(ErrorOf(Transports(tcp("a", "h:1") + tcp("b", "i:2") + tcp("c", "1"))),
            "f:4: <InetAddr>: '1' listens on the same address as the transport at line 2");
  EXPECT_EQ(ErrorOf(Transports(tcp("a", "1") + tcp("b", "h:1"))),
            "f:3: <InetAddr>: 'h:1' listens on the same address as the transport at line 2");
  const auto collide = [&tcp](const std::string& a, const std::string& b) {
    return !ErrorOf(Transports(tcp("a", a) + tcp("b", b))).empty();
  };
  EXPECT_TRUE(collide("0.0.0.0:1", "1"));
  EXPECT_TRUE(collide("0.0.0.0:1", "127.0.0.1:1"));
  EXPECT_TRUE(collide("[::1]:1", "[::]:1"));
  EXPECT_FALSE(collide("0.0.0.0:1", "[::1]:1"));
  EXPECT_FALSE(collide("[::]:1", "127.0.0.1:1"));
  EXPECT_FALSE(collide("0.0.0.0:1", "h:1"));
  EXPECT_FALSE(collide("1", "2"));
  EXPECT_EQ(ErrorOf(Transports(unix_socket("a", "/s") + unix_socket("b", "/s"))),
            "f:3: <FileName>: same file '/s' as the transport at line 2");
  // Each transport is blamed once, whatever it collides with.
  EXPECT_EQ(ErrorOf(Transports(tcp("a", "1") + tcp("a", "1") + tcp("a", "1"))),
            "f:3: <Name>: same name 'a' as the transport at line 2\n"
            "f:3: <InetAddr>: '1' listens on the same address as the transport at line 2\n"
            "f:4: <Name>: same name 'a' as the transport at line 2\n"
            "f:4: <InetAddr>: '1' listens on the same address as the transport at line 2");
}

TEST(TransportErrorsTest, NumberOfTransports) {
  std::string transports;
  for (uint32_t i = 1; i <= kTransportsMax; ++i) {
    const std::string number = std::to_string(i);
    transports += "<Transport><Name>t" + number + "</Name><Type>tcp</Type><InetAddr>" + number +
                  "</InetAddr></Transport>\n";
  }
  EXPECT_EQ(ErrorOf(Transports(transports)), "");
  EXPECT_EQ(ErrorOf(Transports(transports + "<Transport/><Transport/>")),
            "f:258: <Transport>: is there too often; allowed: 1 to 256");
}

TEST(TransportErrorsTest, TheProtocolThatIsTheDefaultMustBeKnown) {
  LoadOptions options;
  options.known.protocols = {"other"};
  EXPECT_EQ(ErrorText(LoadText(With(""), "f", options).status()),
            "f:1: <Protocol>: 'amps' is unknown; allowed: other");
}

}  // namespace
}  // namespace fluxgate::config
