#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "modules/testing/files.h"
#include "modules/testing/module_host.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/authentication-certificate/libauthentication_certificate.so";

// A certificate with these alternative names ("email:a@b,DNS:c"); "" without any.
std::string MakePem(const std::string& names) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_pubkey(certificate, key);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  if (!names.empty()) {
    X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<size_t>(size));
  BIO_free(bio);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pem;
}

TestLogin Alice() {
  return {.user = "",
          .method = "certificate",
          .certificate_subject = "CN=alice,O=Example",
          .certificate_common_name = "alice",
          .certificate_pem = MakePem("email:alice@example.org,DNS:a.example,DNS:b.example")};
}

class CertificateTest : public ::testing::Test {
 protected:
  CertificateTest() : host_(kLibrary) { EXPECT_TRUE(host_.Init()); }
  const TestFiles files_;
  ModuleHost host_;
};

TEST_F(CertificateTest, CommonNameSubjectAndAlternativeName) {
  EXPECT_EQ(host_.Authentication().Authenticate(Alice()).user, "alice");
  EXPECT_EQ(host_.Authentication({{"User", "subject"}}).Authenticate(Alice()).user,
            "CN=alice,O=Example");
  EXPECT_EQ(host_.Authentication({{"User", "san-email"}}).Authenticate(Alice()).user,
            "alice@example.org");
}

TEST_F(CertificateTest, AlternativeNamesThatSayNothing) {
  const Reply several = host_.Authentication({{"User", "san-dns"}}).Authenticate(Alice());
  EXPECT_FALSE(several.ok());
  EXPECT_EQ(several.reason, "the certificate has several alternative names of that kind");
  EXPECT_EQ(host_.Authentication({{"User", "san-uri"}}).Authenticate(Alice()).reason,
            "the certificate has no alternative name of that kind");
  TestLogin login = Alice();
  login.certificate_pem = MakePem("");
  EXPECT_FALSE(host_.Authentication({{"User", "san-email"}}).Authenticate(login).ok());
  login.certificate_pem = "no certificate";
  EXPECT_EQ(host_.Authentication({{"User", "san-email"}}).Authenticate(login).reason,
            "the certificate cannot be read");
}

TEST_F(CertificateTest, RefusesWithoutACertificate) {
  const Context context = host_.Authentication();
  const Reply reply = context.Authenticate({.user = "alice", .password = "anything"});
  EXPECT_FALSE(reply.ok());
  EXPECT_EQ(reply.reason, "no certificate");
  // A certificate without that name, and one whose name can be nobody's.
  EXPECT_FALSE(context.Authenticate({.certificate_subject = "O=Example"}).ok());
  TestLogin login = Alice();
  login.certificate_common_name = std::string(257, 'a');
  EXPECT_FALSE(context.Authenticate(login).ok());
}

TEST_F(CertificateTest, NobodyTakesAnothersName) {
  TestLogin login = Alice();
  login.user = "bob";
  const Reply reply = host_.Authentication().Authenticate(login);
  EXPECT_FALSE(reply.ok());
  EXPECT_EQ(reply.reason, "claims another name than its certificate, which is of 'alice'");
  EXPECT_EQ(host_.Authentication({{"ClaimedName", "ignore"}}).Authenticate(login).user, "alice");
  login.user = "alice";
  EXPECT_EQ(host_.Authentication().Authenticate(login).user, "alice");
}

TEST_F(CertificateTest, MapsNamesToUsers) {
  const std::string map = files_.Write("map", "# who is who\nCN=alice,O=Example => trader1\n");
  const Context context = host_.Authentication({{"User", "subject"}, {"Map", map}});
  ASSERT_TRUE(context.made()) << host_.log();
  EXPECT_EQ(context.Authenticate(Alice()).user, "trader1");
  TestLogin login = Alice();
  login.certificate_subject = "CN=alice,O=Other";
  EXPECT_EQ(context.Authenticate(login).reason, "the map has no user for 'CN=alice,O=Other'");
  // A changed map counts at once.
  files_.Write("map", "CN=alice,O=Other => trader2\n");
  EXPECT_EQ(context.Authenticate(login).user, "trader2");
  EXPECT_FALSE(context.Authenticate(Alice()).ok());
}

TEST_F(CertificateTest, WrongOptions) {
  const std::vector<std::pair<OptionList, std::string>> cases = {
      {{{"User", "cn"}},
       "option 'User' is 'cn', not one of common-name, subject, san-email, san-dns, san-uri\n"},
      {{{"Map", ""}}, "option 'Map' is empty\n"},
      {{{"Map", files_.Write("a", "x\n")}},
       files_.Path("a") + ": line 1: not of the form NAME => user\n"},
      {{{"Map", files_.Write("b", "x => y\nx => z\n")}},
       files_.Path("b") + ": line 2: 'x' is there twice\n"},
      {{{"Map", files_.Write("c", "x => a\x01\n")}},
       files_.Path("c") + ": line 1: control character in the user name\n"},
      {{{"Subject", "x"}}, "unknown option 'Subject' (known are User, ClaimedName, Map)\n"},
  };
  for (const auto& [options, message] : cases) {
    host_.ClearLog();
    EXPECT_FALSE(host_.Authentication(options).made());
    EXPECT_EQ(host_.log(), message);
  }
}

}  // namespace
}  // namespace fluxgate::modules::testing
