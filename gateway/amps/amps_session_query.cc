// How an AmpsSession answers queries, and what it does with commands that come meanwhile.
#include <spdlog/spdlog.h>

#include "gateway/amps/amps_encoder.h"
#include "gateway/amps/amps_session.h"

namespace fluxgate::amps {
namespace {

// Records of queries wait in the engine while this much waits in the outbox.
constexpr uint64_t kQueryRoomBytes = 1 << 20;

std::string_view ReasonWord(OutOfFocusReason reason) {
  switch (reason) {
    case OutOfFocusReason::kNone:
      break;
    case OutOfFocusReason::kMatch:
      return "match";
    case OutOfFocusReason::kDeleted:
      return "deleted";
    case OutOfFocusReason::kExpired:
      return "expired";
    case OutOfFocusReason::kEntitlement:
      return "entitlement";
  }
  return {};
}

}  // namespace

bool AmpsSession::BeginQuery(const QueryInfo& query) {
  ServerMessage message;
  message.type = ServerMessageType::kGroupBegin;
  message.query_id = query.query_id;
  return SendMessage(message);
}

bool AmpsSession::DeliverRecord(const QueryInfo& query, const Delivery& record) {
  if (batch_.IsFullFor(query, record) && !SendBatch()) return false;
  batch_.Add(query, record);
  return true;
}

bool AmpsSession::SendBatch() {
  if (batch_.empty()) return true;
  scratch_.clear();
  batch_.TakeFrame(&scratch_);
  if (connection_.closing() || !account_.Charge(scratch_.size())) return false;
  connection_.output().Append(scratch_);
  return true;
}

bool AmpsSession::EndQuery(const QueryInfo& query, uint64_t /*records*/) {
  if (!SendBatch()) return false;
  ServerMessage message;
  message.type = ServerMessageType::kGroupEnd;
  message.query_id = query.query_id;
  return SendMessage(message);
}

bool AmpsSession::HasRoom() const {
  return !connection_.closing() && account_.bytes() < kQueryRoomBytes;
}

void AmpsSession::CutOff(const absl::Status& why) {
  spdlog::warn("{}: {}", Who(), ToStd(why.message()));
  connection_.Abort("slow client");
}

bool AmpsSession::DeliverOutOfFocus(const Delivery& delivery) {
  std::string sub_ids;
  for (const Subscription* subscription : delivery.subscriptions) {
    if (!sub_ids.empty()) sub_ids += ',';
    sub_ids += subscription->id;
  }
  std::string timestamp;
  if (delivery.timestamp_ns != 0) AppendTimestamp(delivery.timestamp_ns, &timestamp);
  ServerMessage message;
  message.type = ServerMessageType::kOof;
  message.topic = delivery.topic;
  message.sub_ids = sub_ids;
  message.sow_key = delivery.sow_key;
  message.reason = ReasonWord(delivery.out_of_focus);
  message.correlation_id = delivery.correlation_id;
  message.timestamp = timestamp;
  message.body = delivery.body;
  return SendMessage(message);
}

bool AmpsSession::MustWait(const Command& command) const {
  if (is_waiting_) return true;
  if (command.type == CommandType::kHeartbeat) return false;
  // This one may be about the query that is under way.
  if (command.type != CommandType::kUnsubscribe) return true;
  return !deferred_.empty() && command.query_id.empty();
}

void AmpsSession::Defer(std::string_view frame) {
  std::string& kept = deferred_.emplace_back();
  kept.reserve(frame.size() + kBodyPaddingBytes);
  kept.append(frame).append(kBodyPaddingBytes, '\0');
}

void AmpsSession::OnQueriesAnswered() {
  if (!deferred_.empty()) ScheduleDeferred();
}

void AmpsSession::ScheduleDeferred() {
  if (deferred_scheduled_) return;
  deferred_scheduled_ = true;
  host_.reactor().AtEndOfBatch([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) RunDeferred();
  });
}

void AmpsSession::RunDeferred() {
  deferred_scheduled_ = false;
  if (connection_.closing()) return deferred_.clear();
  std::deque<std::string> frames;
  frames.swap(deferred_);
  while (!frames.empty() && !connection_.closing()) {
    if (session_->queries_unanswered != 0 || is_waiting_) break;
    const std::string frame = std::move(frames.front());
    frames.pop_front();
    Execute(std::string_view(frame).substr(0, frame.size() - kBodyPaddingBytes));
  }
  if (connection_.closing()) return deferred_.clear();
  // Those that the next query holds up stand in front of what it has deferred itself.
  for (std::string& later : deferred_) frames.push_back(std::move(later));
  deferred_ = std::move(frames);
  if (is_waiting_) return;
  if (deferred_.empty()) {
    if (!draining_) connection_.ResumeReading();
  } else if (session_->queries_unanswered == 0) {
    ScheduleDeferred();
  }
}

}  // namespace fluxgate::amps
