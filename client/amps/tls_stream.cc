#include "client/amps/tls_stream.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>

#include "amps/exceptions.h"
#include "client/amps/tls_library.h"
#include "client/cpp/socket.h"

namespace AMPS::internal {
namespace {

using Clock = std::chrono::steady_clock;
using fluxgate::client::SystemErrorText;
using fluxgate::client::TlsUriOptions;
using fluxgate::client::Uri;

std::string TakeReason(const TlsLibrary& tls) {
  const char* const reason = tls.ERR_reason_error_string(tls.ERR_peek_last_error());
  tls.ERR_clear_error();
  return reason != nullptr ? reason : "no reason given";
}

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL.
int BioWrite(BIO* bio, const char* bytes, int size) {
  const TlsLibrary& tls = TlsLibrary::Get();
  tls.BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  const auto fd = static_cast<int>(reinterpret_cast<intptr_t>(tls.BIO_get_data(bio)));
  const ssize_t sent = send(fd, bytes, static_cast<size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
    tls.BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY);
  }
  return static_cast<int>(sent);
}

int BioRead(BIO* bio, char* to, int size) {
  const TlsLibrary& tls = TlsLibrary::Get();
  tls.BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  const auto fd = static_cast<int>(reinterpret_cast<intptr_t>(tls.BIO_get_data(bio)));
  const ssize_t got = recv(fd, to, static_cast<size_t>(size), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    tls.BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
  }
  return static_cast<int>(got);
}

long BioControl(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO* NewBio(const TlsLibrary& tls, int fd) {
  static BIO_METHOD* const method = [&tls] {
    BIO_METHOD* made =
        tls.BIO_meth_new(tls.BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "fluxgate socket");
    tls.BIO_meth_set_write(made, &BioWrite);
    tls.BIO_meth_set_read(made, &BioRead);
    tls.BIO_meth_set_ctrl(made, &BioControl);
    return made;
  }();
  BIO* const bio = tls.BIO_new(method);
  tls.BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  tls.BIO_set_init(bio, 1);
  return bio;
}

struct FreeContext {
  const TlsLibrary& tls;
  void operator()(SSL_CTX* context) const { tls.SSL_CTX_free(context); }
};
using ContextPointer = std::unique_ptr<SSL_CTX, FreeContext>;

struct FreeSsl {
  const TlsLibrary& tls;
  void operator()(SSL* ssl) const { tls.SSL_free(ssl); }
};
using SslPointer = std::unique_ptr<SSL, FreeSsl>;

[[noreturn]] void ThrowBadFile(const TlsLibrary& tls, const char* option, const std::string& file) {
  throw InvalidTransportOptionsException(
      fmt::format("option {}: {}: {}", option, file, TakeReason(tls)));
}

ContextPointer NewContext(const TlsLibrary& tls, const TlsUriOptions& options) {
  ContextPointer made(tls.SSL_CTX_new(tls.TLS_client_method()), FreeContext{tls});
  SSL_CTX* const context = made.get();
  if (context == nullptr) throw SslException(fmt::format("TLS: {}", TakeReason(tls)));
  tls.SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
  tls.SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  tls.SSL_CTX_ctrl(context, SSL_CTRL_MODE,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, nullptr);
  tls.SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  tls.ERR_clear_error();
  if (options.ca_file.empty() && options.ca_path.empty()) {
    tls.SSL_CTX_set_default_verify_paths(context);
  }
  if (!options.ca_file.empty() &&
      tls.SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) != 1) {
    ThrowBadFile(tls, "ca_file", options.ca_file);
  }
  if (!options.ca_path.empty() && !std::filesystem::is_directory(options.ca_path)) {
    throw InvalidTransportOptionsException(
        fmt::format("option ca_path: {} is no directory", options.ca_path));
  }
  if (!options.ca_path.empty() &&
      tls.SSL_CTX_load_verify_locations(context, nullptr, options.ca_path.c_str()) != 1) {
    ThrowBadFile(tls, "ca_path", options.ca_path);
  }
  if (options.certificate.empty()) return made;
  if (tls.SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1) {
    ThrowBadFile(tls, "certificate", options.certificate);
  }
  if (tls.SSL_CTX_use_PrivateKey_file(context, options.private_key.c_str(), SSL_FILETYPE_PEM) !=
      1) {
    ThrowBadFile(tls, "private_key", options.private_key);
  }
  return made;
}

// The names that the server's certificate has to have.
void ExpectHost(const TlsLibrary& tls, SSL* ssl, const std::string& host) {
  in6_addr address;
  const bool is_address = inet_pton(AF_INET, host.c_str(), &address) == 1 ||
                          inet_pton(AF_INET6, host.c_str(), &address) == 1;
  const bool good =
      is_address ? tls.X509_VERIFY_PARAM_set1_ip_asc(tls.SSL_get0_param(ssl), host.c_str()) == 1
                 : tls.SSL_set1_host(ssl, host.c_str()) == 1;
  if (!good) throw SslException(fmt::format("TLS: '{}' cannot be in a certificate", host));
  if (is_address) return;
  tls.SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(host.c_str()));
}

std::string HandshakeReason(const TlsLibrary& tls, SSL* ssl, int error, int system_error) {
  const long verified = tls.SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) {
    return fmt::format("its certificate is not good: {}",
                       tls.X509_verify_cert_error_string(verified));
  }
  if (error == SSL_ERROR_SSL) return TakeReason(tls);
  return system_error == 0 ? "it closed the connection" : SystemErrorText(system_error);
}

class TlsStream final : public ByteStream {
 public:
  TlsStream(const TlsLibrary& tls, SslPointer ssl) : tls_(tls), ssl_(std::move(ssl)) {}

  ssize_t Receive(char* to, size_t size) override {
    size_t got = 0;
    held_ = false;
    while (got < size) {
      size_t one = 0;
      tls_.ERR_clear_error();
      errno = 0;
      if (tls_.SSL_read_ex(ssl_.get(), to + got, size - got, &one) != 1) {
        // An end or an error comes again with the next call.
        return got > 0 ? static_cast<ssize_t>(got) : Failed();
      }
      got += one;
    }
    held_ = true;
    return static_cast<ssize_t>(got);
  }

  ssize_t Send(const char* bytes, size_t size) override {
    size_t sent = 0;
    tls_.ERR_clear_error();
    errno = 0;
    if (tls_.SSL_write_ex(ssl_.get(), bytes, size, &sent) == 1) return static_cast<ssize_t>(sent);
    if (Failed() == 0) errno = EPIPE;  // the server has said farewell
    return -1;
  }

  bool holds_input() const override { return held_ && tls_.SSL_has_pending(ssl_.get()) == 1; }

  void Shutdown() override {
    (void)tls_.SSL_shutdown(ssl_.get());
    tls_.ERR_clear_error();
  }

 private:
  // `errno` is the system's when it is the reason.
  ssize_t Failed() {
    switch (tls_.SSL_get_error(ssl_.get(), 0)) {
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
        tls_.ERR_clear_error();
        errno = EPROTO;
        return -1;
    }
  }

  const TlsLibrary& tls_;
  const SslPointer ssl_;
  bool held_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> ConnectTls(int fd, const Uri& uri, Clock::time_point deadline,
                                       int interrupt_fd) {
  const TlsLibrary& tls = TlsLibrary::Get();
  const ContextPointer context = NewContext(tls, uri.tls_options);
  SslPointer ssl(tls.SSL_new(context.get()), FreeSsl{tls});
  if (ssl == nullptr) throw SslException(fmt::format("TLS: {}", TakeReason(tls)));
  BIO* const bio = NewBio(tls, fd);
  tls.SSL_set_bio(ssl.get(), bio, bio);
  tls.SSL_set_connect_state(ssl.get());
  ExpectHost(tls, ssl.get(), uri.host);
  while (true) {
    tls.ERR_clear_error();
    errno = 0;
    const int returned = tls.SSL_do_handshake(ssl.get());
    if (returned == 1) return std::make_unique<TlsStream>(tls, std::move(ssl));
    const int system_error = errno;
    const int error = tls.SSL_get_error(ssl.get(), returned);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      throw SslException(fmt::format("no TLS with {}: {}", uri.Address(),
                                     HandshakeReason(tls, ssl.get(), error, system_error)));
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd events[] = {{fd, static_cast<short>(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0},
                       {interrupt_fd, POLLIN, 0}};
    if (left <= 0 || poll(events, 2, static_cast<int>(std::min<int64_t>(left, 1 << 30))) == 0) {
      throw SslException(
          fmt::format("no TLS with {} in time; is this its port for TLS?", uri.Address()));
    }
    if (events[1].revents != 0) {
      throw DisconnectedException("the client is being disconnected");
    }
  }
}

}  // namespace AMPS::internal
