// logon: once, and before anything else. Who the user is has been found out before, by the edge.
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
  if (absl::Status status = TakeName(session, command); !status.ok()) return status;
  session.client_name = command.client_name;
  session.client_version = command.version;
  session.user_id = command.user_id;
  session.table = table->second.get();
  session.catalog = catalogs_.find(command.message_type)->second.get();
  if (session.authority != nullptr) session.access = OpenAccess(session);
  return absl::OkStatus();
}

// A name is one connection's at a time, where names mean something: the same user takes it over,
// another one does not get it.
absl::Status Engine::TakeName(Session& session, const Command& command) {
  if (!session.user_is_known || command.client_name.empty()) return absl::OkStatus();
  Session*& holder = names_[std::string(command.client_name)];
  if (holder != nullptr && holder->user_id != command.user_id) {
    return MakeError(ErrorCode::kNameInUse, "the client name belongs to another user");
  }
  Session* before = std::exchange(holder, &session);
  if (before != nullptr && before->outbox() != nullptr) {
    before->outbox()->Dismiss(
        MakeError(ErrorCode::kNameInUse, "the client has logged on again elsewhere"));
  }
  return absl::OkStatus();
}

}  // namespace fluxgate
