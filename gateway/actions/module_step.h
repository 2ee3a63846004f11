// Steps that loaded modules do (amps_action_module.h). Adding them is one call where the registry
// is made.
#ifndef FLUXGATE_GATEWAY_ACTIONS_MODULE_STEP_H_
#define FLUXGATE_GATEWAY_ACTIONS_MODULE_STEP_H_

#include "core/module/module_host.h"
#include "gateway/actions/action_registry.h"
#include "gateway/config/config.h"

namespace fluxgate {

// A step for each module of the configuration, by the module's name. Whether it is an action shows
// when its context is made. `modules` outlives what the registry makes; null: for checks only.
void AddModuleSteps(const config::Config& config, const ModuleHost* modules,
                    ActionRegistry& registry);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_MODULE_STEP_H_
