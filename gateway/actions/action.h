// One action of the configuration: its triggers start runs, which go through its conditions and
// steps one after the other. One run at a time; further ones wait. Reactor thread.
#ifndef FLUXGATE_GATEWAY_ACTIONS_ACTION_H_
#define FLUXGATE_GATEWAY_ACTIONS_ACTION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gateway/actions/action_context.h"
#include "gateway/actions/action_registry.h"
#include "gateway/actions/action_services.h"
#include "gateway/workers/worker_pool.h"

namespace fluxgate {

// Runs of one action that wait for the one before them, and what their variables may hold. Above
// either a run is dropped.
inline constexpr size_t kActionRunsWaitingMax = 10'000;
inline constexpr uint64_t kActionRunsWaitingBytesMax = uint64_t{64} << 20;

// Since start.
struct ActionStats {
  uint64_t runs = 0;     // begun
  uint64_t stopped = 0;  // by a condition
  uint64_t failed = 0;   // at a step
  uint64_t dropped = 0;
};

class Action {
 public:
  struct NamedPart {
    std::string name;  // of the module
    ActionRegistry::Part part;
  };

  // `name` is for the log. `services` and `helper` outlive this; the helper may have work of this
  // action only until `services` is stopping and the helper is gone.
  Action(std::string name, std::vector<NamedPart> parts, ActionVariables variables,
         ActionServices& services, WorkerPool& helper);
  ~Action();

  // Once, before the gateway serves.
  absl::Status Start();
  // Nothing runs and nothing waits.
  bool idle() const { return !run_.has_value() && waiting_.empty(); }
  const ActionStats& stats() const { return stats_; }

 private:
  struct Run {
    ActionContext context;
    size_t next = 0;  // of parts_
  };
  struct Waiting {
    ActionVariables variables;
    uint64_t bytes;
    int64_t wall_ns;
  };

  void OnTrigger(ActionVariables variables);
  void Wake();
  void Work();
  void Step(const NamedPart& part);
  void StepDone(const NamedPart& part, const absl::Status& status);
  void EndRun();

  const std::string name_;
  const std::vector<NamedPart> parts_;
  const ActionVariables variables_;  // of every run
  ActionServices& services_;
  WorkerPool& helper_;
  // Set to false when tasks that were posted must not touch this any more.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  ActionStats stats_;
  std::deque<Waiting> waiting_;
  uint64_t waiting_bytes_ = 0;
  uint64_t dropped_in_a_row_ = 0;
  std::optional<Run> run_;
  bool step_under_way_ = false;
  bool working_ = false;
  bool woken_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_ACTION_H_
