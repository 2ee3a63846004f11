// The engine's stored topics: how they come to be, and what time does to them.
#include <fmt/format.h>

#include "core/engine/engine.h"

namespace fluxgate {
namespace {

// Everybody who has an expired record is told.
constexpr int kExpirationsPerSlice = 128;

}  // namespace

absl::Status Engine::DefineTopics(const SowDefinitions& definitions) {
  for (const SowTopicDefinition& definition : definitions.topics) {
    const auto catalog = catalogs_.find(definition.message_type);
    if (catalog == catalogs_.end()) {
      return MakeError(ErrorCode::kMessageType,
                       fmt::format("stored topic {}: message type {} is unknown", definition.name,
                                   definition.message_type));
    }
    auto topic = SowTopic::Create(definition, catalog->second->context());
    if (!topic.ok()) return topic.status();
    if (absl::Status status = catalog->second->Add(*std::move(topic)); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
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
