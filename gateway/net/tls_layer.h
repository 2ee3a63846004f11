// The server's side of TLS on a socket, by OpenSSL. Reactor thread only.
#ifndef FLUXGATE_GATEWAY_NET_TLS_LAYER_H_
#define FLUXGATE_GATEWAY_NET_TLS_LAYER_H_

#include <memory>
#include <string>

#include "gateway/net/openssl_pointers.h"
#include "gateway/net/socket_layer.h"

namespace fluxgate::net {

class TlsLayer final : public SocketLayer {
 public:
  // `ssl` is new; `fd` stays its owner's, who closes it after the layer's last call. `keep_alive`
  // is what `ssl` refers to.
  TlsLayer(SslPointer ssl, int fd, std::shared_ptr<const void> keep_alive);
  TlsLayer(const TlsLayer&) = delete;
  TlsLayer& operator=(const TlsLayer&) = delete;

  Outcome Handshake() override;
  Result Read(char* to, size_t size) override;
  bool holds_input() const override { return holds_input_; }
  bool holds_part() const override;
  Result Write(std::span<const iovec> pieces) override;
  Outcome Shutdown() override;
  std::string_view error() const override { return error_; }
  const PeerCertificate* peer_certificate() const override { return peer_certificate_.get(); }

 private:
  static int ReadSocket(BIO* bio, char* to, int size);
  static int WriteSocket(BIO* bio, const char* from, int size);
  static long Control(BIO* bio, int command, long number, void* pointer);
  static const BIO_METHOD* SocketMethod();

  Outcome OutcomeOf(int returned, std::string_view during);

  const std::shared_ptr<const void> keep_alive_;
  const SslPointer ssl_;
  const int fd_;
  bool may_read_socket_ = true;
  bool socket_ended_ = false;
  int socket_error_ = 0;
  bool holds_input_ = false;
  bool established_ = false;
  Outcome final_ = Outcome::kDone;  // kEnded or kFailed: nothing more will be read
  std::string error_;
  std::unique_ptr<PeerCertificate> peer_certificate_;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_TLS_LAYER_H_
