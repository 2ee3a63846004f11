// Certificates: which are shown, which are taken, how they change.
#include "gateway/net/tls_context.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>
#include <string>

#include "core/base/error.h"
#include "gateway/net/server_name_match.h"
#include "gateway/net/tls_test_server.h"

namespace fluxgate::net {
namespace {

using testing::IssuedCertificate;
using testing::RawClient;
using testing::TlsClient;

std::string ErrorOf(const TlsOptions& options) {
  return ErrorText(TlsContext::Create(options).status());
}

TEST(TlsContextTest, ErrorsNameTheFileAndTheReason) {
  const TlsTestFiles files;
  const TlsOptions good = files.Verifying(VerifyClient::kRequired);
  EXPECT_EQ(ErrorOf(good), "");
  const std::string nonsense = files.directory.Write("nonsense", "nonsense");
  const std::string missing = files.directory.Path("missing");

  TlsOptions bad = good;
  bad.certificate_file = missing;
  EXPECT_EQ(ErrorOf(bad), "certificate " + missing + ": No such file or directory");
  bad.certificate_file = nonsense;
  EXPECT_EQ(ErrorOf(bad), "certificate " + nonsense + ": no start line");
  bad.certificate_file = files.directory.path();
  EXPECT_EQ(ErrorOf(bad), "certificate " + bad.certificate_file + ": Is a directory");

  bad = good;
  bad.private_key_file = missing;
  EXPECT_EQ(ErrorOf(bad), "private key " + missing + ": No such file or directory");
  bad.private_key_file = files.directory.Write(
      "other.key", files.server_ca.Issue({.common_name = "other"}).private_key_pem);
  EXPECT_EQ(ErrorOf(bad), "private key " + bad.private_key_file + ": key values mismatch");
  bad.private_key_file = good.certificate_file;
  EXPECT_TRUE(ErrorOf(bad).starts_with("private key " + good.certificate_file + ": "));

  bad = good;
  bad.ca_file = missing;
  EXPECT_EQ(ErrorOf(bad), "CA file " + missing + ": No such file or directory");
  bad.ca_file = nonsense;
  EXPECT_EQ(ErrorOf(bad), "CA certificates " + nonsense + ": no start line");
  bad.ca_file = "";
  bad.ca_path = missing;
  EXPECT_EQ(ErrorOf(bad), "CA directory " + missing + ": No such file or directory");
  bad.ca_path = files.directory.Path("empty");
  mkdir(bad.ca_path.c_str(), 0700);
  EXPECT_EQ(ErrorOf(bad), "CA directory " + bad.ca_path + ": has no certificate in it");

  bad = good;
  bad.ciphers = "NO-SUCH";
  EXPECT_EQ(ErrorOf(bad), "ciphers NO-SUCH: no cipher match");
  bad = good;
  bad.server_names.push_back({"a.example", missing, missing});
  EXPECT_EQ(ErrorOf(bad), "certificate " + missing + ": No such file or directory");
}

TEST(TlsContextTest, ACertificateBehindAGoodOneCountsToo) {
  const TlsTestFiles files;
  TlsOptions options = files.Options();
  const std::string own = files.server_ca.Issue({.common_name = "x"}).certificate_pem;
  options.ca_file = files.directory.Write("ca", files.client_ca.pem() + own.substr(0, 100));
  EXPECT_TRUE(ErrorOf(options).starts_with("CA certificates " + options.ca_file + ": "));
}

TEST(TlsContextTest, FilesHaveALimit) {
  const TlsTestFiles files;
  TlsOptions options = files.Options();
  const std::string pem = files.client_ca.pem();
  options.ca_file =
      files.directory.Write("ca", pem + std::string(kTlsFileBytesMax - pem.size(), ' '));
  EXPECT_EQ(ErrorOf(options), "");
  options.ca_file =
      files.directory.Write("ca", pem + std::string(kTlsFileBytesMax + 1 - pem.size(), ' '));
  EXPECT_EQ(ErrorOf(options), "CA file " + options.ca_file + ": has more than 4194304 bytes");
}

TEST(TlsContextTest, Ciphers) {
  const TlsTestFiles files;
  TlsOptions options = files.Options();
  options.ciphers = "TLS_CHACHA20_POLY1305_SHA256, ECDHE-ECDSA-AES256-GCM-SHA384";
  TlsTestServer server(options);
  TlsClient::Options client = files.Client();
  EXPECT_EQ(TlsClient::Connected(server.port(), client).cipher(), "TLS_CHACHA20_POLY1305_SHA256");
  client.protocol_max = TLS1_2_VERSION;
  EXPECT_EQ(TlsClient::Connected(server.port(), client).cipher(), "ECDHE-ECDSA-AES256-GCM-SHA384");
}

// What the server thinks of a client with that certificate: "" or why it was closed.
std::string Verdict(TlsTestServer& server, const TlsClient::Options& options) {
  server.OnReactor([&] { server.seen = {}; });
  {
    TlsClient client(RawClient::Tcp(server.port()), options);
    // A client of TLS 1.3 is through before the server has seen its certificate.
    if (client.Handshake() && client.Send(TestFrame("x")) && client.Read().has_value()) return "";
  }
  return server.Closed();
}

TEST(TlsContextTest, ClientCertificates) {
  const TlsTestFiles files;
  const IssuedCertificate good = files.client_ca.Issue(
      {.common_name = "alice", .organization = "desk", .alternatives = {"DNS:a.example"}});
  const IssuedCertificate expired =
      files.client_ca.Issue({.common_name = "alice", .valid_from_days = -3, .valid_to_days = -1});
  const IssuedCertificate early =
      files.client_ca.Issue({.common_name = "alice", .valid_from_days = 1, .valid_to_days = 2});
  const IssuedCertificate foreign = testing::TestCa("strangers").Issue({.common_name = "alice"});
  const std::string failed = "TLS handshake: certificate verify failed: ";
  for (const VerifyClient verify : {VerifyClient::kOptional, VerifyClient::kRequired}) {
    TlsTestServer server(files.Verifying(verify));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      const auto verdict = [&](const IssuedCertificate& own) {
        TlsClient::Options client = files.Client(own);
        client.protocol_min = client.protocol_max = version;
        return Verdict(server, client);
      };
      EXPECT_EQ(verdict(good), "");
      server.OnReactor([&] {
        ASSERT_TRUE(server.seen.certificate.has_value());
        EXPECT_EQ(*server.seen.certificate, (PeerCertificate{.subject = "CN=alice,O=desk",
                                                             .common_name = "alice",
                                                             .dns_names = {"a.example"},
                                                             .pem = good.certificate_pem,
                                                             .verified = true}));
      });
      EXPECT_EQ(verdict(expired), failed + "certificate has expired");
      EXPECT_EQ(verdict(early), failed + "certificate is not yet valid");
      EXPECT_EQ(verdict(foreign), failed + "unable to get local issuer certificate");
      EXPECT_EQ(verdict({}), verify == VerifyClient::kOptional
                                 ? ""
                                 : "TLS handshake: peer did not return a certificate");
      server.OnReactor([&] { EXPECT_FALSE(server.seen.certificate.has_value()); });
    }
  }
}

TEST(TlsContextTest, ClientsAreNotAskedWithoutNeed) {
  const TlsTestFiles files;
  TlsTestServer server(files.Options());
  EXPECT_EQ(Verdict(server, files.Client(files.server_ca.Issue({.common_name = "x"}))), "");
  server.OnReactor([&] { EXPECT_FALSE(server.seen.certificate.has_value()); });
}

TEST(TlsContextTest, CaCertificatesInADirectory) {
  const TlsTestFiles files;
  const testing::TestCa third("third");
  TlsOptions options = files.Verifying(VerifyClient::kRequired);
  const testing::TestDirectory directory;
  directory.Write("b.pem", third.pem());
  directory.Write("README", "not a certificate");
  options.ca_path = directory.path();
  TlsTestServer server(options);
  EXPECT_EQ(Verdict(server, files.Client(third.Issue({.common_name = "x"}))), "");
  EXPECT_EQ(Verdict(server, files.Client(files.client_ca.Issue({.common_name = "x"}))), "");
  EXPECT_NE(Verdict(server, files.Client(files.server_ca.Issue({.common_name = "x"}))), "");
  // One more file in it is a change.
  directory.Write("c.pem", files.server_ca.pem());
  EXPECT_TRUE(server.tls().ReloadIfChanged().value_or(false));
  EXPECT_EQ(Verdict(server, files.Client(files.server_ca.Issue({.common_name = "x"}))), "");
}

// A session that is resumed is not asked again, but still has its certificate; one of before a
// reload is not resumed.
TEST(TlsContextTest, ResumedSessions) {
  const TlsTestFiles files;
  TlsTestServer server(files.Verifying(VerifyClient::kRequired));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient::Options options = files.Client(files.client_ca.Issue({.common_name = "resumer"}));
    options.protocol_min = options.protocol_max = version;
    const auto connect = [&] {
      TlsClient client = TlsClient::Connected(server.port(), options);
      EXPECT_TRUE(client.Send(TestFrame("x")));
      EXPECT_TRUE(client.Read().has_value());
      server.OnReactor([&] {
        ASSERT_TRUE(server.seen.certificate.has_value());
        EXPECT_EQ(server.seen.certificate->common_name, "resumer");
        EXPECT_TRUE(server.seen.certificate->verified);
      });
      options.session = client.session();
      return client.resumed();
    };
    EXPECT_FALSE(connect());
    EXPECT_TRUE(connect());
    ASSERT_TRUE(server.tls().Reload().ok());
    EXPECT_FALSE(connect());
  }
}

TEST(TlsContextTest, CertificatesByServerName) {
  const TlsTestFiles files;
  TlsOptions options = files.Options("default");
  for (const std::string name : {"*.example.org", "a.example.org", "b.example.net"}) {
    const IssuedCertificate issued = files.server_ca.Issue({.common_name = name});
    options.server_names.push_back({name,
                                    files.directory.Write(name + ".pem", issued.certificate_pem),
                                    files.directory.Write(name + ".key", issued.private_key_pem)});
  }
  TlsTestServer server(options);
  const auto shown = [&](const std::string& asked) {
    TlsClient::Options client = files.Client();
    client.server_name = asked;
    return TlsClient::Connected(server.port(), client).server_common_name();
  };
  EXPECT_EQ(shown(""), "default");
  EXPECT_EQ(shown("a.example.org"), "a.example.org");
  EXPECT_EQ(shown("A.Example.ORG"), "a.example.org");
  EXPECT_EQ(shown("x.example.org"), "*.example.org");
  EXPECT_EQ(shown("b.example.net"), "b.example.net");
  EXPECT_EQ(shown("x.y.example.org"), "default");
  EXPECT_EQ(shown("example.org"), "default");
}

TEST(TlsContextTest, ServerNamesThatFit) {
  EXPECT_TRUE(ServerNameFits("a.b", "A.B"));
  EXPECT_FALSE(ServerNameFits("a.b", "a.bc"));
  EXPECT_FALSE(ServerNameFits("a.b", ""));
  EXPECT_TRUE(ServerNameFits("*.b", "a.b"));
  EXPECT_FALSE(ServerNameFits("*.b", ".b"));
  EXPECT_FALSE(ServerNameFits("*.b", "b"));
  EXPECT_FALSE(ServerNameFits("*.b", "a.a.b"));
}

TEST(TlsContextTest, NewFilesAreUsedByNewConnectionsAndOldOnesGoOn) {
  const TlsTestFiles files;
  TlsTestServer server(files.Options("old"));
  TlsClient before = TlsClient::Connected(server.port(), files.Client());
  EXPECT_EQ(before.server_common_name(), "old");
  EXPECT_FALSE(server.tls().ReloadIfChanged().value());  // nothing has changed

  files.WriteServer(files.server_ca.Issue({.common_name = "new"}));
  EXPECT_EQ(TlsClient::Connected(server.port(), files.Client()).server_common_name(), "old");
  EXPECT_TRUE(server.tls().ReloadIfChanged().value());
  EXPECT_FALSE(server.tls().ReloadIfChanged().value());
  EXPECT_EQ(TlsClient::Connected(server.port(), files.Client()).server_common_name(), "new");

  ASSERT_TRUE(before.Send(TestFrame("still here")));
  EXPECT_EQ(before.Read(), TestFrame("still here"));
}

TEST(TlsContextTest, BadFilesLeaveTheOldOnesInPlace) {
  const TlsTestFiles files;
  const TlsOptions options = files.Options("old");
  TlsTestServer server(options);
  const auto shown = [&] {
    return TlsClient::Connected(server.port(), files.Client()).server_common_name();
  };
  files.directory.Write("server.pem", "nonsense");
  EXPECT_EQ(ErrorText(server.tls().ReloadIfChanged().status()),
            "certificate " + options.certificate_file + ": no start line");
  // Said once, not at every look.
  EXPECT_FALSE(server.tls().ReloadIfChanged().value());
  EXPECT_EQ(shown(), "old");

  const IssuedCertificate next = files.server_ca.Issue({.common_name = "next"});
  files.directory.Write("server.pem", next.certificate_pem);
  EXPECT_EQ(ErrorText(server.tls().ReloadIfChanged().status()),
            "private key " + options.private_key_file + ": key values mismatch");
  EXPECT_EQ(shown(), "old");
  ASSERT_EQ(unlink(options.private_key_file.c_str()), 0);
  EXPECT_FALSE(server.tls().ReloadIfChanged().ok());
  EXPECT_EQ(shown(), "old");

  files.WriteServer(next);
  EXPECT_TRUE(server.tls().ReloadIfChanged().value());
  EXPECT_EQ(shown(), "next");
}

}  // namespace
}  // namespace fluxgate::net
