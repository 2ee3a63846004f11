// A protocol of a loaded module (amps_protocol_module.h): one context of it. Its connections are
// those of our own `amps` protocol with a layer that translates, so logon, entitlement, acks,
// order, limits and draining are the same, and are nowhere twice. Reactor thread only, but Create.
#ifndef FLUXGATE_GATEWAY_MODULES_LOADED_PROTOCOL_H_
#define FLUXGATE_GATEWAY_MODULES_LOADED_PROTOCOL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "amps_protocol_module.h"
#include "core/module/module_context.h"
#include "gateway/module_services/command_view.h"
#include "gateway/net/socket_layer.h"
#include "gateway/session/session_host.h"

namespace fluxgate {

struct ProtocolLimits {
  CommandLimits commands;
  uint64_t output_bytes_max = 32ull << 20;  // of one call
};

// A protocol's clients that give no name get "TRANSPORT-PEER-NUMBER", of which the number is never
// cut.
inline constexpr size_t kMadeUpNameBytesMax = 255;

class LoadedProtocol final : public Protocol, public std::enable_shared_from_this<LoadedProtocol> {
 public:
  // `name` is the protocol's. kBadOption: the module lacks an entry point, or its context cannot be
  // made.
  static absl::StatusOr<std::shared_ptr<const LoadedProtocol>> Create(
      std::string name, std::shared_ptr<Module> module, const ModuleOptions& options,
      const ProtocolLimits& limits);

  std::string_view name() const override { return name_; }
  // What the module refuses is closed.
  void Accept(SessionHost& host, const TransportInfo& transport,
              net::Accepted accepted) const override;

  // Without a message type of the transport's: json, where the client says none. The layer keeps
  // this alive. Null: the module refuses the connection.
  std::unique_ptr<net::SocketLayer> Open(std::unique_ptr<net::SocketLayer> below,
                                         const std::string& remote_address,
                                         const TransportInfo& transport) const;

 private:
  friend class ProtocolLayer;
  struct EntryPoints {
    decltype(amps_protocol_open)* open;
    decltype(amps_protocol_close)* close;
    decltype(amps_protocol_decode)* decode;
    decltype(amps_protocol_encode)* encode;
  };

  LoadedProtocol(std::string name, std::shared_ptr<ModuleContext> context,
                 const EntryPoints& entry_points, const ProtocolLimits& limits);

  const std::string name_;
  const std::shared_ptr<ModuleContext> context_;
  const EntryPoints entry_points_;
  const ProtocolLimits limits_;
  const std::unique_ptr<char[]> read_buffer_;
  mutable uint64_t connections_ = 0;  // ever; part of the names of clients that give none
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULES_LOADED_PROTOCOL_H_
