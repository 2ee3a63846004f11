// What the loaded modules of a configuration are to its transports.
#ifndef FLUXGATE_GATEWAY_SERVER_TRANSPORT_MODULES_H_
#define FLUXGATE_GATEWAY_SERVER_TRANSPORT_MODULES_H_

#include <memory>

#include "absl/status/statusor.h"
#include "core/module/module_host.h"
#include "gateway/config/config.h"
#include "gateway/modules/loaded_protocol.h"
#include "gateway/modules/loaded_transport.h"
#include "gateway/modules/loaded_transport_filter.h"
#include "gateway/net/admission.h"
#include "gateway/net/listener.h"
#include "gateway/net/reactor.h"

namespace fluxgate {

// A context for this transport; null: it has no filter. kBadOption: the module lacks an entry
// point, or its context cannot be made.
absl::StatusOr<std::shared_ptr<LoadedTransportFilter>> MakeTransportFilter(
    const config::Config& config, const config::Transport& transport, const ModuleHost& modules);

// A context for this transport, whose protocol is not built in. Errors as above.
absl::StatusOr<std::shared_ptr<const LoadedProtocol>> MakeProtocol(
    const config::Config& config, const config::Transport& transport, const ModuleHost& modules);

// A context for this transport, whose type is a module. Errors as above.
absl::StatusOr<std::unique_ptr<LoadedTransport>> MakeTransport(
    const config::Config& config, const config::Transport& transport, const ModuleHost& modules,
    net::Reactor& reactor, net::AdmissionGate& gate, net::Listener::OnAccept on_accept);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SERVER_TRANSPORT_MODULES_H_
