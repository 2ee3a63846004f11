// How a GrpcClient subscribes and reads what its subscriptions bring.
#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "client/cpp/grpc_client.h"
#include "client/cpp/grpc_status.h"
#include "core/base/error.h"
#include "core/base/strings.h"

namespace fluxgate::client {
namespace {

// The words of the `amps` protocol.
std::string_view ReasonWord(v1::OutOfFocusReason reason) {
  switch (reason) {
    case v1::OUT_OF_FOCUS_REASON_NO_MATCH:
      return "match";
    case v1::OUT_OF_FOCUS_REASON_DELETED:
      return "deleted";
    case v1::OUT_OF_FOCUS_REASON_EXPIRED:
      return "expired";
    case v1::OUT_OF_FOCUS_REASON_ENTITLEMENT:
      return "entitlement";
    default:
      return {};
  }
}

void Show(const v1::Message& received, MessageKind kind, Message* message) {
  *message = {.kind = kind,
              .topic = received.topic(),
              .body = received.payload(),
              .subscription_ids = {},
              .sow_key = received.key(),
              .reason = {}};
}

}  // namespace

absl::StatusOr<std::string> GrpcClient::Subscribe(const SubscribeRequest& request) {
  if (!broken_.ok()) return broken_;
  if (absl::Status status = CheckRequest(request); !status.ok()) return status;
  if (!request.options.empty()) {
    return MakeError(
        ErrorCode::kNotBuilt,
        fmt::format("subscription options ('{}') over gRPC are not built yet", request.options));
  }
  if (subscribe_ == nullptr) OpenSubscribe();
  v1::AddSubscription* add = subscribe_->next.add_commands()->mutable_add();
  add->set_subscription_id(++last_subscription_);
  v1::SubscriptionSpec* spec = add->mutable_spec();
  spec->set_topic(request.topic);
  spec->set_filter(request.filter);
  spec->set_with_snapshot(request.with_snapshot);
  spec->set_delta(request.delta);
  spec->set_out_of_focus(request.out_of_focus);
  spec->set_order_by(request.order_by);
  spec->set_top_n(request.top_n);
  for (const std::string& field : request.fields) spec->add_fields(field);
  waiting_for_ = last_subscription_;
  absl::Status status = SubmitCommand(CommandDeadline());
  if (!status.ok()) {
    return absl::Status(status.code(),
                        ToAbsl(fmt::format("subscription to '{}' refused by {}: {}", request.topic,
                                           address_, ErrorText(status))));
  }
  return fmt::format("{}", last_subscription_);
}

absl::Status GrpcClient::Unsubscribe(std::string_view subscription_id) {
  if (!broken_.ok()) return broken_;
  uint32_t id = 0;
  const char* const end = subscription_id.data() + subscription_id.size();
  if (std::from_chars(subscription_id.data(), end, id).ptr != end || id == 0 ||
      id > last_subscription_) {
    return MakeError(ErrorCode::kSubscriptionUnknown,
                     fmt::format("there is no subscription '{}'", subscription_id));
  }
  subscribe_->next.add_commands()->mutable_remove()->set_subscription_id(id);
  waiting_for_ = id;
  return SubmitCommand(CommandDeadline());
}

// Sends subscribe_->next and waits for the answer to it.
absl::Status GrpcClient::SubmitCommand(Deadline deadline) {
  subscribe_->has_next = true;
  answered_ = false;
  answer_ = absl::OkStatus();
  while (!answered_) {
    WriteNext(*subscribe_);
    ReadNext(*subscribe_);
    if (!broken_.ok()) return broken_;
    if (!Pump(deadline)) {
      return absl::DeadlineExceededError(fmt::format("{} did not answer in time", address_));
    }
  }
  waiting_for_ = 0;
  return answer_;
}

void GrpcClient::OnResponse(SubscribeStream& stream) {
  OnControlEvents(*stream.response);
  unread_bytes_ += stream.response->ByteSizeLong();
  unread_.push_back(std::move(stream.response));
}

void GrpcClient::OnControlEvents(const SubscribeResponse& response) {
  if (waiting_for_ == 0) return;
  for (const v1::StreamEvent& event : response.events()) {
    if (event.event_case() == v1::StreamEvent::kCommandFailed) {
      answered_ = true;
      answer_ = ToStatus(event.command_failed().error());
      continue;
    }
    if (event.subscription_ids_size() != 1 || event.subscription_ids(0) != waiting_for_) continue;
    if (event.subscription().has_started()) answered_ = true;
    if (event.subscription().has_ended()) {
      answered_ = true;
      const v1::Ended& ended = event.subscription().ended();
      if (ended.has_error()) answer_ = ToStatus(ended.error());
    }
  }
}

// The next message of unread_; drops what has been read.
bool GrpcClient::TakeMessage(Message* message) {
  while (!unread_.empty()) {
    const SubscribeResponse& response = *unread_.front();
    for (; event_at_ < response.events_size(); ++event_at_, message_at_ = 0) {
      if (TakeFromEvent(response.events(event_at_), message)) return true;
    }
    event_at_ = message_at_ = 0;
    unread_bytes_ -= static_cast<uint64_t>(response.GetCachedSize());
    if (free_.size() < kFreeResponsesMax) free_.push_back(std::move(unread_.front()));
    unread_.pop_front();
  }
  return false;
}

bool GrpcClient::TakeFromEvent(const v1::StreamEvent& event, Message* message) {
  const v1::SubscriptionEvent& what = event.subscription();
  int count = 0;
  switch (what.event_case()) {
    case v1::SubscriptionEvent::kMessages:
      count = what.messages().messages_size();
      break;
    case v1::SubscriptionEvent::kSnapshot:
      count = what.snapshot().messages_size();
      break;
    case v1::SubscriptionEvent::kSnapshotEnd:
    case v1::SubscriptionEvent::kOutOfFocus:
      count = 1;
      break;
    default:
      break;
  }
  if (message_at_ == count) return false;
  if (message_at_ == 0) {
    ids_.clear();
    for (const uint32_t id : event.subscription_ids()) {
      fmt::format_to(std::back_inserter(ids_), "{}{}", ids_.empty() ? "" : ",", id);
    }
  }
  const int at = message_at_++;
  if (what.has_messages()) {
    Show(what.messages().messages(at), MessageKind::kMessage, message);
  } else if (what.has_snapshot()) {
    Show(what.snapshot().messages(at), MessageKind::kRecord, message);
  } else if (what.has_out_of_focus()) {
    Show(what.out_of_focus().message(), MessageKind::kOutOfFocus, message);
    message->reason = ReasonWord(what.out_of_focus().reason());
  } else {
    *message = {};
    message->kind = MessageKind::kEndOfSnapshot;
  }
  message->subscription_ids = ids_;
  return true;
}

absl::StatusOr<bool> GrpcClient::Next(Message* message, milliseconds timeout) {
  if (TakeMessage(message)) return true;
  if (!broken_.ok()) return broken_;
  if (publish_ != nullptr) WriteNext(*publish_);
  const Deadline deadline = Clock::now() + timeout;
  while (true) {
    if (subscribe_ != nullptr) ReadNext(*subscribe_);
    const bool pumped = Pump(deadline);
    if (TakeMessage(message)) return true;
    if (!broken_.ok()) return broken_;
    if (!pumped) return false;
  }
}

}  // namespace fluxgate::client
