#include "modules/authentication-certificate/certificate_name.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace fluxgate::modules {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

int TypeOf(AlternativeName kind) {
  switch (kind) {
    case AlternativeName::kEmail:
      return GEN_EMAIL;
    case AlternativeName::kDns:
      return GEN_DNS;
    case AlternativeName::kUri:
      return GEN_URI;
  }
  return -1;
}

}  // namespace

absl::StatusOr<std::string> AlternativeNameOf(std::string_view pem, AlternativeName kind) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, Free> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return Failure("the certificate cannot be read");
  const std::unique_ptr<GENERAL_NAMES, Free> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  std::string found;
  int count = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != TypeOf(kind)) continue;
    ++count;
    const ASN1_IA5STRING* const text = name->d.ia5;
    found.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                 static_cast<size_t>(ASN1_STRING_length(text)));
  }
  if (count == 0) return Failure("the certificate has no alternative name of that kind");
  if (count > 1) return Failure("the certificate has several alternative names of that kind");
  if (found.find('\0') != std::string::npos) return Failure("zero byte in an alternative name");
  return found;
}

}  // namespace fluxgate::modules
