// OpenSSL's objects as owners that free them, and its errors as text. Any thread.
#ifndef FLUXGATE_GATEWAY_NET_OPENSSL_POINTERS_H_
#define FLUXGATE_GATEWAY_NET_OPENSSL_POINTERS_H_

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace fluxgate::net {

template <auto free_function>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};

using BioPointer = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using EvpKeyPointer = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using GeneralNamesPointer = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;
using SslPointer = std::unique_ptr<SSL, OpensslFree<SSL_free>>;
using SslContextPointer = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using X509Pointer = std::unique_ptr<X509, OpensslFree<X509_free>>;

// For reading; `bytes` outlives it.
inline BioPointer BioOver(std::string_view bytes) {
  return BioPointer(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// All that has been written to a memory BIO.
inline std::string TextOf(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

// Why the last call of this thread failed: OpenSSL's words. Clears its list of errors.
inline std::string TakeOpensslReason() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(error);
  ERR_clear_error();
  return reason != nullptr ? reason : "no reason given";
}

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_OPENSSL_POINTERS_H_
