#include "gateway/server/gateway.h"

#include <fmt/format.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/module/loaded_functions.h"
#include "core/module/loaded_key_generator.h"
#include "gateway/actions/module_step.h"
#include "gateway/amps/amps_session.h"
#include "gateway/server/logging.h"
#include "gateway/server/message_types.h"
#include "gateway/server/transport_modules.h"
#include "gateway/server/version.h"
#include "gateway/storage/file_storage.h"

namespace fluxgate {
namespace {

constexpr int64_t kDrainCheckNs = 20'000'000;

// The registry: a protocol is one line here. That of message types is in message_types.cc.
std::vector<std::shared_ptr<const Protocol>> MakeProtocols() {
  std::vector<std::shared_ptr<const Protocol>> protocols;
  protocols.push_back(std::make_shared<amps::AmpsProtocol>());
  return protocols;
}

EngineOptions EngineOptionsOf(const config::Config& config, const ModuleHost& modules,
                              std::shared_ptr<const FunctionRegistry> functions) {
  const config::Limits& limits = config.limits;
  EngineOptions options;
  options.instance_name = config.name;
  options.functions = std::move(functions);
  options.key_generators = LoadedKeyGenerators(modules);
  options.version = kVersion;
  options.limits.subscriptions_per_session_max = limits.subscriptions_per_client_max;
  options.limits.body_bytes_max = limits.message_size_bytes_max;
  options.limits.queries_per_session_max = limits.queries_per_client_max;
  options.limits.query_held_bytes_max = limits.query_held_bytes_max;
  options.limits.batch_records_max = limits.records_per_batch_max;
  options.limits.page_records_max = limits.subscription_page_max;
  options.limits.select_lists.text_bytes_max = limits.select_list_size_bytes_max;
  options.limits.fields_max = limits.fields_max;
  options.limits.topics.name_bytes_max = limits.topic_name_bytes_max;
  options.limits.topics.topics_remembered_max = limits.topics_remembered_max;
  options.limits.access_topics_max = limits.entitlement_topics_max;
  options.limits.filters.text_bytes_max = limits.filter_size_bytes_max;
  options.limits.filters.depth_max = limits.filter_depth_max;
  return options;
}

OutboxLimits OutboxLimitsOf(const config::Config& config) {
  OutboxLimits limits;
  limits.total_bytes_max = config.message_memory_limit_bytes;
  limits.client_bytes_max =
      config.message_memory_limit_bytes / 100 * config.client_max_capacity_percent;
  return limits;
}

SessionLimits SessionLimitsOf(const config::Limits& limits) {
  SessionLimits result;
  result.header_bytes_max = limits.header_size_bytes_max;
  result.body_bytes_max = limits.message_size_bytes_max;
  result.store_backlog_bytes_max = limits.store_backlog_bytes_max;
  result.logon_timeout_ns = static_cast<int64_t>(limits.logon_timeout_ns);
  result.tls_handshake_timeout_ns = static_cast<int64_t>(limits.tls_handshake_timeout_ns);
  result.frame_timeout_ns = static_cast<int64_t>(limits.frame_timeout_ns);
  return result;
}

GrpcOptions GrpcOptionsOf(const config::Limits& limits, const config::Transport& transport) {
  GrpcOptions options;
  if (!transport.message_type.empty()) options.message_type = transport.message_type;
  options.request_bytes_max = limits.grpc_message_size_bytes_max;
  options.streams_per_connection_max = limits.grpc_streams_per_connection_max;
  options.tls_handshake_timeout_ns = static_cast<int64_t>(limits.tls_handshake_timeout_ns);
  options.logon_timeout_ns = static_cast<int64_t>(limits.logon_timeout_ns);
  return options;
}

net::ListenAddress AddressOf(const config::Transport& transport) {
  net::ListenAddress address;
  if (transport.type == config::TransportType::kUnix) {
    address.unix_path = transport.file_name;
    address.unix_mode = transport.file_mask;
  } else {
    address.host = transport.host;
    address.port = transport.port;
  }
  return address;
}

}  // namespace

config::KnownNames Gateway::KnownNames() {
  config::KnownNames names;
  names.protocols.clear();
  names.message_types.clear();
  for (const auto& protocol : MakeProtocols()) names.protocols.emplace_back(protocol->name());
  const MessageTypes types((config::Limits()));
  for (const MessageType* type : types.all()) names.message_types.emplace_back(type->name());
  names.try_message_type = TryMessageType;
  names.try_tls = TryTls;
  AddBuiltinModules(names);
  names.check_action = [types = names.message_types](const config::Config& config,
                                                     const config::ActionConfig& action) {
    ActionRegistry registry;
    AddModuleSteps(config, nullptr, registry);
    return registry.Check(config, action, types);
  };
  return names;
}

Gateway::Gateway(const config::Config& config)
    : config_(config),
      modules_(NewModuleHost()),
      modules_status_(LoadModules(config, *modules_)),
      message_types_(config.limits),
      message_types_status_(message_types_.Add(config.message_types, modules_.get())),
      functions_(LoadFunctions(*modules_, config.functions)),
      protocols_(MakeProtocols()),
      engine_(EngineOptionsOf(config, *modules_, functions_.ok() ? *functions_ : nullptr),
              message_types_.all(), clock_),
      gate_({config.limits.connections_max, config.limits.connections_per_address_max}),
      host_(reactor_, engine_, OutboxLimitsOf(config), SessionLimitsOf(config.limits)),
      tls_(reactor_, static_cast<int64_t>(config.certificate_check_interval_ns)),
      security_(config_, *modules_, reactor_, engine_) {}

Gateway::~Gateway() = default;

absl::Status Gateway::Start() {
  if (!modules_status_.ok()) return modules_status_;
  if (!message_types_status_.ok()) return message_types_status_;
  if (!functions_.ok()) return functions_.status();
  if (config_.thread_monitor_threshold_ns != 0) {
    thread_monitor_ =
        std::make_unique<ThreadMonitor>(static_cast<int64_t>(config_.thread_monitor_threshold_ns));
  }
  if (absl::Status status = DefineTopics(); !status.ok()) return status;
  if (absl::Status status = StartActions(); !status.ok()) return status;
  if (absl::Status status = OpenTransports(); !status.ok()) return status;
  StartModuleServices();
  security_.workers().SubmitAlways([this] {
    const absl::Status status = modules_->RunStartupFunctions();
    if (status.ok()) return;
    spdlog::critical("{}", ToStd(status.message()));
    RequestDrain();
  });
  if (actions_ != nullptr) actions_->OnStartup();
  return absl::OkStatus();
}

absl::Status Gateway::StartActions() {
  if (config_.actions.empty()) return absl::OkStatus();
  AddModuleSteps(config_, modules_.get(), action_registry_);
  GatewayControl control;
  control.set_transport = [this](std::string_view name, bool enabled) {
    return SetTransport(name, enabled);
  };
  control.shut_down = [this] {
    if (!draining_) StartDrain();
  };
  control.rotate_logs = &RotateLogs;
  control.security = &security_control_;
  actions_ = std::make_unique<ActionHost>(config_, action_registry_, reactor_, engine_,
                                          message_types_.all(), std::move(control));
  return actions_->Start();
}

void Gateway::StartModuleServices() {
  GatewayAdministration administration;
  administration.reset_authentication = [this](const std::string& transport,
                                               GatewayAdministration::Done done) {
    security_.ResetAuthentication(transport, std::move(done));
  };
  administration.reset_entitlement = [this](const std::string& transport,
                                            GatewayAdministration::Done done) {
    security_.ResetEntitlement(transport, std::move(done));
  };
  administration.set_transport = [this](std::string_view name, bool enabled) {
    return SetTransports(name, enabled);
  };
  administration.shut_down = [this] {
    if (!draining_) StartDrain();
  };
  ModuleServicesOptions options;
  options.channels.message_bytes_max = OutboxLimitsOf(config_).client_bytes_max;
  options.channels.commands_max = config_.limits.embedded_commands_max;
  options.channels.command_bytes_max = config_.limits.embedded_commands_bytes_max;
  options.clients_max = config_.limits.embedded_clients_max;
  options.administration_timeout_ns =
      static_cast<int64_t>(config_.limits.administration_timeout_ns);
  options.commands.body_bytes_max = config_.limits.message_size_bytes_max;
  options.commands.header_bytes_max = config_.limits.header_size_bytes_max;
  options.handler_threads = config_.module_threads;
  module_services_ = std::make_unique<ModuleServicesOfGateway>(host_, message_types_.all(),
                                                               std::move(administration), options);
}

bool Gateway::StopModules() {
  // Clients have waited for DrainTimeout; this is for what none of them waits for.
  constexpr int64_t kTimeoutNs = 2'000'000'000;
  const bool stopped = security_.Stop(kTimeoutNs);
  if ((module_services_ == nullptr || module_services_->StopHandlers(kTimeoutNs)) && stopped) {
    return true;
  }
  spdlog::critical("shutting down: a module does not come back");
  return false;
}

absl::Status Gateway::DefineTopics() {
  const auto has_file = [](const SowDefinition& definition) {
    const auto* topic = std::get_if<SowTopicDefinition>(&definition);
    return topic != nullptr && !topic->file_name.empty();
  };
  if (std::ranges::any_of(config_.sow, has_file)) {
    storage_ = std::make_unique<FileStorage>(
        [this](std::function<void()> task) { reactor_.Post(std::move(task)); });
    engine_.UseStorage(
        *storage_, [this](std::function<void()> task) { reactor_.AtEndOfBatch(std::move(task)); });
  }
  absl::Status status = engine_.DefineTopics(config_.sow);
  for (const std::string& note : engine_.recovery_notes()) spdlog::info("{}", note);
  return status;
}

absl::Status Gateway::OpenTransports() {
  for (const config::Transport& transport : config_.transports) {
    OpenTransport& open = open_transports_.emplace_back(
        OpenTransport{&transport, AddressOf(transport), nullptr, nullptr, nullptr});
    if (!transport.enabled) continue;
    if (absl::Status status = Open(open); !status.ok()) {
      open_transports_.clear();
      bound_.clear();
      return MakeError(ErrorCodeOf(status),
                       fmt::format("transport {}: {}", transport.name, ToStd(status.message())));
    }
    bound_.push_back({&transport, open.bound_address()});
  }
  return absl::OkStatus();
}

absl::Status Gateway::Open(OpenTransport& open) {
  if (open.on_accept == nullptr) {
    auto on_accept = HandlerOf(*open.transport);
    if (!on_accept.ok()) return on_accept.status();
    open.on_accept = *std::move(on_accept);
  }
  if (open.transport->type == config::TransportType::kModule) return OpenLoaded(open);
  auto listener = net::Listener::Listen(reactor_, gate_, open.address, open.on_accept);
  if (!listener.ok()) return listener.status();
  open.listener = *std::move(listener);
  // Where the system chose the port, clients find it there again later.
  open.address.port = open.listener->port();
  return absl::OkStatus();
}

absl::Status Gateway::OpenLoaded(OpenTransport& open) {
  if (open.loaded == nullptr) {
    auto loaded =
        MakeTransport(config_, *open.transport, *modules_, reactor_, gate_, open.on_accept);
    if (!loaded.ok()) return loaded.status();
    open.loaded = *std::move(loaded);
  }
  return open.loaded->Start();
}

void Gateway::Close(OpenTransport& open) {
  open.listener.reset();
  if (open.loaded != nullptr) open.loaded->Stop();
}

absl::Status Gateway::SetTransport(std::string_view name, bool enabled) {
  for (OpenTransport& open : open_transports_) {
    if (open.transport->name != name || open.is_enabled() == enabled) continue;
    if (!enabled) {
      // Not from inside one of its calls: actions run as tasks of their own.
      Close(open);
    } else if (draining_) {
      return MakeError(ErrorCode::kDraining, "the gateway is shutting down");
    } else if (absl::Status status = Open(open); !status.ok()) {
      return status;
    }
    spdlog::info("transport {} is {}", name, enabled ? "enabled" : "disabled");
  }
  return absl::OkStatus();
}

absl::Status Gateway::SetTransports(std::string_view name, bool enabled) {
  bool found = name.empty();
  for (const config::Transport& transport : config_.transports) {
    if (!name.empty() && transport.name != name) continue;
    found = true;
    if (absl::Status status = SetTransport(transport.name, enabled); !status.ok()) return status;
  }
  if (found) return absl::OkStatus();
  return MakeError(ErrorCode::kBadOption, fmt::format("there is no transport {}", name));
}

absl::StatusOr<net::Listener::OnAccept> Gateway::HandlerOf(const config::Transport& transport) {
  const absl::StatusOr<const net::TlsContext*> opened = tls_.Open(transport);
  if (!opened.ok()) return opened.status();
  const net::TlsContext* const tls = *opened;
  if (config::IsGrpc(transport.type)) {
    const absl::StatusOr<const TransportInfo*> info = InfoOf(transport);
    if (!info.ok()) return info.status();
    return GrpcHandler(transport, **info, tls);
  }
  std::shared_ptr<const Protocol> protocol;
  const auto built_in = std::ranges::find(protocols_, transport.protocol, &Protocol::name);
  if (built_in != protocols_.end()) {
    protocol = *built_in;
  } else {
    auto loaded = MakeProtocol(config_, transport, *modules_);
    if (!loaded.ok()) return loaded.status();
    protocol = *std::move(loaded);
  }
  auto filter = MakeTransportFilter(config_, transport, *modules_);
  if (!filter.ok()) return filter.status();
  const absl::StatusOr<const TransportInfo*> info = InfoOf(transport);
  if (!info.ok()) return info.status();
  return [this, &info = **info, tls, filter = *std::move(filter),
          speaks = std::move(protocol)](net::Accepted accepted) {
    if (tls != nullptr && !AddTlsLayer(*tls, accepted)) return;
    if (filter != nullptr && !filter->AddTo(accepted)) return;
    speaks->Accept(host_, info, std::move(accepted));
  };
}

absl::StatusOr<const TransportInfo*> Gateway::InfoOf(const config::Transport& transport) {
  for (const auto& info : transport_infos_) {
    if (info->name == transport.name) return info.get();
  }
  const absl::StatusOr<TransportSecurity*> security = security_.Open(transport);
  if (!security.ok()) return security.status();
  return transport_infos_
      .emplace_back(std::make_unique<TransportInfo>(
          TransportInfo{transport.name, transport.message_type, *security}))
      .get();
}

absl::StatusOr<net::Listener::OnAccept> Gateway::GrpcHandler(const config::Transport& transport,
                                                             const TransportInfo& info,
                                                             const net::TlsContext* tls) {
  auto started = GrpcServer::Start(host_, info, GrpcOptionsOf(config_.limits, transport), tls);
  if (!started.ok()) return started.status();
  GrpcServer* server = grpc_.emplace_back(*std::move(started)).get();
  return [server](net::Accepted accepted) { server->HandOver(std::move(accepted)); };
}

bool Gateway::Run() {
  if (module_services_ != nullptr) module_services_->OnReactorThread();
  reactor_.Run();
  if (module_services_ != nullptr) module_services_->Disconnect();
  return drained_in_time_;
}

void Gateway::RequestDrain() {
  reactor_.Post([this] {
    if (draining_) {
      drained_in_time_ = false;
      reactor_.Stop();
    } else {
      StartDrain();
    }
  });
}

void Gateway::OnSignal(int signal) {
  reactor_.Post([this, signal] {
    if (actions_ != nullptr && actions_->OnSignal(signal)) return;
    if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) RequestDrain();
  });
}

void Gateway::StartDrain() {
  spdlog::info("shutting down: {} connections", gate_.connections());
  draining_ = true;
  drain_deadline_ns_ = reactor_.now_ns() + static_cast<int64_t>(config_.drain_timeout_ns);
  for (OpenTransport& open : open_transports_) {
    if (open.listener != nullptr) open.listener->Close();
    if (open.loaded != nullptr) open.loaded->Stop();
  }
  if (actions_ != nullptr) actions_->OnShutdown();
  host_.Drain();
  grpc_draining_ = grpc_.size();
  for (auto& server : grpc_) {
    server->Drain(static_cast<int64_t>(config_.drain_timeout_ns), [this] { --grpc_draining_; });
  }
  reactor_.Every(kDrainCheckNs, [this] { CheckDrained(); });
}

void Gateway::CheckDrained() {
  const bool actions_done = actions_ == nullptr || actions_->idle();
  const bool done = host_.size() == 0 && grpc_draining_ == 0 && actions_done;
  // gRPC keeps the time itself: its threads may need the reactor until it is through.
  if (!done && (reactor_.now_ns() < drain_deadline_ns_ || grpc_draining_ > 0)) return;
  if (!done) {
    drained_in_time_ = false;
    if (host_.size() > 0) {
      spdlog::warn("shutting down: {} clients did not take everything in time", host_.size());
    }
    if (!actions_done) spdlog::warn("shutting down: actions did not come to their end in time");
  }
  reactor_.Stop();
}

}  // namespace fluxgate
