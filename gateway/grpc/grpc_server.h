// The gRPC edge: the gRPC library's server on connections that our accept layer hands over, with
// the two services, health and reflection.
//
// Its own listener is not used: it never accepts again once the process has run out of descriptors.
#ifndef FLUXGATE_GATEWAY_GRPC_GRPC_SERVER_H_
#define FLUXGATE_GATEWAY_GRPC_GRPC_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "gateway/grpc/grpc_options.h"
#include "gateway/net/listener.h"
#include "gateway/net/tls_context.h"
#include "gateway/session/session_host.h"

namespace fluxgate {

class GrpcServer {
 public:
  // On the reactor's thread, or before it runs. `host`, its reactor and engine, `transport` and
  // `tls` outlive the server. Without `tls` connections are plain. Errors: kInternal when the gRPC
  // library does not start.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(SessionHost& host,
                                                           const TransportInfo& transport,
                                                           const GrpcOptions& options,
                                                           const net::TlsContext* tls = nullptr);

  // Cuts off every call that is left. When the reactor has run, Run must have returned.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // Reactor thread. Takes over an accepted connection; closes it when the server is draining or no
  // descriptor is left to watch it with.
  void HandOver(net::Accepted accepted);

  // Reactor thread, once. Health says NOT_SERVING, no connection is taken over any more, every
  // stream gets GoAway and ends with UNAVAILABLE / DRAINING after a grace (drain_grace_ns, at most
  // half of `timeout_ns`), everything accepted processed and acknowledged before. What is left
  // after `timeout_ns` is cut off. Then `done` runs on the reactor, which must go on running until
  // then.
  void Drain(int64_t timeout_ns, std::function<void()> done);

  size_t connection_count() const;
  size_t stream_count() const;

 private:
  class Parts;
  explicit GrpcServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
  std::thread drain_thread_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_GRPC_GRPC_SERVER_H_
