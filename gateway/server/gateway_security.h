// The modules of a gateway, the threads they may wait on, and what stands between its transports
// and their clients. Made and called on the reactor's thread.
#ifndef FLUXGATE_GATEWAY_SERVER_GATEWAY_SECURITY_H_
#define FLUXGATE_GATEWAY_SERVER_GATEWAY_SECURITY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/engine/engine.h"
#include "core/module/module_host.h"
#include "gateway/actions/action_services.h"
#include "gateway/config/config.h"
#include "gateway/config/known_names.h"
#include "gateway/net/reactor.h"
#include "gateway/security/transport_security.h"
#include "gateway/workers/worker_pool.h"

namespace fluxgate {

// Modules log through the gateway's log.
std::unique_ptr<ModuleHost> NewModuleHost();
// Loads those of the configuration, in its order.
absl::Status LoadModules(const config::Config& config, ModuleHost& host);

// Adds the names of modules that need not be loaded.
void AddBuiltinModules(config::KnownNames& names);

class GatewaySecurity {
 public:
  // All outlive it.
  GatewaySecurity(const config::Config& config, const ModuleHost& modules, net::Reactor& reactor,
                  Engine& engine);
  // Waits for calls into modules that are under way; see Stop.
  ~GatewaySecurity();

  // Makes the contexts of the transport's modules; what there is already stays, for workers may be
  // using it. Null: nobody is asked for anything.
  absl::StatusOr<TransportSecurity*> Open(const config::Transport& transport);

  WorkerPool& workers() { return *workers_; }
  // Takes no more work. False: a module has not come back within `timeout_ns`; the process has to
  // end without destroying this.
  bool Stop(int64_t timeout_ns) { return workers_->Stop(timeout_ns); }

  // For the named transport, empty: all. `done` runs on the reactor, once, with the first error.
  using Done = std::function<void(const absl::Status&)>;
  void ResetAuthentication(const std::string& transport, Done done);
  void ResetEntitlement(const std::string& transport, Done done);
  absl::Status EnableAuthentication(const std::string& transport, bool enabled);
  absl::Status EnableEntitlement(const std::string& transport, bool enabled);

 private:
  using Each = std::function<void(TransportSecurity&)>;
  // kBadOption when nothing has that name.
  absl::Status ForEach(const std::string& transport, const Each& each);
  using ResetOne = void (TransportSecurity::*)(TransportSecurity::ResetDone);
  void Reset(const std::string& transport, ResetOne reset, Done done);

  const config::Config& config_;
  const ModuleHost& modules_;
  net::Reactor& reactor_;
  Engine& engine_;
  std::unique_ptr<WorkerPool> workers_;
  std::map<std::string, std::unique_ptr<TransportSecurity>> by_transport_;
};

// What actions may switch.
class ModuleSecurityControl final : public SecurityControl {
 public:
  explicit ModuleSecurityControl(GatewaySecurity& security) : security_(security) {}
  // A reset begins; how it ended is logged.
  absl::Status Apply(What what, Change change, std::string_view transport) override;

 private:
  GatewaySecurity& security_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SERVER_GATEWAY_SECURITY_H_
