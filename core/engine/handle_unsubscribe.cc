// unsubscribe: one subscription, a comma-separated list of them, or all.
#include <fmt/format.h>

#include "absl/container/flat_hash_set.h"
#include "core/engine/engine.h"

namespace fluxgate {

absl::Status Engine::HandleUnsubscribe(Session& session, const Command& command) {
  if (absl::Status status = CheckIds(command); !status.ok()) return status;
  auto& subscriptions = session.subscriptions;
  if (command.sub_id == "all") {
    Retire(std::exchange(subscriptions, {}));
    return absl::OkStatus();
  }
  if (command.sub_id.empty()) {
    if (!command.query_id.empty()) {
      queries_.Cancel(session, command.query_id);  // or it has run to its end already
      return absl::OkStatus();
    }
    return MakeError(ErrorCode::kBadCommand, "unsubscribe needs a sub_id");
  }

  absl::flat_hash_set<std::string_view, StringHash> named;
  for (std::string_view rest = command.sub_id; !rest.empty();) {
    const size_t comma = rest.find(',');
    const std::string_view id = rest.substr(0, comma);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    if (!subscriptions.contains(id)) {
      return MakeError(ErrorCode::kSubscriptionUnknown,
                       fmt::format("subscription {} does not exist",
                                   id.substr(0, options_.limits.id_bytes_max)));
    }
    named.insert(id);
  }
  StringMap<std::unique_ptr<Subscription>> leaving;
  for (const std::string_view id : named) {
    const auto found = subscriptions.find(id);
    leaving.emplace(std::string(id), std::move(found->second));
    subscriptions.erase(found);
  }
  Retire(std::move(leaving));
  return absl::OkStatus();
}

}  // namespace fluxgate
