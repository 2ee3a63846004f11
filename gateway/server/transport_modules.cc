#include "gateway/server/transport_modules.h"

#include <algorithm>
#include <string>
#include <utility>

namespace fluxgate {
namespace {

// A use without options of its own gets those of the module.
const ModuleOptions& OptionsOf(const config::Config& config, const std::string& module,
                               const config::Options& own) {
  const auto found = std::ranges::find(config.modules, module, &config::ModuleConfig::name);
  return own.empty() && found != config.modules.end() ? found->options : own;
}

}  // namespace

absl::StatusOr<std::shared_ptr<LoadedTransportFilter>> MakeTransportFilter(
    const config::Config& config, const config::Transport& transport, const ModuleHost& modules) {
  if (transport.filter.empty()) return nullptr;
  auto module = modules.Find(transport.filter);
  if (!module.ok()) return module.status();
  return LoadedTransportFilter::Create(*std::move(module), OptionsOf(config, transport.filter, {}),
                                       config.limits.module_output_bytes_max);
}

absl::StatusOr<std::shared_ptr<const LoadedProtocol>> MakeProtocol(
    const config::Config& config, const config::Transport& transport, const ModuleHost& modules) {
  config::ProtocolConfig use{transport.protocol, transport.protocol, {}};
  const auto named =
      std::ranges::find(config.protocols, transport.protocol, &config::ProtocolConfig::name);
  if (named != config.protocols.end()) use = *named;
  auto module = modules.Find(use.module);
  if (!module.ok()) return module.status();
  ProtocolLimits limits;
  limits.commands.body_bytes_max = config.limits.message_size_bytes_max;
  limits.commands.header_bytes_max = config.limits.header_size_bytes_max;
  limits.output_bytes_max = config.limits.module_output_bytes_max;
  return LoadedProtocol::Create(use.name, *std::move(module),
                                OptionsOf(config, use.module, use.options), limits);
}

absl::StatusOr<std::unique_ptr<LoadedTransport>> MakeTransport(
    const config::Config& config, const config::Transport& transport, const ModuleHost& modules,
    net::Reactor& reactor, net::AdmissionGate& gate, net::Listener::OnAccept on_accept) {
  auto module = modules.Find(transport.type_module);
  if (!module.ok()) return module.status();
  return LoadedTransport::Create(transport.name, *std::move(module),
                                 OptionsOf(config, transport.type_module, transport.options),
                                 reactor, gate, std::move(on_accept));
}

}  // namespace fluxgate
