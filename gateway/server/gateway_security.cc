#include "gateway/server/gateway_security.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/module/module_files.h"
#include "core/module/server_identity.h"
#include "gateway/security/builtin_security.h"
#include "gateway/security/module_authentication.h"
#include "gateway/security/module_entitlement.h"
#include "gateway/server/version.h"

namespace fluxgate {
namespace {

spdlog::level::level_enum LevelOf(amps_module_log_level level) {
  switch (level) {
    case amps_module_log_level_developer:
      return spdlog::level::trace;
    case amps_module_log_level_trace:
      return spdlog::level::debug;
    case amps_module_log_level_stats:
    case amps_module_log_level_info:
      return spdlog::level::info;
    case amps_module_log_level_warning:
      return spdlog::level::warn;
    case amps_module_log_level_error:
      return spdlog::level::err;
    case amps_module_log_level_critical:
    case amps_module_log_level_emergency:
      return spdlog::level::critical;
  }
  return spdlog::level::info;  // a module may say any number
}

SecurityLimits LimitsOf(const config::Limits& limits) {
  SecurityLimits result;
  result.credential_bytes_max = limits.credential_size_bytes_max;
  result.user_bytes_max = limits.user_name_bytes_max;
  result.challenges_max = limits.logon_challenges_max;
  result.logon_cache_ns = static_cast<int64_t>(limits.logon_cache_ns);
  return result;
}

const config::ModuleUse& Chosen(const config::ModuleUse& own, const config::ModuleUse& common) {
  return own.module.empty() ? common : own;
}

}  // namespace

std::unique_ptr<ModuleHost> NewModuleHost() {
  return std::make_unique<ModuleHost>([](amps_module_log_level level, std::string_view line) {
    spdlog::log(LevelOf(level), "{}", line);
  });
}

absl::Status LoadModules(const config::Config& config, ModuleHost& host) {
  SetServerIdentity(kVersion, config.name);
  std::vector<ModuleDefinition> definitions;
  for (const config::ModuleConfig& module : config.modules) {
    definitions.push_back({module.name, FindModuleFile(module.library), module.options});
  }
  return host.Load(definitions);
}

void AddBuiltinModules(config::KnownNames& names) {
  names.authentication_modules = {std::string(kDefaultAuthentication),
                                  std::string(kNoAuthentication)};
  names.entitlement_modules = {std::string(kDefaultEntitlement), std::string(kNoEntitlement)};
}

GatewaySecurity::GatewaySecurity(const config::Config& config, const ModuleHost& modules,
                                 net::Reactor& reactor, Engine& engine)
    : config_(config),
      modules_(modules),
      reactor_(reactor),
      engine_(engine),
      workers_(std::make_unique<WorkerPool>("module-worker", config.module_threads,
                                            config.limits.logons_waiting_max)) {}

// The workers first: what they do is on behalf of the others.
GatewaySecurity::~GatewaySecurity() { workers_.reset(); }

absl::StatusOr<TransportSecurity*> GatewaySecurity::Open(const config::Transport& transport) {
  const config::ModuleUse& authentication =
      Chosen(transport.authentication, config_.authentication);
  const config::ModuleUse& entitlement = Chosen(transport.entitlement, config_.entitlement);
  if (authentication.module.empty() && entitlement.module.empty()) return nullptr;
  if (const auto open = by_transport_.find(transport.name); open != by_transport_.end()) {
    return open->second.get();
  }
  auto make_authentication =
      [this, use = authentication]() -> absl::StatusOr<std::shared_ptr<Authentication>> {
    if (use.module.empty()) return nullptr;
    if (IsBuiltinAuthentication(use.module)) {
      return MakeBuiltinAuthentication(use.module, use.options);
    }
    auto module = modules_.Find(use.module);
    if (!module.ok()) return module.status();
    return MakeModuleAuthentication(*std::move(module), use.options);
  };
  auto make_entitlement = [this,
                           use = entitlement]() -> absl::StatusOr<std::shared_ptr<Entitlement>> {
    if (use.module.empty()) return nullptr;
    if (IsBuiltinEntitlement(use.module)) return MakeBuiltinEntitlement(use.module, use.options);
    auto module = modules_.Find(use.module);
    if (!module.ok()) return module.status();
    return MakeModuleEntitlement(*std::move(module), use.options);
  };
  auto security = TransportSecurity::Make(transport.name, std::move(make_authentication),
                                          std::move(make_entitlement), reactor_, engine_, *workers_,
                                          LimitsOf(config_.limits));
  if (!security.ok()) return security.status();
  TransportSecurity* made = security->get();
  by_transport_[transport.name] = *std::move(security);
  return made;
}

absl::Status GatewaySecurity::ForEach(const std::string& transport, const Each& each) {
  bool found = transport.empty();
  for (const auto& [name, security] : by_transport_) {
    if (!transport.empty() && name != transport) continue;
    found = true;
    each(*security);
  }
  if (found) return absl::OkStatus();
  return MakeError(ErrorCode::kBadOption,
                   fmt::format("no transport {} asks who its clients are", transport));
}

void GatewaySecurity::Reset(const std::string& transport, ResetOne reset, Done done) {
  struct Progress {
    size_t waiting = 1;  // this call itself
    absl::Status status;
    Done done;
  };
  auto progress = std::make_shared<Progress>();
  progress->done = std::move(done);
  const auto one_done = [progress](const absl::Status& status) {
    if (progress->status.ok()) progress->status = status;
    if (--progress->waiting == 0) progress->done(progress->status);
  };
  const absl::Status status = ForEach(transport, [&](TransportSecurity& security) {
    ++progress->waiting;
    (security.*reset)(one_done);
  });
  one_done(status);
}

void GatewaySecurity::ResetAuthentication(const std::string& transport, Done done) {
  Reset(transport, &TransportSecurity::ResetAuthentication, std::move(done));
}

void GatewaySecurity::ResetEntitlement(const std::string& transport, Done done) {
  Reset(transport, &TransportSecurity::ResetEntitlement, std::move(done));
}

absl::Status GatewaySecurity::EnableAuthentication(const std::string& transport, bool enabled) {
  return ForEach(transport,
                 [&](TransportSecurity& security) { security.EnableAuthentication(enabled); });
}

absl::Status GatewaySecurity::EnableEntitlement(const std::string& transport, bool enabled) {
  return ForEach(transport,
                 [&](TransportSecurity& security) { security.EnableEntitlement(enabled); });
}

absl::Status ModuleSecurityControl::Apply(What what, Change change, std::string_view transport) {
  const std::string name(transport);
  const bool is_authentication = what == What::kAuthentication;
  if (change != Change::kReset) {
    const bool enabled = change == Change::kEnable;
    return is_authentication ? security_.EnableAuthentication(name, enabled)
                             : security_.EnableEntitlement(name, enabled);
  }
  const auto done = [is_authentication](const absl::Status& status) {
    const std::string_view reset = is_authentication ? "authentication" : "entitlement";
    if (status.ok()) {
      spdlog::info("{} has been reset", reset);
    } else {
      spdlog::error("{} could not be reset and stays as it was: {}", reset,
                    ToStd(status.message()));
    }
  };
  if (is_authentication) {
    security_.ResetAuthentication(name, done);
  } else {
    security_.ResetEntitlement(name, done);
  }
  return absl::OkStatus();
}

}  // namespace fluxgate
