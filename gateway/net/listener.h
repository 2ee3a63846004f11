// The accept layer: every connection of every protocol, gRPC's included, is accepted here, so that
// limits, running out of descriptors and draining are handled once. Reactor thread only.
#ifndef FLUXGATE_GATEWAY_NET_LISTENER_H_
#define FLUXGATE_GATEWAY_NET_LISTENER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/net/admission.h"
#include "gateway/net/reactor.h"
#include "gateway/net/socket_layer.h"

namespace fluxgate::net {

struct ListenAddress {
  std::string host;       // empty: every address
  uint16_t port = 0;      // 0: the system chooses
  std::string unix_path;  // not empty: a unix socket instead
  uint32_t unix_mode = 0600;
};

struct Accepted {
  int fd;               // non-blocking, close-on-exec; the receiver's
  std::string peer;     // "127.0.0.1:40312", "[::1]:40312" or "unix"
  Admission admission;  // keep while the connection lives
  // Between the connection and its socket; null: nothing. Set by those who know the transport.
  std::unique_ptr<SocketLayer> layer = nullptr;
};

class Listener final : public EventHandler {
 public:
  using OnAccept = std::function<void(Accepted)>;

  // Binds and listens, with the reason in plain words when that fails. A unix socket file left by a
  // process that is gone is replaced; one that somebody answers on, or any other file, is not.
  // `gate` and `reactor` outlive the listener.
  static absl::StatusOr<std::unique_ptr<Listener>> Listen(Reactor& reactor, AdmissionGate& gate,
                                                          const ListenAddress& address,
                                                          OnAccept on_accept);
  ~Listener() override;

  // As it can be connected to: "127.0.0.1:9007", "/tmp/fluxgate.sock".
  const std::string& bound_address() const { return bound_address_; }
  uint16_t port() const { return port_; }

  // No more connections; those waiting in the backlog are refused by the system.
  void Close();

  void OnEvents(uint32_t events) override;

 private:
  Listener(Reactor& reactor, AdmissionGate& gate, OnAccept on_accept)
      : reactor_(reactor), gate_(gate), on_accept_(std::move(on_accept)) {}
  absl::Status OpenTcp(const ListenAddress& address);
  absl::Status OpenUnix(const ListenAddress& address);
  void RefuseOne();

  Reactor& reactor_;
  AdmissionGate& gate_;
  OnAccept on_accept_;
  int fd_ = -1;
  int spare_fd_ = -1;  // given up for a moment to refuse a connection when descriptors run out
  uint16_t port_ = 0;
  std::string bound_address_;
  std::string unix_path_;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_LISTENER_H_
