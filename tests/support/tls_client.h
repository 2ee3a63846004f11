// A client that speaks TLS over a RawClient's socket, by OpenSSL: what is sent how and in which
// pieces is as a test says. Every wait ends after RawClient::kWaitMs.
#ifndef FLUXGATE_TESTS_SUPPORT_TLS_CLIENT_H_
#define FLUXGATE_TESTS_SUPPORT_TLS_CLIENT_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/net/openssl_pointers.h"
#include "tests/support/raw_client.h"

namespace fluxgate::testing {

class TlsClient {
 public:
  struct Options {
    std::string ca_pem = {};           // empty: any server will do
    std::string certificate_pem = {};  // empty: none is shown
    std::string private_key_pem = {};
    std::string server_name = {};  // asked for
    int protocol_min = TLS1_2_VERSION;
    int protocol_max = TLS1_3_VERSION;
    size_t send_bytes_max = SIZE_MAX;                // in one call of the system
    std::shared_ptr<SSL_SESSION> session = nullptr;  // to resume
  };

  TlsClient(RawClient socket, const Options& options);
  static TlsClient Connected(uint16_t port, const Options& options);

  // False: see error().
  bool Handshake();
  const std::string& error() const { return error_; }

  bool Send(std::string_view bytes);
  bool SendFrame(std::string_view frame);
  // What comes next, any amount; nullopt: the end, or an error.
  std::optional<std::string> Read();
  std::optional<std::string> ReadFrame();
  // Whether the server ends the stream, whatever it sends before; with a farewell of TLS when
  // said_farewell() is true afterwards.
  bool ReadToEnd();
  bool said_farewell() const { return farewell_; }

  void Logon(std::string_view name = "test");

  // False: the server has refused.
  bool Renegotiate();

  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string cipher() const { return SSL_get_cipher_name(ssl_.get()); }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  // What a later client may resume.
  std::shared_ptr<SSL_SESSION> session() const {
    // The connection's own is not resumable once the connection breaks off.
    return {SSL_SESSION_dup(SSL_get0_session(ssl_.get())), SSL_SESSION_free};
  }
  // Of the server's certificate.
  std::string server_common_name() const;

 private:
  // Runs `call` until it succeeds, moving bytes as it wants. False: error, end or timeout.
  template <typename Call>
  bool Drive(Call call);
  bool FlushOut();
  bool FillIn();
  bool Fail(std::string_view why);

  RawClient socket_;
  const size_t send_bytes_max_;
  net::SslContextPointer context_;
  net::SslPointer ssl_;
  bool farewell_ = false;
  std::string error_;
  std::string buffer_;
};

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SUPPORT_TLS_CLIENT_H_
