// Which triggers, conditions and steps there are, by name.
#ifndef FLUXGATE_GATEWAY_ACTIONS_ACTION_REGISTRY_H_
#define FLUXGATE_GATEWAY_ACTIONS_ACTION_REGISTRY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/actions/action_module.h"
#include "gateway/actions/option_reader.h"
#include "gateway/config/known_names.h"

namespace fluxgate {

class ActionRegistry {
 public:
  using MakeTrigger = std::function<std::unique_ptr<ActionTrigger>(OptionReader&)>;
  using MakeCondition = std::function<std::unique_ptr<ActionCondition>(OptionReader&)>;
  using MakeStep = std::function<std::unique_ptr<ActionStep>(OptionReader&)>;

  // With all that are built in.
  ActionRegistry();

  // For loaded modules. A name that is there already is replaced.
  void AddStep(std::string_view name, MakeStep make);

  struct Part {
    std::unique_ptr<ActionTrigger> trigger;      // of kOn
    std::unique_ptr<ActionCondition> condition;  // of kIf
    std::unique_ptr<ActionStep> step;            // of kDo
  };
  // Makes the part; what is wrong with it is added to `problems`, and then it is of no use.
  Part Make(const config::Config& config, const config::ActionPart& part,
            const std::vector<std::string>& message_types,
            std::vector<config::ActionProblem>& problems) const;

  // Names of all there are, and of those that are documented and not built yet, with a ! in front.
  std::vector<std::string> Names() const;

  // What is wrong with an action: KnownNames' check_action. `message_types` are the names of all
  // that need no configuration.
  std::vector<config::ActionProblem> Check(const config::Config& config,
                                           const config::ActionConfig& action,
                                           const std::vector<std::string>& message_types) const;

 private:
  std::map<std::string, MakeTrigger, std::less<>> triggers_;
  std::map<std::string, MakeCondition, std::less<>> conditions_;
  std::map<std::string, MakeStep, std::less<>> steps_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_ACTION_REGISTRY_H_
