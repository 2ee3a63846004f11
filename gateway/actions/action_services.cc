#include "gateway/actions/action_services.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/error.h"

namespace fluxgate {

ActionServices::~ActionServices() = default;

const MessageType* ActionServices::FindMessageType(std::string_view name) const {
  for (const MessageType* type : message_types_) {
    if (type->name() == name) return type;
  }
  return nullptr;
}

absl::StatusOr<ActionSession*> ActionServices::SessionFor(std::string_view message_type) {
  const auto found = sessions_.find(message_type);
  if (found != sessions_.end()) return found->second.get();
  auto session = std::make_unique<ActionSession>(reactor_, engine_);
  if (absl::Status status = session->LogOn(message_type); !status.ok()) return status;
  return sessions_.emplace(std::string(message_type), std::move(session)).first->second.get();
}

void ActionServices::Listen(ActionEvent event, Listener listener) {
  listeners_[Index(event)].push_back(std::move(listener));
}

void ActionServices::Raise(ActionEvent event, const ActionVariables& variables) {
  for (const Listener& listener : listeners_[Index(event)]) listener(variables);
}

int64_t ActionServices::Count(std::string_view counter, int64_t by) {
  int64_t& value = counters_.try_emplace(std::string(counter), 0).first->second;
  // Wraps around instead of overflowing.
  value = static_cast<int64_t>(static_cast<uint64_t>(value) + static_cast<uint64_t>(by));
  return value;
}

}  // namespace fluxgate
