// OpenSSL, loaded at run time: every function of it that the client calls.
#ifndef FLUXGATE_CLIENT_AMPS_TLS_LIBRARY_H_
#define FLUXGATE_CLIENT_AMPS_TLS_LIBRARY_H_

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>

namespace AMPS::internal {

// clang-format off
#define AMPS_TLS_FUNCTIONS(F)                                                                     \
  F(OpenSSL_version_num) F(ERR_clear_error) F(ERR_peek_last_error) F(ERR_reason_error_string)     \
  F(TLS_client_method) F(SSL_CTX_new) F(SSL_CTX_free) F(SSL_CTX_ctrl) F(SSL_CTX_set_options)      \
  F(SSL_CTX_set_verify) F(SSL_CTX_set_default_verify_paths) F(SSL_CTX_load_verify_locations)      \
  F(SSL_CTX_use_certificate_chain_file) F(SSL_CTX_use_PrivateKey_file) F(SSL_new) F(SSL_free)     \
  F(SSL_ctrl) F(SSL_set_bio) F(SSL_set_connect_state) F(SSL_set1_host) F(SSL_get0_param)          \
  F(SSL_do_handshake) F(SSL_get_error) F(SSL_get_verify_result) F(SSL_read_ex) F(SSL_write_ex)    \
  F(SSL_shutdown) F(SSL_has_pending) F(X509_VERIFY_PARAM_set1_ip_asc)                             \
  F(X509_verify_cert_error_string) F(BIO_get_new_index) F(BIO_meth_new) F(BIO_meth_set_read)      \
  F(BIO_meth_set_write) F(BIO_meth_set_ctrl) F(BIO_new) F(BIO_set_data) F(BIO_get_data)           \
  F(BIO_set_init) F(BIO_set_flags) F(BIO_clear_flags)
// clang-format on

struct TlsLibrary {
#define AMPS_TLS_POINTER(name) decltype(&::name) name = nullptr;
  AMPS_TLS_FUNCTIONS(AMPS_TLS_POINTER)
#undef AMPS_TLS_POINTER

  // The one in use: the one that sslInit has loaded, else the system's. SslException: there is
  // none.
  static const TlsLibrary& Get();
  // See AMPS::sslInit.
  static void Use(const std::string& file);
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_TLS_LIBRARY_H_
