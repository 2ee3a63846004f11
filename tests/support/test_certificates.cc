#include "tests/support/test_certificates.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "gateway/net/openssl_pointers.h"

// The resolver that the gRPC library uses keeps some bytes of a host name's look-up for ever.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libcares"; }

namespace fluxgate::testing {
namespace {

using net::BioPointer;
using net::EvpKeyPointer;
using net::X509Pointer;

constexpr int kSecondsPerDay = 24 * 60 * 60;

void AddToSubject(X509* certificate, const char* field, const std::string& text) {
  ASSERT_EQ(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), field, MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()), -1, 0),
            1);
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& text) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, text.c_str());
  ASSERT_NE(extension, nullptr) << text;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509Pointer NewCertificate(const CertificateSpec& spec, EVP_PKEY* key) {
  static std::atomic<int> serial{0};
  X509Pointer certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), spec.valid_from_days * kSecondsPerDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), spec.valid_to_days * kSecondsPerDay);
  if (!spec.organization.empty()) AddToSubject(certificate.get(), "O", spec.organization);
  AddToSubject(certificate.get(), "CN", spec.common_name);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

std::string PemOf(X509* certificate) {
  const BioPointer text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(text.get(), certificate);
  return net::TextOf(text.get());
}

}  // namespace

struct TestCa::Parts {
  EvpKeyPointer key{EVP_EC_gen("P-256")};
  X509Pointer certificate;
};

TestCa::TestCa(const std::string& name) : parts_(std::make_unique<Parts>()) {
  parts_->certificate = NewCertificate({.common_name = name}, parts_->key.get());
  X509* own = parts_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  AddExtension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(own, own, NID_subject_key_identifier, "hash");
  X509_sign(own, parts_->key.get(), EVP_sha256());
  pem_ = PemOf(own);
}

TestCa::~TestCa() = default;

IssuedCertificate TestCa::Issue(const CertificateSpec& spec) const {
  const EvpKeyPointer key(EVP_EC_gen("P-256"));
  const X509Pointer certificate = NewCertificate(spec, key.get());
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(parts_->certificate.get()));
  std::string names;
  for (const std::string& name : spec.alternatives) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) {
    AddExtension(certificate.get(), parts_->certificate.get(), NID_subject_alt_name, names);
  }
  X509_sign(certificate.get(), parts_->key.get(), EVP_sha256());
  const BioPointer key_text(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {PemOf(certificate.get()), net::TextOf(key_text.get())};
}

TestDirectory::TestDirectory() {
  char name[] = "/tmp/fluxgate-files-XXXXXX";
  path_ = mkdtemp(name);
}

TestDirectory::~TestDirectory() { std::filesystem::remove_all(path_); }

std::string TestDirectory::Write(const std::string& name, std::string_view text) const {
  std::ofstream file(Path(name), std::ios::binary | std::ios::trunc);
  file << text;
  EXPECT_TRUE(file.flush().good()) << Path(name);
  return Path(name);
}

}  // namespace fluxgate::testing
