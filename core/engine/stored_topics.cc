// The engine's stored topics: how they come to be, and what time does to them.
#include <fmt/format.h>

#include "core/engine/engine.h"

namespace fluxgate {
namespace {

// Everybody who has an expired record is told.
constexpr int kExpirationsPerSlice = 128;

}  // namespace

absl::StatusOr<SowCatalog*> Engine::CatalogOf(std::string_view topic,
                                              std::string_view message_type) {
  const auto catalog = catalogs_.find(message_type);
  if (catalog != catalogs_.end()) return catalog->second.get();
  return MakeError(ErrorCode::kMessageType,
                   fmt::format("stored topic {}: message type {} is unknown", topic, message_type));
}

absl::Status Engine::DefineTopics(const SowDefinitions& definitions) {
  for (const SowDefinition& definition : definitions) {
    absl::Status status =
        std::visit([this](const auto& topic) { return Define(topic); }, definition);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Engine::Define(const SowTopicDefinition& definition) {
  auto catalog = CatalogOf(definition.name, definition.message_type);
  if (!catalog.ok()) return catalog.status();
  auto topic = SowTopic::Create(definition, (*catalog)->context());
  if (!topic.ok()) return topic.status();
  return (*catalog)->Add(*std::move(topic));
}

absl::Status Engine::Define(const ConflatedTopicDefinition& definition) {
  return MakeError(ErrorCode::kNotBuilt,
                   fmt::format("conflated topic {}: not built yet", definition.name));
}

absl::Status Engine::Define(const ViewDefinition& definition) {
  return MakeError(ErrorCode::kNotBuilt, fmt::format("view {}: not built yet", definition.name));
}

bool Engine::RunTimers() {
  bool more = delivery_.RunTimers();
  const int64_t now_ns = clock_.WallNs();
  for (const auto& [name, catalog] : catalogs_) {
    for (const auto& topic : catalog->topics()) more |= topic->NextExpired(now_ns).has_value();
  }
  return more;
}

bool Engine::ExpireSlice() {
  const int64_t now_ns = clock_.WallNs();
  int left = kExpirationsPerSlice;
  for (const auto& [name, catalog] : catalogs_) {
    SubscriptionTable& table = *tables_.find(name)->second;
    for (const auto& topic : catalog->topics()) {
      while (const std::optional<uint64_t> key = topic->NextExpired(now_ns)) {
        if (left-- == 0) return true;
        const RecordRef record = topic->store().share(topic->store().Find(*key)->slot);
        RemoveRecord(table, *topic, *record, OutOfFocusReason::kExpired);
      }
    }
  }
  return false;
}

}  // namespace fluxgate
