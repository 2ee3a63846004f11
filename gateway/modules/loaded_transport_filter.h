// A transport filter of a loaded module (amps_transport_filter_module.h): one context, and a layer
// for each connection, on its socket or on its TLS. Reactor thread only, but Create.
#ifndef FLUXGATE_GATEWAY_MODULES_LOADED_TRANSPORT_FILTER_H_
#define FLUXGATE_GATEWAY_MODULES_LOADED_TRANSPORT_FILTER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "amps_transport_filter_module.h"
#include "core/module/module_context.h"
#include "gateway/net/listener.h"
#include "gateway/net/socket_layer.h"

namespace fluxgate {

// Of what a connection receives: given to the module in pieces of at most so many bytes,
inline constexpr size_t kFilterPieceBytesMax = 4 * 1024;
// until so many bytes have been made of it, and then when these have been read.
inline constexpr size_t kFilteredBytesMax = 256 * 1024;

class LoadedTransportFilter : public std::enable_shared_from_this<LoadedTransportFilter> {
 public:
  // `bytes_max` is what a call may make. kBadOption: the module lacks an entry point, or its
  // context cannot be made.
  static absl::StatusOr<std::shared_ptr<LoadedTransportFilter>> Create(
      std::shared_ptr<Module> module, const ModuleOptions& options, uint64_t bytes_max);

  // The layer keeps this alive. Null: the module refuses the connection.
  std::unique_ptr<net::SocketLayer> Open(std::unique_ptr<net::SocketLayer> below,
                                         const std::string& remote_address);
  // The same for a connection that has been accepted, under what it has already. False: refused;
  // it has been closed.
  bool AddTo(net::Accepted& accepted);

 private:
  friend class TransportFilterLayer;
  struct EntryPoints {
    decltype(amps_transport_filter_open)* open;
    decltype(amps_transport_filter_received)* received;
    decltype(amps_transport_filter_sending)* sending;
    decltype(amps_transport_filter_close)* close;
  };

  LoadedTransportFilter(std::shared_ptr<ModuleContext> context, const EntryPoints& entry_points,
                        uint64_t bytes_max);

  const std::shared_ptr<ModuleContext> context_;
  const EntryPoints entry_points_;
  const uint64_t bytes_max_;
  const std::unique_ptr<char[]> read_buffer_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULES_LOADED_TRANSPORT_FILTER_H_
