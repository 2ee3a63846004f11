// publish, delta_publish: find the topic, keep the record if it is stored, see who matches, hand
// the message to each session once.
#include <fmt/format.h>

#include "core/base/equal_text.h"
#include "core/base/error.h"
#include "core/engine/engine.h"

namespace fluxgate {
namespace {

// Apart from what runs for every message, which is to stay small.
[[gnu::cold, gnu::noinline]] absl::Status BodyTooLarge(size_t bytes, size_t bytes_max) {
  return MakeError(ErrorCode::kMessageTooLarge,
                   fmt::format("body is {} bytes long; at most {}", bytes, bytes_max));
}

}  // namespace

absl::Status Engine::HandlePublish(Session& session, const Command& command) {
  if (session.last_topic_version_ != session.table->version() ||
      !EqualText(session.last_topic_, command.topic)) {
    if (absl::Status status = FindTopic(session, command.topic); !status.ok()) return status;
  }
  const EngineLimits& limits = options_.limits;
  if (command.body.size() > limits.body_bytes_max) {
    return BodyTooLarge(command.body.size(), limits.body_bytes_max);
  }
  if (command.correlation_id.size() > limits.id_bytes_max ||
      command.command_id.size() > limits.id_bytes_max) {
    return CheckIds(command);
  }
  if (session.last_topic_state_->sow != nullptr) return PublishStored(session, command);
  if (session.write_guard_ != nullptr) [[unlikely]] {
    PublishGuard::Change change;
    change.given = change.result = command.body;
    if (absl::Status status = session.write_guard_->Check(change); !status.ok()) return status;
  }
  ++stats_.published;
  matched_.clear();
  if (!session.table->Match(*session.last_topic_state_, command, matched_)) {
    ++stats_.bodies_invalid;
  }
  if (!matched_.empty()) delivery_.DeliverMessage(command, matched_);
  return absl::OkStatus();
}

absl::Status Engine::FindTopic(Session& session, std::string_view topic) {
  session.last_topic_version_ = 0;  // after an error nothing is left of the topic before
  session.write_guard_ = nullptr;
  if (absl::Status status = CheckPublishTopic(topic, options_.limits.topics); !status.ok()) {
    return status;
  }
  std::shared_ptr<const Grant> grant;
  if (session.access != nullptr) {
    grant = session.access->Find(topic, AccessKind::kWrite);
    if (grant == nullptr || !grant->is_allowed) {
      return MakeError(ErrorCode::kNotEntitled,
                       fmt::format("topic {} may not be published to", topic));
    }
  }
  TopicState& state = session.table->Resolve(topic);
  if (!state.sow_known) {
    state.sow = session.catalog->Find(topic);
    state.sow_known = true;
  }
  if (state.sow != nullptr && state.sow->kind() != SowTopic::Kind::kTopic) {
    const bool is_view = state.sow->kind() == SowTopic::Kind::kView;
    return MakeError(ErrorCode::kBadTopic,
                     fmt::format("{} is a {} and cannot be published to", topic,
                                 is_view ? "view" : "conflated topic"));
  }
  if (grant != nullptr) session.write_guard_ = session.access->FindWriteGuard(topic, clock_);
  state.access_known = !accesses_.empty();
  session.last_topic_state_ = &state;
  session.last_topic_ = topic;
  session.last_topic_version_ = session.table->version();
  return absl::OkStatus();
}

absl::Status Engine::PublishStored(Session& session, const Command& command) {
  TopicState& topic = *session.last_topic_state_;
  SowTopic& sow = *topic.sow;
  SubscriptionTable& table = *session.table;
  SowPublish publish;
  publish.topic = topic.name();
  publish.body = command.body;
  publish.correlation_id = command.correlation_id;
  publish.key_text = command.sow_key;
  publish.expiration_s = command.expiration_s;
  publish.is_delta = command.type == CommandType::kDeltaPublish;
  publish.guard = session.write_guard_;
  if (publish.is_delta && table.message_type().level() < MessageType::Level::kDelta) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} has no deltas", table.message_type().name()));
  }
  RecordReaders& readers = table.Readers(topic, sow.slots(), sow.slots_version());
  const auto change = sow.Put(publish, readers, topic.tracks_records(), sow_scratch_);
  if (!change.ok()) return change.status();
  ++stats_.published;
  if (sow.is_persistent()) session.last_stored_ticket_ = last_ticket_ = storage_->latest();
  delivery_.DeliverChange(table, topic, sow, *change, sow_scratch_, command.correlation_id);
  return absl::OkStatus();
}

}  // namespace fluxgate
