#include "gateway/actions/action_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "gateway/actions/built_in_actions.h"

namespace fluxgate {
namespace {

constexpr std::string_view kOnPrefix = "amps-action-on-";
constexpr std::string_view kIfPrefix = "amps-action-if-";
constexpr std::string_view kDoPrefix = "amps-action-do-";

// ---- The registry: one line each. -----------------------------------------

struct TriggerRow {
  std::string_view name;
  TriggerPtr (*make)(OptionReader&);
};
constexpr TriggerRow kTriggers[] = {
    {"startup", &MakeOnStartup},
    {"shutdown", &MakeOnShutdown},
    {"signal", &MakeOnSignal},
    {"schedule", &MakeOnSchedule},
    {"connect-client", &MakeOnConnectClient},
    {"disconnect-client", &MakeOnDisconnectClient},
    {"logon-client", &MakeOnLogonClient},
    {"subscribe", &MakeOnSubscribe},
    {"unsubscribe", &MakeOnUnsubscribe},
    {"publish-message", &MakeOnPublishMessage},
    {"sow-expire-message", &MakeOnSowExpireMessage},
    {"sow-delete-message", &MakeOnSowDeleteMessage},
    {"execute-event", &MakeOnExecuteEvent},
};

struct ConditionRow {
  std::string_view name;
  ConditionPtr (*make)(OptionReader&);
};
constexpr ConditionRow kConditions[] = {
    {"condition", &MakeIfCondition},
    {"file-system-usage", &MakeIfFileSystemUsage},
};

struct StepRow {
  std::string_view name;
  StepPtr (*make)(OptionReader&);
};
constexpr StepRow kSteps[] = {
    {"nothing", &MakeDoNothing},
    {"echo-message", &MakeDoEchoMessage},
    {"shutdown", &MakeDoShutdown},
    {"execute-event", &MakeDoExecuteEvent},
    {"increment-counter", &MakeDoIncrementCounter},
    {"extract-values", &MakeDoExtractValues},
    {"translate-data", &MakeDoTranslateData},
    {"publish-message", &MakeDoPublishMessage},
    {"delete-sow", &MakeDoDeleteSow},
    {"query-sow", &MakeDoQuerySow},
    {"enable-transport", &MakeDoEnableTransport},
    {"disable-transport", &MakeDoDisableTransport},
    {"enable-authentication", &MakeDoEnableAuthentication},
    {"disable-authentication", &MakeDoDisableAuthentication},
    {"reset-authentication", &MakeDoResetAuthentication},
    {"enable-entitlement", &MakeDoEnableEntitlement},
    {"disable-entitlement", &MakeDoDisableEntitlement},
    {"reset-entitlement", &MakeDoResetEntitlement},
    {"rotate-logs", &MakeDoRotateLogs},
    {"compress-files", &MakeDoCompressFiles},
    {"remove-files", &MakeDoRemoveFiles},
    {"execute-system", &MakeDoExecuteSystem},
};

// Documented by AMPS, and waiting for parts that are not here yet.
constexpr std::string_view kTriggersNotBuilt[] = {
    "admin",
    "minidump",
    "offline-start",
    "offline-stop",
    "connect-incoming-replication",
    "disconnect-incoming-replication",
    "connect-replication",
    "disconnect-replication",
    "upgrade-replication",
    "downgrade-replication",
    "replication-resync-complete",
    "deliver-message",
    "message-affinity",
    "oof-message",
    "message-condition-timeout",
    "alert",
};
constexpr std::string_view kStepsNotBuilt[] = {
    "truncate-statistics",
    "archive-journal",
    "compress-journal",
    "remove-journal",
    "compact-sow",
    "downgrade-replication",
    "upgrade-replication",
    "enable-proxied-transfer",
    "disable-proxied-transfer",
    "minidump",
};

template <typename Map>
std::string NamesOf(const Map& map) {
  std::string names;
  for (const auto& [name, make] : map) names += (names.empty() ? "" : ", ") + name;
  return names;
}

template <typename Map>
auto MakeFrom(const Map& map, std::string_view prefix, std::span<const std::string_view> not_built,
              OptionReader& options) -> decltype(map.begin()->second(options)) {
  const std::string& module = options.part().module;
  if (const auto found = map.find(module); found != map.end()) return found->second(options);
  for (const std::string_view name : not_built) {
    if (module != fmt::format("{}{}", prefix, name)) continue;
    options.Everything();
    options.Fail("", fmt::format("'{}' is not built yet", module), NamesOf(map), true);
    return nullptr;
  }
  options.Everything();
  options.Fail("", "is unknown", NamesOf(map));
  return nullptr;
}

}  // namespace

ActionRegistry::ActionRegistry() {
  for (const TriggerRow& row : kTriggers) {
    triggers_.emplace(fmt::format("{}{}", kOnPrefix, row.name), row.make);
  }
  for (const ConditionRow& row : kConditions) {
    conditions_.emplace(fmt::format("{}{}", kIfPrefix, row.name), row.make);
  }
  for (const StepRow& row : kSteps) AddStep(fmt::format("{}{}", kDoPrefix, row.name), row.make);
}

void ActionRegistry::AddStep(std::string_view name, MakeStep make) {
  steps_.insert_or_assign(std::string(name), std::move(make));
}

std::vector<std::string> ActionRegistry::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, make] : triggers_) names.push_back(name);
  for (const auto& [name, make] : conditions_) names.push_back(name);
  for (const auto& [name, make] : steps_) names.push_back(name);
  for (const std::string_view name : kTriggersNotBuilt) {
    names.push_back(fmt::format("!{}{}", kOnPrefix, name));
  }
  for (const std::string_view name : kStepsNotBuilt) {
    names.push_back(fmt::format("!{}{}", kDoPrefix, name));
  }
  return names;
}

ActionRegistry::Part ActionRegistry::Make(const config::Config& config,
                                          const config::ActionPart& part,
                                          const std::vector<std::string>& message_types,
                                          std::vector<config::ActionProblem>& problems) const {
  OptionReader options(config, part, message_types);
  Part made;
  switch (part.kind) {
    case config::ActionPart::Kind::kOn:
      made.trigger = MakeFrom(triggers_, kOnPrefix, kTriggersNotBuilt, options);
      break;
    case config::ActionPart::Kind::kIf:
      made.condition = MakeFrom(conditions_, kIfPrefix, {}, options);
      break;
    case config::ActionPart::Kind::kDo:
      made.step = MakeFrom(steps_, kDoPrefix, kStepsNotBuilt, options);
      break;
  }
  for (config::ActionProblem& problem : options.Finish()) problems.push_back(std::move(problem));
  return made;
}

std::vector<config::ActionProblem> ActionRegistry::Check(
    const config::Config& config, const config::ActionConfig& action,
    const std::vector<std::string>& message_types) const {
  std::vector<std::string> names = message_types;
  for (const config::MessageTypeConfig& type : config.message_types) names.push_back(type.name);
  std::vector<config::ActionProblem> problems;
  for (size_t i = 0; i < action.parts.size(); ++i) {
    std::vector<config::ActionProblem> of_part;
    Make(config, action.parts[i], names, of_part);
    for (config::ActionProblem& problem : of_part) {
      problem.part = i;
      problems.push_back(std::move(problem));
    }
  }
  return problems;
}

}  // namespace fluxgate
