// The makers of all built-in triggers, conditions and steps: one line each, in the file of the name
// that the comment says. What they do and which options they read: docs/actions.md.
#ifndef FLUXGATE_GATEWAY_ACTIONS_BUILT_IN_ACTIONS_H_
#define FLUXGATE_GATEWAY_ACTIONS_BUILT_IN_ACTIONS_H_

#include <memory>

#include "gateway/actions/action_module.h"

namespace fluxgate {

using TriggerPtr = std::unique_ptr<ActionTrigger>;
using ConditionPtr = std::unique_ptr<ActionCondition>;
using StepPtr = std::unique_ptr<ActionStep>;

// on_event.cc
TriggerPtr MakeOnStartup(OptionReader& options);
TriggerPtr MakeOnShutdown(OptionReader& options);
TriggerPtr MakeOnSignal(OptionReader& options);
TriggerPtr MakeOnConnectClient(OptionReader& options);
TriggerPtr MakeOnDisconnectClient(OptionReader& options);
TriggerPtr MakeOnLogonClient(OptionReader& options);
TriggerPtr MakeOnSubscribe(OptionReader& options);
TriggerPtr MakeOnUnsubscribe(OptionReader& options);
TriggerPtr MakeOnSowExpireMessage(OptionReader& options);
TriggerPtr MakeOnSowDeleteMessage(OptionReader& options);
TriggerPtr MakeOnExecuteEvent(OptionReader& options);
// on_schedule.cc
TriggerPtr MakeOnSchedule(OptionReader& options);
// on_publish_message.cc
TriggerPtr MakeOnPublishMessage(OptionReader& options);

// if_condition.cc
ConditionPtr MakeIfCondition(OptionReader& options);
// if_file_system_usage.cc
ConditionPtr MakeIfFileSystemUsage(OptionReader& options);

// do_basic.cc
StepPtr MakeDoNothing(OptionReader& options);
StepPtr MakeDoEchoMessage(OptionReader& options);
StepPtr MakeDoShutdown(OptionReader& options);
StepPtr MakeDoExecuteEvent(OptionReader& options);
StepPtr MakeDoIncrementCounter(OptionReader& options);
// do_values.cc
StepPtr MakeDoExtractValues(OptionReader& options);
StepPtr MakeDoTranslateData(OptionReader& options);
// do_messages.cc
StepPtr MakeDoPublishMessage(OptionReader& options);
StepPtr MakeDoDeleteSow(OptionReader& options);
StepPtr MakeDoQuerySow(OptionReader& options);
// do_transport.cc
StepPtr MakeDoEnableTransport(OptionReader& options);
StepPtr MakeDoDisableTransport(OptionReader& options);
// do_security.cc
StepPtr MakeDoEnableAuthentication(OptionReader& options);
StepPtr MakeDoDisableAuthentication(OptionReader& options);
StepPtr MakeDoResetAuthentication(OptionReader& options);
StepPtr MakeDoEnableEntitlement(OptionReader& options);
StepPtr MakeDoDisableEntitlement(OptionReader& options);
StepPtr MakeDoResetEntitlement(OptionReader& options);
// do_files.cc
StepPtr MakeDoRotateLogs(OptionReader& options);
StepPtr MakeDoCompressFiles(OptionReader& options);
StepPtr MakeDoRemoveFiles(OptionReader& options);
// do_execute_system.cc
StepPtr MakeDoExecuteSystem(OptionReader& options);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_BUILT_IN_ACTIONS_H_
