// The TLS of all transports that have it: made at start, kept as new as its files. Reactor thread,
// or before it runs.
#ifndef FLUXGATE_GATEWAY_SERVER_TRANSPORT_TLS_H_
#define FLUXGATE_GATEWAY_SERVER_TRANSPORT_TLS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/config/config.h"
#include "gateway/net/listener.h"
#include "gateway/net/reactor.h"
#include "gateway/net/tls_context.h"

namespace fluxgate {

net::TlsOptions TlsOptionsOf(const config::Transport& transport);

// What is wrong with the files of a transport with TLS, or nothing.
std::string TryTls(const config::Transport& transport);

// False: there is no memory for it; the connection has been closed.
bool AddTlsLayer(const net::TlsContext& tls, net::Accepted& accepted);

class TransportTls {
 public:
  // `reactor` outlives this, and must not run any more when this goes.
  TransportTls(net::Reactor& reactor, int64_t check_interval_ns)
      : reactor_(reactor), check_interval_ns_(check_interval_ns) {}

  // Null: the transport has no TLS. Lives as long as this. From the first one on files are looked
  // at regularly.
  absl::StatusOr<const net::TlsContext*> Open(const config::Transport& transport);

 private:
  struct Opened {
    std::string transport;
    std::unique_ptr<net::TlsContext> context;
  };
  void CheckFiles();

  net::Reactor& reactor_;
  const int64_t check_interval_ns_;
  std::vector<Opened> opened_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SERVER_TRANSPORT_TLS_H_
