// What actions are made of: a trigger (On), a condition (If), a step (Do). One object each for
// every place in the configuration; adding one is a maker in a file and a line in
// action_registry.cc. A maker only reads options and touches nothing: it runs when a configuration
// is checked as well.
#ifndef FLUXGATE_GATEWAY_ACTIONS_ACTION_MODULE_H_
#define FLUXGATE_GATEWAY_ACTIONS_ACTION_MODULE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gateway/actions/action_context.h"

namespace fluxgate {

class OptionReader;

// Reactor thread.
class ActionTrigger {
 public:
  // Starts the action with these variables, in a later batch; may be called from inside the engine.
  using Fire = std::function<void(ActionVariables)>;

  virtual ~ActionTrigger() = default;
  // Once, before the gateway serves. `services` outlives this.
  virtual absl::Status Start(ActionServices& services, Fire fire) = 0;
};

class ActionCondition {
 public:
  virtual ~ActionCondition() = default;
  // Reactor thread. Whether the action goes on; an error ends it as a failed step does.
  virtual absl::StatusOr<bool> Holds(ActionContext& context) = 0;
};

class ActionStep {
 public:
  using Done = std::function<void(absl::Status)>;
  enum class Place : uint8_t { kReactor, kHelper };

  virtual ~ActionStep() = default;
  // Once, before the gateway serves; reactor thread.
  virtual absl::Status Prepare(ActionServices& /*services*/) { return absl::OkStatus(); }

  // Where Run is called: kHelper for whatever may take long or block.
  virtual Place place() const { return Place::kReactor; }
  virtual absl::Status Run(ActionContext& context) = 0;

  // Of a step that is over later than its call, on the reactor's thread: `done` is called once,
  // from inside or later. `context` stays until then. Only called where place() is kReactor.
  virtual void Start(ActionContext& context, Done done) { done(Run(context)); }
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_ACTION_MODULE_H_
