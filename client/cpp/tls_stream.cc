#include "client/cpp/tls_stream.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "client/cpp/socket.h"
#include "core/base/error.h"

namespace fluxgate::client {
namespace {

using Clock = std::chrono::steady_clock;

std::string TakeReason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason != nullptr ? reason : "no reason given";
}

absl::Status BadFile(std::string_view option, const std::string& file) {
  return MakeError(ErrorCode::kBadOption, fmt::format("{} {}: {}", option, file, TakeReason()));
}

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL.
int SendQuietly(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto fd = static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
  const ssize_t sent = send(fd, bytes, static_cast<size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long ControlNothing(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO* NewSendingBio(int fd) {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "fluxgate send");
    BIO_meth_set_write(made, &SendQuietly);
    BIO_meth_set_ctrl(made, &ControlNothing);
    return made;
  }();
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

// The names that the server's certificate has to have.
void ExpectHost(SSL* ssl, const std::string& host) {
  in6_addr address;
  const bool is_address = inet_pton(AF_INET, host.c_str(), &address) == 1 ||
                          inet_pton(AF_INET6, host.c_str(), &address) == 1;
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set1_host(ssl, host.c_str());
    SSL_set_tlsext_host_name(ssl, host.c_str());
  }
}

std::string HandshakeReason(SSL* ssl, int error, int system_error) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) {
    return fmt::format("its certificate is not good: {}", X509_verify_cert_error_string(verified));
  }
  if (error == SSL_ERROR_SSL) return TakeReason();
  return system_error == 0 ? "it closed the connection" : SystemErrorText(system_error);
}

}  // namespace

absl::StatusOr<TlsStream::ContextPointer> TlsStream::NewContext(const TlsUriOptions& options) {
  ContextPointer made(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = made.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  ERR_clear_error();
  if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1) {
    return BadFile("ca_file", options.ca_file);
  }
  if (options.certificate.empty()) return made;
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1) {
    return BadFile("certificate", options.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return BadFile("private_key", options.private_key);
  }
  return made;
}

absl::StatusOr<std::unique_ptr<TlsStream>> TlsStream::Connect(int fd, const Uri& uri,
                                                              std::chrono::milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  const auto context = NewContext(uri.tls_options);
  if (!context.ok()) return context.status();
  SslPointer ssl(SSL_new(context->get()));
  SSL_set_bio(ssl.get(), BIO_new_socket(fd, BIO_NOCLOSE), NewSendingBio(fd));
  SSL_set_connect_state(ssl.get());
  ExpectHost(ssl.get(), uri.host);
  while (true) {
    ERR_clear_error();
    errno = 0;
    const int returned = SSL_do_handshake(ssl.get());
    if (returned == 1) return std::unique_ptr<TlsStream>(new TlsStream(std::move(ssl)));
    const int system_error = errno;
    const int error = SSL_get_error(ssl.get(), returned);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      return absl::UnavailableError(fmt::format("no TLS with {}: {}", uri.Address(),
                                                HandshakeReason(ssl.get(), error, system_error)));
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd event{fd, static_cast<short>(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
    if (left <= 0 || poll(&event, 1, static_cast<int>(std::min<int64_t>(left, 1 << 30))) == 0) {
      return absl::DeadlineExceededError(
          fmt::format("no TLS with {} in time; is this its port for TLS?", uri.Address()));
    }
  }
}

// `errno` is the system's when it is the reason.
ssize_t TlsStream::Failed() {
  switch (SSL_get_error(ssl_.get(), 0)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_SYSCALL:
      if (errno == 0) errno = ECONNRESET;
      return -1;
    default:
      ERR_clear_error();
      errno = EPROTO;
      return -1;
  }
}

ssize_t TlsStream::Receive(char* to, size_t size) {
  size_t got = 0;
  held_ = false;
  while (got < size) {
    size_t one = 0;
    ERR_clear_error();
    errno = 0;
    if (SSL_read_ex(ssl_.get(), to + got, size - got, &one) != 1) {
      // An end or an error comes again with the next call.
      return got > 0 ? static_cast<ssize_t>(got) : Failed();
    }
    got += one;
  }
  held_ = true;
  return static_cast<ssize_t>(got);
}

ssize_t TlsStream::Send(const char* bytes, size_t size) {
  size_t sent = 0;
  ERR_clear_error();
  errno = 0;
  if (SSL_write_ex(ssl_.get(), bytes, size, &sent) == 1) return static_cast<ssize_t>(sent);
  const ssize_t failed = Failed();
  if (failed == 0) errno = EPIPE;  // the server has said farewell
  return -1;
}

void TlsStream::Shutdown() {
  (void)SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace fluxgate::client
