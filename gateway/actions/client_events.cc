#include "gateway/actions/client_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/engine/session.h"
#include "core/sow/record.h"

namespace fluxgate {
namespace {

constexpr ActionEvent kEngineEvents[] = {
    ActionEvent::kConnectClient,    ActionEvent::kDisconnectClient, ActionEvent::kLogonClient,
    ActionEvent::kSubscribe,        ActionEvent::kUnsubscribe,      ActionEvent::kSowExpireMessage,
    ActionEvent::kSowDeleteMessage,
};

}  // namespace

bool ClientEvents::wanted() const {
  return std::ranges::any_of(kEngineEvents,
                             [&](ActionEvent event) { return services_.HasListeners(event); });
}

void ClientEvents::Raise(ActionEvent event, const Session& session, const Command* command) {
  if (!services_.HasListeners(event)) return;
  ActionVariables variables = {
      {"AMPS_CLIENT_NAME", session.client_name},
      {"AMPS_CONNECTION_NAME", session.origin.connection_name},
      {"AMPS_REMOTE_ADDRESS", session.origin.remote_address},
      {"AMPS_USER", session.user_id},
  };
  if (session.table != nullptr) {
    variables.emplace("AMPS_MESSAGE_TYPE", session.table->message_type().name());
  }
  if (command != nullptr) {
    const bool names_none = command->sub_id.empty();
    variables.emplace("AMPS_SUB_ID", names_none ? command->command_id : command->sub_id);
    variables.emplace("AMPS_TOPIC", command->topic);
    variables.emplace("AMPS_FILTER", command->filter);
    variables.emplace("AMPS_OPTIONS", command->options);
  }
  services_.Raise(event, variables);
}

void ClientEvents::OnConnect(const Session& session) {
  Raise(ActionEvent::kConnectClient, session, nullptr);
}
void ClientEvents::OnLogon(const Session& session) {
  Raise(ActionEvent::kLogonClient, session, nullptr);
}
void ClientEvents::OnDisconnect(const Session& session) {
  Raise(ActionEvent::kDisconnectClient, session, nullptr);
}
void ClientEvents::OnSubscribe(const Session& session, const Command& command) {
  Raise(ActionEvent::kSubscribe, session, &command);
}
void ClientEvents::OnUnsubscribe(const Session& session, const Command& command) {
  Raise(ActionEvent::kUnsubscribe, session, &command);
}

void ClientEvents::OnRecordRemoved(std::string_view message_type, std::string_view topic,
                                   const Record& record, OutOfFocusReason reason) {
  const ActionEvent event = reason == OutOfFocusReason::kExpired ? ActionEvent::kSowExpireMessage
                                                                 : ActionEvent::kSowDeleteMessage;
  if (!services_.HasListeners(event)) return;
  ActionVariables variables;
  variables.emplace("AMPS_MESSAGE_TYPE", message_type);
  variables.emplace("AMPS_TOPIC", topic);
  variables.emplace("AMPS_DATA", record.body());
  variables.emplace("AMPS_SOW_KEY", record.key_text().empty() ? fmt::format("{}", record.key)
                                                              : std::string(record.key_text()));
  services_.Raise(event, variables);
}

}  // namespace fluxgate
