// publish: find the topic, see who matches, hand the message to each session once.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/equal_text.h"
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
  ++stats_.published;
  matched_.clear();
  if (!session.table->Match(*session.last_topic_state_, command, matched_)) {
    ++stats_.bodies_invalid;
  }
  stats_.matched += matched_.size();
  if (!matched_.empty()) Deliver(command);
  return absl::OkStatus();
}

absl::Status Engine::FindTopic(Session& session, std::string_view topic) {
  if (absl::Status status = CheckPublishTopic(topic, options_.limits.topics); !status.ok()) {
    return status;
  }
  session.last_topic_state_ = &session.table->Resolve(topic);
  session.last_topic_ = topic;
  session.last_topic_version_ = session.table->version();
  return absl::OkStatus();
}

// One copy per session, naming all of its subscriptions that matched.
void Engine::Deliver(const Command& command) {
  Delivery delivery{command.topic, command.body, command.correlation_id, {}};
  const auto hand_over = [&](Session& session, std::span<Subscription* const> subscriptions) {
    if (session.outbox() == nullptr) return;
    delivery.subscriptions = subscriptions;
    if (session.outbox()->Deliver(delivery)) ++stats_.delivered;
  };

  if (matched_.size() == 1) {
    hand_over(*matched_[0]->session, matched_);
    return;
  }
  matched_sessions_.clear();
  for (Subscription* subscription : matched_) {
    Session& session = *subscription->session;
    if (session.matched_.empty()) matched_sessions_.push_back(&session);
    session.matched_.push_back(subscription);
  }
  for (Session* session : matched_sessions_) {
    if (session->matched_.size() > 1) {
      std::ranges::sort(session->matched_, {}, &Subscription::number);
    }
    hand_over(*session, session->matched_);
    session->matched_.clear();
  }
}

}  // namespace fluxgate
