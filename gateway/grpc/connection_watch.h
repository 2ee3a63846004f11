// Knows which connections gRPC still has, so that they stay counted by the accept layer. Watches a
// duplicate of each descriptor for the end of the connection. Reactor thread only.
#ifndef FLUXGATE_GATEWAY_GRPC_CONNECTION_WATCH_H_
#define FLUXGATE_GATEWAY_GRPC_CONNECTION_WATCH_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "gateway/net/admission.h"
#include "gateway/net/reactor.h"

namespace fluxgate::grpc_api {

class ConnectionWatch {
 public:
  // `reactor` outlives the watch.
  explicit ConnectionWatch(net::Reactor& reactor);
  ~ConnectionWatch();

  // Keeps `admission` until the connection behind `fd` has ended. `fd` stays the caller's. Fails
  // when no descriptor is left for the duplicate.
  absl::Status Add(int fd, net::Admission admission);
  size_t size() const { return watched_.size(); }

 private:
  class Watched;
  void Remove(Watched* watched);

  net::Reactor& reactor_;
  std::vector<std::unique_ptr<Watched>> watched_;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_CONNECTION_WATCH_H_
