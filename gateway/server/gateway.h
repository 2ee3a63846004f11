// The whole gateway, wired together from a configuration: the one place that knows all parts. Start
// and Run on one thread, which becomes the reactor's.
#ifndef FLUXGATE_GATEWAY_SERVER_GATEWAY_H_
#define FLUXGATE_GATEWAY_SERVER_GATEWAY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/engine/engine.h"
#include "core/storage/storage.h"
#include "gateway/actions/action_host.h"
#include "gateway/actions/action_registry.h"
#include "gateway/config/config.h"
#include "gateway/config/known_names.h"
#include "gateway/grpc/grpc_server.h"
#include "gateway/module_services/module_services_of_gateway.h"
#include "gateway/modules/loaded_transport.h"
#include "gateway/monitor/thread_monitor.h"
#include "gateway/net/admission.h"
#include "gateway/net/listener.h"
#include "gateway/net/reactor.h"
#include "gateway/server/gateway_security.h"
#include "gateway/server/message_types.h"
#include "gateway/server/transport_tls.h"
#include "gateway/session/session_host.h"

namespace fluxgate {

class Gateway {
 public:
  explicit Gateway(const config::Config& config);
  ~Gateway();

  // What configurations may name: the registries' contents.
  static config::KnownNames KnownNames();

  // Opens every transport that is enabled, and makes the actions; after a failure none is open.
  absl::Status Start();

  struct Bound {
    const config::Transport* transport;
    std::string address;  // as it can be connected to
  };
  const std::vector<Bound>& bound() const { return bound_; }

  // Serves until RequestDrain has been answered: everything accepted is finished, clients are told,
  // outboxes are written, at most for DrainTimeout. True when all of it was done in time.
  bool Run();
  // After Run: lets go of modules. False: one of them has not come back from a call in time; the
  // process has to end without destroying this.
  bool StopModules();

  // Null: switched off. From Start on.
  const ThreadMonitor* thread_monitor() const { return thread_monitor_.get(); }

  // Any thread, also a signal handler's helper. What actions make of that signal; without one that
  // waits for it: SIGTERM, SIGINT and SIGHUP are RequestDrain, others nothing.
  void OnSignal(int signal);

  // Any thread, also a signal handler's helper. A second call ends the drain at once.
  void RequestDrain();

 private:
  // Makes the stored topics, reading back those that have a file.
  absl::Status DefineTopics();
  struct OpenTransport {
    const config::Transport* transport;
    net::ListenAddress address;               // the port is the one that was bound first
    net::Listener::OnAccept on_accept;        // null: never was enabled
    std::unique_ptr<net::Listener> listener;  // null: disabled, or a module's
    // From the first time it is enabled on; null: not a module's.
    std::unique_ptr<LoadedTransport> loaded = nullptr;

    bool is_enabled() const {
      return listener != nullptr || (loaded != nullptr && loaded->is_started());
    }
    // As it can be connected to, once it is enabled.
    const std::string& bound_address() const {
      return loaded != nullptr ? loaded->address() : listener->bound_address();
    }
  };
  absl::Status Open(OpenTransport& open);
  absl::Status OpenLoaded(OpenTransport& open);
  static void Close(OpenTransport& open);
  absl::Status OpenTransports();
  // Once more than it is in that state already is no error.
  absl::Status SetTransport(std::string_view name, bool enabled);
  // Of all transports where `name` is empty. kBadOption: there is none of that name.
  absl::Status SetTransports(std::string_view name, bool enabled);
  absl::Status StartActions();
  void StartModuleServices();
  // One for each transport, however often that is opened.
  absl::StatusOr<const TransportInfo*> InfoOf(const config::Transport& transport);
  // What becomes of a transport's connections.
  absl::StatusOr<net::Listener::OnAccept> HandlerOf(const config::Transport& transport);
  absl::StatusOr<net::Listener::OnAccept> GrpcHandler(const config::Transport& transport,
                                                      const TransportInfo& info,
                                                      const net::TlsContext* tls);
  void StartDrain();
  void CheckDrained();

  const config::Config config_;
  net::SystemClock clock_;
  const std::unique_ptr<ModuleHost> modules_;  // before all that has contexts of them
  const absl::Status modules_status_;
  MessageTypes message_types_;
  const absl::Status message_types_status_;
  const absl::StatusOr<std::shared_ptr<const FunctionRegistry>> functions_;
  std::vector<std::shared_ptr<const Protocol>> protocols_;
  net::Reactor reactor_;
  std::unique_ptr<Storage> storage_;  // null: no stored topic has a file
  Engine engine_;
  net::AdmissionGate gate_;
  SessionHost host_;
  TransportTls tls_;
  GatewaySecurity security_;
  std::vector<std::unique_ptr<TransportInfo>> transport_infos_;
  std::vector<std::unique_ptr<GrpcServer>> grpc_;  // one for each transport
  size_t grpc_draining_ = 0;
  std::vector<OpenTransport> open_transports_;  // one for each of the configuration
  std::vector<Bound> bound_;
  bool draining_ = false;
  bool drained_in_time_ = true;
  int64_t drain_deadline_ns_ = 0;
  std::unique_ptr<ThreadMonitor> thread_monitor_;
  ModuleSecurityControl security_control_{security_};
  ActionRegistry action_registry_;
  std::unique_ptr<ActionHost> actions_;                       // before the engine goes; null: none
  std::unique_ptr<ModuleServicesOfGateway> module_services_;  // goes first; from Start on
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SERVER_GATEWAY_H_
