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
  if (!definition.file_name.empty()) {
    if (storage_ == nullptr) {
      return MakeError(ErrorCode::kBadOption,
                       fmt::format("stored topic {}: there is no storage", definition.name));
    }
    absl::Status status = storage_->Open(**topic, sequence_, recovery_notes_);
    if (!status.ok()) return status;
  }
  return (*catalog)->Add(*std::move(topic));
}

void Engine::UseStorage(Storage& storage,
                        std::function<void(std::function<void()>)> at_end_of_batch) {
  storage_ =
      std::make_unique<TopicStorage>(storage, std::move(at_end_of_batch), [this] { OnStored(); });
}

void Engine::Watch(Session& session) {
  if (std::exchange(session.watches_storage_, true)) return;
  waiting_for_storage_.push_back(&session);
}

void Engine::WatchStored(Session& session) {
  session.wants_on_stored_ = true;
  Watch(session);
}

void Engine::OnStored() {
  std::vector<Session*> waiting;
  waiting.swap(waiting_for_storage_);
  for (Session* session : waiting) {
    session->watches_storage_ = false;
    SendPersisted(*session);
    if (std::exchange(session->wants_on_stored_, false)) session->outbox()->OnStored();
  }
}

// As many as are due; the rest waits for the next commit.
void Engine::SendPersisted(Session& session) {
  const absl::Status& failed = storage_->status();
  while (!session.persisted_acks_.empty()) {
    const Session::PersistedAck& waiting = session.persisted_acks_.front();
    const bool is_durable = waiting.ticket <= storage_->durable();
    if (!is_durable && failed.ok()) return Watch(session);
    const absl::Status& status = !waiting.refused.ok() || is_durable ? waiting.refused : failed;
    Ack ack;
    ack.type = AckType::kPersisted;
    ack.command = waiting.command;
    ack.command_id = waiting.command_id;
    ack.has_sequence = waiting.has_sequence;
    ack.sequence = waiting.sequence;
    ack.error = ErrorCodeOf(status);
    ack.reason = ToStd(status.message());
    session.outbox()->Acknowledge(ack);
    session.persisted_acks_.pop_front();
  }
}

bool Engine::RunTimers() {
  queries_.CutOffHolders(options_.limits.query_held_bytes_max);
  bool more = delivery_.RunTimers();
  more |= derived_.HasWork();
  if (storage_ != nullptr) more |= storage_->WantsSlice();
  const int64_t now_ns = clock_.WallNs();
  for (const auto& [name, catalog] : catalogs_) {
    for (const auto& topic : catalog->topics()) {
      more |= topic->NextExpired(now_ns).has_value() || topic->WantsSlice();
    }
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
