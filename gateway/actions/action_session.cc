#include "gateway/actions/action_session.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/message/message_type.h"

namespace fluxgate {

ActionSession::ActionSession(net::Reactor& reactor, Engine& engine)
    : reactor_(reactor),
      engine_(engine),
      session_(engine.OpenSession(*this, {"", std::string(kActionClientName)})) {}

ActionSession::~ActionSession() { engine_.CloseSession(session_); }

absl::Status ActionSession::LogOn(std::string_view message_type) {
  Command command;
  command.type = CommandType::kLogon;
  command.client_name = kActionClientName;
  command.message_type = message_type;
  return engine_.Execute(*session_, command);
}

absl::Status ActionSession::Publish(std::string_view topic, std::string_view body, bool delta) {
  constexpr size_t kWaitingMax = 10'000;
  absl::Status status;
  if (waiting_.empty()) {
    status = TryToPublish(topic, body, delta);
    if (ErrorCodeOf(status) != ErrorCode::kPending) return status;
  }
  if (waiting_.size() >= kWaitingMax) {
    return MakeError(ErrorCode::kQuotaExceeded, "too many publishes of actions are waiting");
  }
  waiting_.push_back({std::string(topic), std::string(body), delta});
  return absl::OkStatus();
}

void ActionSession::OnAccessKnown() {
  reactor_.Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) PublishWaiting();
  });
}

void ActionSession::PublishWaiting() {
  while (!waiting_.empty()) {
    const Waiting& next = waiting_.front();
    const absl::Status status = TryToPublish(next.topic, next.body, next.delta);
    if (ErrorCodeOf(status) == ErrorCode::kPending) return;
    if (!status.ok()) {
      spdlog::error("an action's publish to {} has failed: {}", Quoted(next.topic),
                    ErrorText(status));
    }
    waiting_.pop_front();
  }
}

absl::Status ActionSession::TryToPublish(std::string_view topic, std::string_view body,
                                         bool delta) {
  body_.assign(body);
  body_.resize(body.size() + kBodyPaddingBytes);
  Command command;
  command.type = delta ? CommandType::kDeltaPublish : CommandType::kPublish;
  command.topic = topic;
  command.body = std::string_view(body_).substr(0, body.size());
  return engine_.Execute(*session_, command);
}

absl::Status ActionSession::Subscribe(std::string_view topic, std::string_view filter,
                                      OnMessage on_message) {
  const std::string id = fmt::format("{}", ++ids_);
  Command command;
  command.type = CommandType::kSubscribe;
  command.topic = topic;
  command.filter = filter;
  command.sub_id = id;
  command.command_id = id;
  if (absl::Status status = engine_.Execute(*session_, command); !status.ok()) return status;
  subscriptions_.emplace(id, std::move(on_message));
  return absl::OkStatus();
}

absl::Status ActionSession::Delete(std::string_view topic, std::string_view filter, Deleted done) {
  const std::string id = fmt::format("{}", ++ids_);
  Command command;
  command.type = CommandType::kSowDelete;
  command.topic = topic;
  command.filter = filter;
  command.command_id = id;
  command.acks.add(AckType::kStats);
  deletes_.emplace(id, std::move(done));
  const absl::Status status = engine_.Execute(*session_, command);
  if (!status.ok()) deletes_.erase(id);
  return status;
}

absl::Status ActionSession::QueryFirst(std::string_view topic, std::string_view filter,
                                       std::string_view order_by, Found found) {
  const std::string id = fmt::format("{}", ++ids_);
  Command command;
  command.type = CommandType::kSow;
  command.topic = topic;
  command.filter = filter;
  command.order_by = order_by;
  command.query_id = id;
  command.command_id = id;
  command.top_n = 1;
  queries_[id].found = std::move(found);
  const absl::Status status = engine_.Execute(*session_, command);
  if (!status.ok()) queries_.erase(id);
  return status;
}

bool ActionSession::Deliver(const Delivery& delivery) {
  for (const Subscription* const subscription : delivery.subscriptions) {
    const auto found = subscriptions_.find(subscription->id);
    if (found != subscriptions_.end()) found->second(delivery);
  }
  return true;
}

void ActionSession::Acknowledge(const Ack& ack) {
  if (ack.type != AckType::kStats) return;
  const auto found = deletes_.find(std::string(ack.command_id));
  if (found == deletes_.end()) return;
  // The engine is in the middle of something.
  reactor_.Post(
      [done = std::move(found->second), records = ack.records_deleted] { done(records); });
  deletes_.erase(found);
}

bool ActionSession::DeliverRecord(const QueryInfo& query, const Delivery& record) {
  const auto found = queries_.find(std::string(query.query_id));
  if (found == queries_.end() || found->second.has_record) return true;
  found->second.has_record = true;
  found->second.body = record.body;
  return true;
}

bool ActionSession::EndQuery(const QueryInfo& query, uint64_t /*records*/) {
  const auto found = queries_.find(std::string(query.query_id));
  if (found == queries_.end()) return true;
  reactor_.Post([ended = std::move(found->second)] {
    ended.found(ended.has_record ? &ended.body : nullptr);
  });
  queries_.erase(found);
  return true;
}

}  // namespace fluxgate
