#include "gateway/net/tls_layer.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace fluxgate::net {
namespace {

bool TryAgain(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL and reads as often as it likes.
const BIO_METHOD* TlsLayer::SocketMethod() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "fluxgate socket");
    BIO_meth_set_read(made, &TlsLayer::ReadSocket);
    BIO_meth_set_write(made, &TlsLayer::WriteSocket);
    BIO_meth_set_ctrl(made, &TlsLayer::Control);
    return made;
  }();
  return method;
}

int TlsLayer::ReadSocket(BIO* bio, char* to, int size) {
  auto& layer = *static_cast<TlsLayer*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (!layer.may_read_socket_) {
    BIO_set_retry_read(bio);
    return -1;
  }
  // During the handshake it may read on until the socket is empty.
  layer.may_read_socket_ = !layer.established_;
  const ssize_t got = recv(layer.fd_, to, static_cast<size_t>(size), 0);
  if (got == 0) layer.socket_ended_ = true;
  if (got < 0 && TryAgain(errno)) {
    BIO_set_retry_read(bio);
  } else if (got < 0) {
    layer.socket_error_ = errno;
  }
  return static_cast<int>(got);
}

int TlsLayer::WriteSocket(BIO* bio, const char* from, int size) {
  auto& layer = *static_cast<TlsLayer*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t sent = send(layer.fd_, from, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && TryAgain(errno)) {
    BIO_set_retry_write(bio);
  } else if (sent < 0) {
    layer.socket_error_ = errno;
  }
  return static_cast<int>(sent);
}

long TlsLayer::Control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return static_cast<TlsLayer*>(BIO_get_data(bio))->socket_ended_;
  return 0;
}

TlsLayer::TlsLayer(SslPointer ssl, int fd, std::shared_ptr<const void> keep_alive)
    : keep_alive_(std::move(keep_alive)), ssl_(std::move(ssl)), fd_(fd) {
  BIO* bio = BIO_new(SocketMethod());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

SocketLayer::Outcome TlsLayer::OutcomeOf(int returned, std::string_view during) {
  if (final_ != Outcome::kDone) return final_;
  const int error = SSL_get_error(ssl_.get(), returned);
  switch (error) {
    case SSL_ERROR_WANT_READ:
      return Outcome::kWantsRead;
    case SSL_ERROR_WANT_WRITE:
      return Outcome::kWantsWrite;
    case SSL_ERROR_ZERO_RETURN:
      error_ = established_ ? "connection closed" : "TLS handshake: connection closed";
      return final_ = Outcome::kEnded;
    default:
      break;
  }
  std::string reason;
  if (socket_error_ != 0) {
    reason = std::strerror(socket_error_);
  } else if (socket_ended_) {
    reason = "connection closed";
  } else {
    reason = TakeOpensslReason();
    const long verified = SSL_get_verify_result(ssl_.get());
    if (!established_ && verified != X509_V_OK) {
      reason += fmt::format(": {}", X509_verify_cert_error_string(verified));
    }
  }
  ERR_clear_error();
  // What is not about TLS reads as it does without it.
  const bool of_socket = established_ && (socket_error_ != 0 || socket_ended_);
  error_ = of_socket ? reason : fmt::format("{}: {}", during, reason);
  return final_ = Outcome::kFailed;
}

SocketLayer::Outcome TlsLayer::Handshake() {
  if (established_) return Outcome::kDone;
  ERR_clear_error();
  const int returned = SSL_do_handshake(ssl_.get());
  if (returned != 1) return OutcomeOf(returned, "TLS handshake");
  established_ = true;
  holds_input_ = true;  // the client may have sent on at once
  if (const X509Pointer certificate{SSL_get1_peer_certificate(ssl_.get())};
      certificate != nullptr) {
    peer_certificate_ = std::make_unique<PeerCertificate>(DescribeCertificate(*certificate));
    peer_certificate_->verified = SSL_get_verify_result(ssl_.get()) == X509_V_OK;
  }
  return Outcome::kDone;
}

SocketLayer::Result TlsLayer::Read(char* to, size_t size) {
  may_read_socket_ = !std::exchange(holds_input_, false);
  size_t got = 0;
  while (got < size) {
    size_t one = 0;
    ERR_clear_error();
    if (final_ == Outcome::kDone && SSL_read_ex(ssl_.get(), to + got, size - got, &one) == 1) {
      got += one;
      continue;
    }
    const Outcome outcome = OutcomeOf(0, "TLS");
    if (got == 0) return {outcome, 0};
    holds_input_ = outcome == Outcome::kEnded || outcome == Outcome::kFailed;
    return {Outcome::kDone, got};
  }
  holds_input_ = true;  // perhaps
  return {Outcome::kDone, got};
}

bool TlsLayer::holds_part() const {
  // Of a record of which there is no more than its header, nothing is pending.
  return !holds_input_ && (SSL_has_pending(ssl_.get()) == 1 ||
                           std::strcmp(SSL_rstate_string(ssl_.get()), "RB") == 0);
}

SocketLayer::Result TlsLayer::Write(std::span<const iovec> pieces) {
  size_t sent = 0;
  for (const iovec& piece : pieces) {
    std::string_view rest(static_cast<const char*>(piece.iov_base), piece.iov_len);
    while (!rest.empty()) {
      size_t one = 0;
      ERR_clear_error();
      if (SSL_write_ex(ssl_.get(), rest.data(), rest.size(), &one) != 1) {
        // What OpenSSL has taken of `rest` counts as sent when the next call gives the same.
        const Outcome outcome = OutcomeOf(0, "TLS");
        return sent > 0 ? Result{Outcome::kDone, sent} : Result{outcome, 0};
      }
      sent += one;
      rest.remove_prefix(one);
    }
  }
  return {Outcome::kDone, sent};
}

SocketLayer::Outcome TlsLayer::Shutdown() {
  if (!established_ || final_ == Outcome::kFailed) return Outcome::kDone;
  ERR_clear_error();
  const int returned = SSL_shutdown(ssl_.get());
  const bool again = returned < 0 && SSL_get_error(ssl_.get(), returned) == SSL_ERROR_WANT_WRITE;
  ERR_clear_error();
  return again ? Outcome::kWantsWrite : Outcome::kDone;
}

}  // namespace fluxgate::net
