// One case per way in which the TLS of transports can be wrong.
#include <string>

#include "core/base/error.h"
#include "fmt/format.h"
#include "gateway/config/config_error_testing.h"
#include "gateway/config/config_schema.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

std::string Start(std::string_view type) {
  return fmt::format("<Name>t</Name><Type>{}</Type><InetAddr>1</InetAddr>", type);
}

// Of a transport that lacks nothing; `more` starts at line 3.
std::string TlsError(std::string_view more, std::string_view type = "tcps") {
  return TransportError(fmt::format(
      "{}<Certificate>c.pem</Certificate><PrivateKey>k.pem</PrivateKey>\n{}", Start(type), more));
}

std::string Server(std::string_view name) {
  return fmt::format(
      "<ServerName><Name>{}</Name><Certificate>c</Certificate><PrivateKey>k</PrivateKey>"
      "</ServerName>\n",
      name);
}

TEST(TlsErrorsTest, NothingIsWrong) {
  for (const std::string_view type : {"tcps", "grpcs"}) {
    EXPECT_EQ(TlsError("", type), "");
    EXPECT_EQ(TlsError("<VerifyClient>required</VerifyClient><CAFile>ca.pem</CAFile>"
                       "<CAPath>/etc/ssl/certs</CAPath>" +
                           Server("a.example") + Server("*.example"),
                       type),
              "");
  }
  EXPECT_EQ(TlsError("<Ciphers>ECDHE-RSA-AES128-GCM-SHA256</Ciphers>"
                     "<SecureSocketProtocols>TLSv1.3</SecureSocketProtocols>"),
            "");
}

TEST(TlsErrorsTest, ACertificateNeedsItsKeyAndTheOtherWayRound) {
  for (const std::string type : {"tcps", "grpcs"}) {
    EXPECT_EQ(TransportError(Start(type)),
              fmt::format("f:2: <Transport>: of type {0} has no <Certificate>\n"
                          "f:2: <Transport>: of type {0} has no <PrivateKey>",
                          type));
    EXPECT_EQ(TransportError(Start(type) + "<Certificate>c</Certificate>"),
              fmt::format("f:2: <Transport>: of type {} has no <PrivateKey>", type));
    EXPECT_EQ(TransportError(Start(type) + "<PrivateKey>c</PrivateKey>"),
              fmt::format("f:2: <Transport>: of type {} has no <Certificate>", type));
  }
  EXPECT_EQ(TlsError("<ServerName><Name>a</Name><Certificate>c</Certificate></ServerName>"),
            "f:3: <ServerName>: has no <PrivateKey>");
  EXPECT_EQ(TlsError("<ServerName><Certificate>c</Certificate><PrivateKey>k</PrivateKey>"
                     "</ServerName>"),
            "f:3: <ServerName>: has no <Name>");
}

TEST(TlsErrorsTest, PlainTransportsHaveNoTls) {
  for (const std::string type : {"tcp", "grpc"}) {
    for (const std::string element : {"Certificate", "PrivateKey", "CAFile", "CAPath", "Ciphers"}) {
      EXPECT_EQ(TransportError(fmt::format("{0}\n<{1}>x</{1}>", Start(type), element)),
                fmt::format("f:3: <{}>: has no meaning in a transport of type {}", element, type));
    }
    EXPECT_EQ(TransportError(Start(type) + "\n<VerifyClient>required</VerifyClient>"),
              "f:3: <VerifyClient>: has no meaning in a transport of type " + type);
    EXPECT_EQ(TransportError(Start(type) + "\n" + Server("a")),
              "f:3: <ServerName>: has no meaning in a transport of type " + type);
  }
  EXPECT_EQ(TransportError("<Name>t</Name><Type>amps-unix</Type><FileName>x</FileName>\n"
                           "<Certificate>c</Certificate>"),
            "f:3: <Certificate>: has no meaning in a transport of type amps-unix");
}

TEST(TlsErrorsTest, GrpcChoosesCiphersAndProtocolsItself) {
  EXPECT_EQ(TlsError("<Ciphers>x</Ciphers>", "grpcs"),
            "f:3: <Ciphers>: has no meaning in a transport of type grpcs");
  EXPECT_EQ(TlsError("<SecureSocketProtocols>TLSv1.3</SecureSocketProtocols>", "grpcs"),
            "f:3: <SecureSocketProtocols>: has no meaning in a transport of type grpcs");
}

TEST(TlsErrorsTest, VerifyingNeedsACaAndACaVerification) {
  for (const std::string word : {"optional", "required"}) {
    EXPECT_EQ(TlsError("<VerifyClient>" + word + "</VerifyClient>"),
              "f:3: <VerifyClient>: " + word + " needs a <CAFile> or a <CAPath>");
    EXPECT_EQ(TlsError("<VerifyClient>" + word + "</VerifyClient><CAPath>d</CAPath>"), "");
  }
  EXPECT_EQ(TlsError("<CAFile>ca</CAFile>"),
            "f:3: <CAFile>: has no meaning without <VerifyClient> optional or required");
  EXPECT_EQ(TlsError("<CAPath>ca</CAPath><VerifyClient>no</VerifyClient>"),
            "f:3: <CAPath>: has no meaning without <VerifyClient> optional or required");
  EXPECT_EQ(TlsError("<VerifyClient>yes</VerifyClient><CAFile>ca</CAFile>"),
            "f:3: <VerifyClient>: 'yes' is unknown; allowed: no, optional, required");
}

TEST(TlsErrorsTest, Protocols) {
  const auto protocols = [](const std::string& text) {
    return TlsError("<SecureSocketProtocols>" + text + "</SecureSocketProtocols>");
  };
  const std::string allowed = "; allowed: TLSv1.2, TLSv1.3 or both, with a comma or space";
  EXPECT_EQ(protocols("TLSv1.2"), "");
  EXPECT_EQ(protocols("TLSv1.3, TLSv1.2"), "");
  EXPECT_EQ(protocols("TLSv1.1"), "f:3: <SecureSocketProtocols>: 'TLSv1.1' is unknown" + allowed);
  EXPECT_EQ(protocols("TLSv1.2 SSLv3"),
            "f:3: <SecureSocketProtocols>: 'SSLv3' is unknown" + allowed);
  EXPECT_EQ(protocols(""), "f:3: <SecureSocketProtocols>: is empty" + allowed);
  EXPECT_EQ(protocols(" , "), "f:3: <SecureSocketProtocols>: is empty" + allowed);
}

TEST(TlsErrorsTest, ServerNames) {
  const std::string allowed =
      "; allowed: letters, digits, '-' and '_' in labels with dots between; *. in front";
  for (const std::string name : {"*", "a*.b", "*.*.b", "a..b", ".a", "a.", "*.", "a b", "a/b"}) {
    EXPECT_EQ(TlsError(Server(name)), "f:3: <Name>: '" + name + "' is no host name" + allowed);
  }
  for (const std::string name : {"a", "A-1.example.org", "*.example.org", "_x.y"}) {
    EXPECT_EQ(TlsError(Server(name)), "") << name;
  }
  EXPECT_EQ(TlsError(Server("a.example") + Server("b.example") + Server("A.Example")),
            "f:5: <Name>: 'A.Example' is there twice in this transport");
  EXPECT_EQ(TlsError(Server(std::string(253, 'a'))), "");
  EXPECT_EQ(TlsError(Server(std::string(254, 'a'))),
            "f:3: <Name>: has 254 bytes; allowed: text of 1 to 253 bytes");
}

TEST(TlsErrorsTest, NumberOfServerNames) {
  std::string servers;
  for (uint32_t i = 0; i < kServerNamesMax; ++i) servers += Server("s" + std::to_string(i));
  EXPECT_EQ(TlsError(servers), "");
  EXPECT_EQ(TlsError(servers + Server("one-more")),
            "f:67: <ServerName>: is there too often; allowed: 0 to 64");
}

// What reading the files shows is asked for once everything else is right.
TEST(TlsErrorsTest, FilesAreTried) {
  LoadOptions options;
  options.known.try_tls = [](const Transport& transport) {
    return "certificate " + transport.certificate_file + ": No such file or directory";
  };
  const auto error = [&options](const std::string& type, const std::string& more) {
    return ErrorText(
        LoadText(Transports("<Transport>" + Start(type) + more + "</Transport>"), "f", options)
            .status());
  };
  const std::string files = "<Certificate>c.pem</Certificate><PrivateKey>k</PrivateKey>";
  EXPECT_EQ(error("tcps", files), "f:2: <Transport>: certificate c.pem: No such file or directory");
  EXPECT_EQ(error("tcps", files + "<VerifyClient>optional</VerifyClient>"),
            "f:2: <VerifyClient>: optional needs a <CAFile> or a <CAPath>");
  EXPECT_EQ(error("tcp", ""), "");
}

TEST(TlsErrorsTest, CheckInterval) {
  const auto interval = [](const std::string& text) {
    return ErrorOf(With("<CertificateCheckInterval>" + text + "</CertificateCheckInterval>"));
  };
  const std::string allowed = "; allowed: 100ms to 1h (with unit: ns, us, ms, s, m, h, d, w)";
  EXPECT_EQ(interval("100ms"), "");
  EXPECT_EQ(interval("99ms"), "f:2: <CertificateCheckInterval>: '99ms' is too small" + allowed);
  EXPECT_EQ(interval("1h"), "");
  EXPECT_EQ(interval("61m"), "f:2: <CertificateCheckInterval>: '61m' is too large" + allowed);
}

}  // namespace
}  // namespace fluxgate::config
