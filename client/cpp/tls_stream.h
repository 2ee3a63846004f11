// TLS on a connected socket, by OpenSSL: the client's side. One thread.
#ifndef FLUXGATE_CLIENT_CPP_TLS_STREAM_H_
#define FLUXGATE_CLIENT_CPP_TLS_STREAM_H_

#include <openssl/ssl.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/uri.h"

namespace fluxgate::client {

class TlsStream {
 public:
  // Makes the handshake within `timeout`, and takes nobody but a server with a certificate for the
  // host of `uri` by a CA of its ca_file, or of the system's where it names none. `fd`
  // (non-blocking) stays the caller's. kBadOption for files that cannot be used, kUnavailable with
  // the reason when the handshake fails, kDeadlineExceeded when it takes too long.
  static absl::StatusOr<std::unique_ptr<TlsStream>> Connect(int fd, const Uri& uri,
                                                            std::chrono::milliseconds timeout);

  // As recv and send without waiting: EAGAIN also when TLS itself has to wait, EPROTO when it has
  // failed.
  ssize_t Receive(char* to, size_t size);
  ssize_t Send(const char* bytes, size_t size);
  // Whether Receive may give something of which the socket does not tell.
  bool holds_input() const { return SSL_has_pending(ssl_.get()) == 1 && held_; }
  // Says farewell, as far as the socket takes it.
  void Shutdown();

 private:
  template <auto free_function>
  struct Free {
    template <typename T>
    void operator()(T* object) const {
      free_function(object);
    }
  };
  using ContextPointer = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
  using SslPointer = std::unique_ptr<SSL, Free<SSL_free>>;

  explicit TlsStream(SslPointer ssl) : ssl_(std::move(ssl)) {}
  static absl::StatusOr<ContextPointer> NewContext(const TlsUriOptions& options);
  ssize_t Failed();

  const SslPointer ssl_;
  bool held_ = false;
};

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_TLS_STREAM_H_
