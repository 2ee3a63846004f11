// What modules reach of a running gateway: ModuleServices on its reactor, and the threads that the
// handlers of embedded clients run on.
#ifndef FLUXGATE_GATEWAY_MODULE_SERVICES_MODULE_SERVICES_OF_GATEWAY_H_
#define FLUXGATE_GATEWAY_MODULE_SERVICES_MODULE_SERVICES_OF_GATEWAY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/message/message_type.h"
#include "gateway/module_services/client_channel.h"
#include "gateway/module_services/owned_command.h"
#include "gateway/session/session_host.h"
#include "gateway/workers/worker_pool.h"

namespace fluxgate {

// Of a gateway; called on the reactor's thread. `done` once, on the same thread. Empty name: all
// transports.
struct GatewayAdministration {
  using Done = std::function<void(const absl::Status&)>;
  std::function<void(const std::string& transport, Done done)> reset_authentication;
  std::function<void(const std::string& transport, Done done)> reset_entitlement;
  std::function<absl::Status(std::string_view transport, bool enabled)> set_transport;
  std::function<void()> shut_down;
};

struct ModuleServicesOptions {
  ChannelLimits channels;
  CommandLimits commands;
  uint32_t handler_threads = 4;
  size_t clients_max = 1000;  // embedded ones
  // Administration that has not come to its end by then has failed for whoever asked; it goes on.
  int64_t administration_timeout_ns = 30'000'000'000;
};

class ModuleServicesOfGateway {
 public:
  // All outlive it. Modules find it from now on.
  ModuleServicesOfGateway(SessionHost& host, const std::vector<const MessageType*>& message_types,
                          GatewayAdministration administration,
                          const ModuleServicesOptions& options);
  // Disconnect, and waits for handlers under way.
  ~ModuleServicesOfGateway();

  // The calling thread is the reactor's from now on.
  void OnReactorThread();
  // After the reactor has run, once or more: modules find nothing any more, whoever waits is told,
  // embedded clients end.
  void Disconnect();
  // After Disconnect. False: a handler has not come back within `timeout_ns`; the process has to
  // end without destroying this.
  bool StopHandlers(int64_t timeout_ns) { return handlers_.Stop(timeout_ns); }

 private:
  class Services;

  WorkerPool handlers_;
  const std::shared_ptr<Services> services_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULE_SERVICES_MODULE_SERVICES_OF_GATEWAY_H_
