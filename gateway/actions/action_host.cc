#include "gateway/actions/action_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "gateway/actions/signal_names.h"

namespace fluxgate {
namespace {

// Of the configuration, counted from 1 as people do.
std::string NameOf(size_t number, const config::ActionConfig& action) {
  const auto on =
      std::ranges::find(action.parts, config::ActionPart::Kind::kOn, &config::ActionPart::kind);
  return fmt::format("action {} ({})", number,
                     on == action.parts.end() ? std::string() : on->module);
}

}  // namespace

std::set<int> SignalsOfActions(const config::Config& config) {
  std::set<int> signals;
  for (const config::ActionConfig& action : config.actions) {
    for (const config::ActionPart& part : action.parts) {
      if (part.module != "amps-action-on-signal") continue;
      for (const auto& [name, value] : part.options) {
        const int signal = name == "Signal" ? SignalNamed(value) : 0;
        if (signal != 0) signals.insert(signal);
      }
    }
  }
  return signals;
}

ActionHost::ActionHost(const config::Config& config, const ActionRegistry& registry,
                       net::Reactor& reactor, Engine& engine,
                       const std::vector<const MessageType*>& message_types, GatewayControl control)
    : config_(config),
      registry_(registry),
      services_(reactor, engine, message_types, config.action_directories, std::move(control)),
      client_events_(services_) {}

ActionHost::~ActionHost() {
  services_.engine().Observe(nullptr);
  services_.Stop();
}

absl::Status ActionHost::Start() {
  if (!config_.actions.empty()) {
    // An action has one step under way at most.
    helper_ = std::make_unique<WorkerPool>("actions", 1, config_.actions.size());
  }
  for (size_t i = 0; i < config_.actions.size(); ++i) {
    const config::ActionConfig& configured = config_.actions[i];
    const std::string name = NameOf(i + 1, configured);
    std::vector<Action::NamedPart> parts;
    for (const config::ActionPart& part : configured.parts) {
      std::vector<config::ActionProblem> problems;
      parts.push_back({part.module, registry_.Make(config_, part, {}, problems)});
      if (problems.empty()) continue;
      return MakeError(ErrorCode::kBadOption,
                       fmt::format("{}: {}: {} {}", name, part.module, problems[0].option,
                                   problems[0].problem.what));
    }
    actions_.push_back(std::make_unique<Action>(
        name, std::move(parts), ActionVariables{{"AMPS_INSTANCE_NAME", config_.name}}, services_,
        *helper_));
    if (absl::Status status = actions_.back()->Start(); !status.ok()) return status;
  }
  // Last, so that it is not told of the actions' own sessions.
  if (client_events_.wanted()) services_.engine().Observe(&client_events_);
  return absl::OkStatus();
}

void ActionHost::OnStartup() { services_.Raise(ActionEvent::kStartup, {}); }
void ActionHost::OnShutdown() {
  services_.Drain();
  services_.Raise(ActionEvent::kShutdown, {});
}

bool ActionHost::OnSignal(int signal) {
  if (!SignalsOfActions(config_).contains(signal)) return false;
  services_.Raise(ActionEvent::kSignal, {{"AMPS_SIGNAL", std::string(SignalName(signal))}});
  return true;
}

bool ActionHost::idle() const {
  return std::ranges::all_of(actions_, [](const auto& action) { return action->idle(); });
}

ActionStats ActionHost::stats() const {
  ActionStats sum;
  for (const auto& action : actions_) {
    const ActionStats& stats = action->stats();
    sum.runs += stats.runs;
    sum.stopped += stats.stopped;
    sum.failed += stats.failed;
    sum.dropped += stats.dropped;
  }
  return sum;
}

}  // namespace fluxgate
