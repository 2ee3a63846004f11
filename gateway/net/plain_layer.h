// The socket itself as a layer: what others stand on where there is no TLS. Reactor thread only.
#ifndef FLUXGATE_GATEWAY_NET_PLAIN_LAYER_H_
#define FLUXGATE_GATEWAY_NET_PLAIN_LAYER_H_

#include <string>

#include "gateway/net/socket_layer.h"

namespace fluxgate::net {

class PlainLayer final : public SocketLayer {
 public:
  // `fd` (non-blocking) stays its owner's, who closes it after the layer's last call.
  explicit PlainLayer(int fd) : fd_(fd) {}

  bool needs_handshake() const override { return false; }
  Outcome Handshake() override { return Outcome::kDone; }
  Result Read(char* to, size_t size) override;
  bool holds_input() const override { return false; }
  bool holds_part() const override { return false; }
  Result Write(std::span<const iovec> pieces) override;
  Outcome Shutdown() override { return Outcome::kDone; }
  std::string_view error() const override { return error_; }

 private:
  Result Fail();

  const int fd_;
  std::string error_ = "connection closed";
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_PLAIN_LAYER_H_
