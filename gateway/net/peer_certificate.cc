#include "gateway/net/peer_certificate.h"

#include <openssl/pem.h>

#include "gateway/net/openssl_pointers.h"

namespace fluxgate::net {
namespace {

std::string SubjectOf(const X509& certificate) {
  const BioPointer text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), X509_get_subject_name(&certificate), 0,
                     XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  return TextOf(text.get());
}

std::string CommonNameOf(const X509& certificate) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  int last = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return "";
  unsigned char* utf8 = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
  if (size < 0) return "";
  std::string name(reinterpret_cast<char*>(utf8), static_cast<size_t>(size));
  OPENSSL_free(utf8);
  // A name that goes on behind a zero byte is made to be taken for another.
  return name.find('\0') == std::string::npos ? name : "";
}

void AddAlternativeNames(const X509& certificate, PeerCertificate* out) {
  const GeneralNamesPointer names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (names == nullptr) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    std::vector<std::string>* list = type == GEN_DNS     ? &out->dns_names
                                     : type == GEN_EMAIL ? &out->emails
                                     : type == GEN_URI   ? &out->uris
                                                         : nullptr;
    if (list == nullptr) continue;
    const auto* string = static_cast<const ASN1_STRING*>(value);
    std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                     static_cast<size_t>(ASN1_STRING_length(string)));
    if (text.find('\0') == std::string::npos) list->push_back(std::move(text));
  }
}

}  // namespace

PeerCertificate DescribeCertificate(const X509& certificate) {
  PeerCertificate out;
  out.subject = SubjectOf(certificate);
  out.common_name = CommonNameOf(certificate);
  AddAlternativeNames(certificate, &out);
  const BioPointer pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), &certificate);
  out.pem = TextOf(pem.get());
  ERR_clear_error();
  return out;
}

std::unique_ptr<PeerCertificate> DescribePem(std::string_view pem) {
  const BioPointer text = BioOver(pem);
  const X509Pointer certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) return nullptr;
  return std::make_unique<PeerCertificate>(DescribeCertificate(*certificate));
}

}  // namespace fluxgate::net
