// All actions of a gateway. Reactor thread, but where it is said otherwise.
#ifndef FLUXGATE_GATEWAY_ACTIONS_ACTION_HOST_H_
#define FLUXGATE_GATEWAY_ACTIONS_ACTION_HOST_H_

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/engine/engine.h"
#include "gateway/actions/action.h"
#include "gateway/actions/action_registry.h"
#include "gateway/actions/action_services.h"
#include "gateway/actions/client_events.h"
#include "gateway/config/config.h"
#include "gateway/net/reactor.h"
#include "gateway/workers/worker_pool.h"

namespace fluxgate {

// Numbers of the signals that the configuration's actions wait for.
std::set<int> SignalsOfActions(const config::Config& config);

class ActionHost {
 public:
  // Everything that is given outlives this, `config` too.
  ActionHost(const config::Config& config, const ActionRegistry& registry, net::Reactor& reactor,
             Engine& engine, const std::vector<const MessageType*>& message_types,
             GatewayControl control);
  ~ActionHost();
  ActionHost(const ActionHost&) = delete;
  ActionHost& operator=(const ActionHost&) = delete;

  // Makes the actions; after stored topics are there, before anybody connects. kBadOption and
  // others with the action and module that cannot be.
  absl::Status Start();

  void OnStartup();
  void OnShutdown();
  // False: no action waits for that signal.
  bool OnSignal(int signal);

  // Nothing runs and nothing waits.
  bool idle() const;
  // Of all actions together.
  ActionStats stats() const;

 private:
  const config::Config& config_;
  const ActionRegistry& registry_;
  ActionServices services_;
  ClientEvents client_events_;
  std::vector<std::unique_ptr<Action>> actions_;
  // For steps that may take long or block: one after the other. Null without actions. Goes first:
  // it works with them.
  std::unique_ptr<WorkerPool> helper_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_ACTION_HOST_H_
