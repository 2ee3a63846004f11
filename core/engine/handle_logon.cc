// logon: once, and before anything else. Authentication comes with the security modules; until then
// every client is let in under the name it gives.
#include <fmt/format.h>

#include "core/base/utf8.h"
#include "core/engine/engine.h"

namespace fluxgate {

absl::Status Engine::HandleLogon(Session& session, const Command& command) {
  if (session.logged_on()) return MakeError(ErrorCode::kBadCommand, "already logged on");
  if (absl::Status status = CheckIds(command); !status.ok()) return status;
  if (HasControlCharacter(command.client_name)) {
    return MakeError(ErrorCode::kBadCommand, "client name has a control character");
  }
  const auto table = tables_.find(command.message_type);
  if (table == tables_.end()) {
    return MakeError(ErrorCode::kMessageType,
                     command.message_type.empty()
                         ? "logon names no message type, and neither does the transport"
                         : fmt::format("message type {} is unknown", command.message_type));
  }
  session.client_name = command.client_name;
  session.client_version = command.version;
  session.user_id = command.user_id;
  session.table = table->second.get();
  session.catalog = catalogs_.find(command.message_type)->second.get();
  return absl::OkStatus();
}

}  // namespace fluxgate
