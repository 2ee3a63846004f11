// subscribe: a topic or topic pattern and a filter; with option `replace` in place of an earlier
// one.
#include <fmt/format.h>

#include "core/engine/engine.h"
#include "core/engine/subscribe_options.h"

namespace fluxgate {
namespace {

absl::Status CheckBuilt(const Command& command) {
  if (!command.bookmark.empty()) {
    return MakeError(ErrorCode::kNotBuilt, "bookmark subscriptions are not built yet");
  }
  if (command.top_n != 0) return MakeError(ErrorCode::kNotBuilt, "top_n is not built yet");
  return absl::OkStatus();
}

}  // namespace

absl::Status Engine::HandleSubscribe(Session& session, const Command& command) {
  const EngineLimits& limits = options_.limits;
  SubscriptionTable& table = *session.table;
  if (absl::Status status = CheckIds(command); !status.ok()) return status;
  const std::string_view id = command.sub_id.empty() ? command.command_id : command.sub_id;
  if (id.empty()) {
    return MakeError(ErrorCode::kBadCommand, "subscribe needs a sub_id or a command id");
  }
  if (id.size() > limits.id_bytes_max || id.find(',') != std::string_view::npos) {
    return MakeError(
        ErrorCode::kBadCommand,
        fmt::format("a subscription id has at most {} bytes and no comma", limits.id_bytes_max));
  }
  if (absl::Status status = CheckSubscribeTopic(command.topic, limits.topics); !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckBuilt(command); !status.ok()) return status;
  auto options = ParseSubscribeOptions(command.options);
  if (!options.ok()) return options.status();

  const auto known = session.subscriptions.find(id);
  const bool exists = known != session.subscriptions.end();
  if (exists && !options->replace) {
    return MakeError(ErrorCode::kSubscriptionExists,
                     fmt::format("subscription id {} is in use", id));
  }
  if (!exists && session.subscriptions.size() >= limits.subscriptions_per_session_max) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("a client may have at most {} subscriptions",
                                 limits.subscriptions_per_session_max));
  }

  auto subscription = std::make_unique<Subscription>();
  if (!options->literal_topic && IsTopicPattern(command.topic)) {
    auto pattern = TopicPattern::Compile(command.topic);
    if (!pattern.ok()) return pattern.status();
    subscription->pattern = *std::move(pattern);
  }
  if (!command.filter.empty()) {
    const ClientFacts client{session.client_name, session.user_id, session.origin.remote_address,
                             session.client_version, session.origin.connection_name};
    const ExpressionScope scope{.client = &client, .instance_name = options_.instance_name};
    auto filter = Filter::Compile(command.filter, table.fields(), limits.filters, scope);
    if (!filter.ok()) return filter.status();
    const MessageType& type = table.message_type();
    if (type.level() == MessageType::Level::kRoute && (*filter)->reads_body()) {
      return MakeError(ErrorCode::kBadFilter,
                       fmt::format("message type {} has no fields", type.name()));
    }
    subscription->filter = *std::move(filter);
  }
  subscription->id = id;
  subscription->topic = command.topic;
  subscription->session = &session;
  subscription->number = ++subscriptions_made_;

  if (exists) {
    subscription->edge_tag = known->second->edge_tag;
    table.Remove(*known->second);
    known->second = std::move(subscription);
    table.Add(*known->second);
  } else {
    table.Add(*subscription);
    session.subscriptions.emplace(std::string(id), std::move(subscription));
  }
  return absl::OkStatus();
}

}  // namespace fluxgate
