#include "gateway/grpc/subscriber.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "gateway/grpc/limits.h"
#include "gateway/grpc/status_mapping.h"
#include "gateway/grpc/subscription_spec.h"

namespace fluxgate::grpc_api {
namespace {

// What waited and is sent in one go, before other work comes first.
constexpr int kReadyMessagesPerSlice = 1024;
constexpr uint64_t kReadyBytesPerSlice = 1 << 20;

constexpr size_t kCorrelationIdBytesMax = 1024;

using Kind = StreamSubscription::Kind;

v1::OutOfFocusReason ToProto(fluxgate::OutOfFocusReason reason) {
  using Reason = fluxgate::OutOfFocusReason;
  switch (reason) {
    case Reason::kMatch:
      return v1::OUT_OF_FOCUS_REASON_NO_MATCH;
    case Reason::kDeleted:
      return v1::OUT_OF_FOCUS_REASON_DELETED;
    case Reason::kExpired:
      return v1::OUT_OF_FOCUS_REASON_EXPIRED;
    case Reason::kEntitlement:
      return v1::OUT_OF_FOCUS_REASON_ENTITLEMENT;
    case Reason::kNone:
      break;
  }
  return v1::OUT_OF_FOCUS_REASON_UNSPECIFIED;
}

StreamSubscription& OfEdge(const Subscription& subscription) {
  return *reinterpret_cast<StreamSubscription*>(subscription.edge_tag);
}

}  // namespace

Subscriber::Subscriber(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context,
                       Traits traits, EventEncoder::Form form)
    : Stream(std::move(hub), context, traits), form_(form), encoder_(form, out_) {}

Subscriber::~Subscriber() = default;

std::span<const uint32_t> Subscriber::Ids(const uint32_t& id) const {
  if (form_ == EventEncoder::Form::kSubscribe) return {};
  return {&id, 1};
}

StreamSubscription* Subscriber::Find(uint32_t id) {
  const auto found = subscriptions_.find(id);
  return found == subscriptions_.end() ? nullptr : found->second.get();
}

absl::Status Subscriber::AddSubscription(uint32_t id, const v1::SubscriptionSpec& spec,
                                         const v1::Credit* initial_credit) {
  if (absl::Status status = CheckSpec(spec); !status.ok()) return status;
  StreamSubscription& subscription = *subscriptions_
                                          .emplace(id, std::make_unique<StreamSubscription>(
                                                           id, spec, SubscriptionBufferMax(hub())))
                                          .first->second;
  if (initial_credit != nullptr) subscription.Grant(*initial_credit);

  std::string options;
  const Command command = SubscribeCommand(spec, subscription.engine_id(), false, options);
  adding_ = &subscription;
  absl::Status status = hub().engine().Execute(*session(), command);
  const bool started = std::exchange(adding_, nullptr) == nullptr;
  if (!status.ok()) {
    subscriptions_.erase(id);
    return status;
  }
  if (started) return absl::OkStatus();
  const std::string_view engine_id = subscription.engine_id();
  Start(subscription, *session()->subscriptions.find(engine_id)->second);
  return absl::OkStatus();
}

void Subscriber::Start(StreamSubscription& subscription, Subscription& of_engine) {
  of_engine.edge_tag = reinterpret_cast<uint64_t>(&subscription);
  subscription.heartbeat_ns = HeartbeatIntervalNs(subscription.spec());
  subscription.last_sent_ns = hub().reactor().now_ns();
  if (subscription.heartbeat_ns != 0) {
    with_heartbeat_.push_back(&subscription);
    hub().StartTicking(*this);
  }
  v1::SubscriptionEvent event;
  const std::string& name = session()->client_name;
  event.mutable_started()->set_server_subscription_id(
      fmt::format("{}/{}", CleanText(name, name.size()), subscription.engine_id()));
  SendEvent(subscription.id(), event);
}

void Subscriber::EndSubscription(StreamSubscription& subscription, const absl::Status& error) {
  subscription.ending = true;  // nothing more is said about its snapshot
  Command command;
  command.type = CommandType::kUnsubscribe;
  command.sub_id = subscription.engine_id();
  // It cannot fail: the engine knows every subscription that is in the map.
  hub().engine().Execute(*session(), command).IgnoreError();
  CreditWaiting(subscription.DropWaiting());
  std::erase(with_heartbeat_, &subscription);

  v1::SubscriptionEvent event;
  v1::Ended& ended = *event.mutable_ended();
  if (!error.ok()) ToProtoError(error, *ended.mutable_error());
  const uint32_t id = subscription.id();
  subscriptions_.erase(id);
  SendEvent(id, event);
}

absl::Status Subscriber::ReplaceFilter(StreamSubscription& subscription, std::string_view filter) {
  std::string options;
  Command command = SubscribeCommand(subscription.spec(), subscription.engine_id(), true, options);
  command.filter = filter;
  replacing_ = &subscription;
  new_filter_ = filter;
  absl::Status status = hub().engine().Execute(*session(), command);
  if (status.ok() && replacing_ != nullptr) SendFilterReplaced();
  replacing_ = nullptr;
  return status;
}

void Subscriber::SendFilterReplaced() {
  v1::SubscriptionEvent event;
  event.mutable_filter_replaced()->set_filter(std::string(new_filter_));
  SendNotice(*std::exchange(replacing_, nullptr), event);
}

void Subscriber::SendEvent(uint32_t id, const v1::SubscriptionEvent& event) {
  if (ended()) return;
  encoder_.AddEvent(Ids(id), event);
  Written();
}

bool Subscriber::SendNotice(StreamSubscription& subscription, const v1::SubscriptionEvent& event) {
  if (ended()) return false;
  if (subscription.HasWaiting()) {
    return Hold(subscription, {event.SerializeAsString(), 0, Kind::kNotice});
  }
  encoder_.AddEvent(Ids(subscription.id()), event);
  return Written();
}

bool Subscriber::Deliver(const Delivery& delivery) {
  if (ended()) return false;
  std::string clean;
  std::string_view correlation_id = delivery.correlation_id;
  // A client of another protocol may have sent anything; here it would spoil the whole response.
  if (!correlation_id.empty() && !IsValidUtf8(correlation_id)) {
    clean = CleanText(correlation_id, kCorrelationIdBytesMax);
    correlation_id = clean;
  }
  if (delivery.out_of_focus != fluxgate::OutOfFocusReason::kNone) {
    return DeliverOutOfFocus(delivery, correlation_id);
  }
  ids_.clear();
  uint32_t batch_max = EventEncoder::kBatchMessagesMax;
  for (const Subscription* matched : delivery.subscriptions) {
    StreamSubscription& subscription = OfEdge(*matched);
    if (!subscription.Spend(delivery.body.size())) {
      const DeliveredRecord held(delivery.topic, delivery.body, correlation_id, delivery.sow_key);
      if (!Hold(subscription, {held.ToString(), delivery.body.size()})) return false;
      continue;
    }
    ids_.push_back(subscription.id());
    batch_max = std::min(batch_max, subscription.batch_max());
    if (subscription.heartbeat_ns != 0) subscription.last_sent_ns = hub().reactor().now_ns();
  }
  if (ids_.empty()) return true;
  if (form_ == EventEncoder::Form::kSubscribe) ids_.clear();
  if (delivery.sow_key.empty()) {
    encoder_.AddMessage(ids_, batch_max, {delivery.topic, delivery.body, correlation_id});
  } else {
    encoder_.AddRecord(ids_, batch_max,
                       {delivery.topic, delivery.body, correlation_id, delivery.sow_key},
                       EventEncoder::Batch::kMessages);
  }
  return Written();
}

bool Subscriber::DeliverOutOfFocus(const Delivery& delivery, std::string_view correlation_id) {
  v1::SubscriptionEvent event;
  v1::OutOfFocus& out_of_focus = *event.mutable_out_of_focus();
  out_of_focus.set_reason(ToProto(delivery.out_of_focus));
  v1::Message& message = *out_of_focus.mutable_message();
  message.set_topic(std::string(delivery.topic));
  message.set_payload(std::string(delivery.body));
  message.set_key(std::string(delivery.sow_key));
  message.set_correlation_id(std::string(correlation_id));
  const std::string written = event.SerializeAsString();
  ids_.clear();
  for (const Subscription* matched : delivery.subscriptions) {
    StreamSubscription& subscription = OfEdge(*matched);
    if (!subscription.Spend(delivery.body.size())) {
      if (!Hold(subscription, {written, delivery.body.size(), Kind::kEvent})) return false;
      continue;
    }
    ids_.push_back(subscription.id());
    subscription.last_sent_ns = hub().reactor().now_ns();
  }
  if (ids_.empty()) return true;
  if (form_ == EventEncoder::Form::kSubscribe) ids_.clear();
  encoder_.AddWrittenEvent(ids_, written);
  return Written();
}

// Of a snapshot: no other query has a subscription stream.
bool Subscriber::BeginQuery(const QueryInfo& query) {
  if (ended()) return false;
  if (adding_ != nullptr) Start(*std::exchange(adding_, nullptr), *query.subscription);
  if (replacing_ != nullptr) SendFilterReplaced();
  return !ended();
}

bool Subscriber::DeliverRecord(const QueryInfo& query, const Delivery& record) {
  if (ended()) return false;
  StreamSubscription& subscription = OfEdge(*query.subscription);
  const DeliveredRecord message(record.topic, record.body, {}, record.sow_key);
  if (!subscription.Spend(record.body.size())) {
    return Hold(subscription, {message.ToString(), record.body.size(), Kind::kRecord});
  }
  subscription.last_sent_ns = hub().reactor().now_ns();
  encoder_.AddRecord(Ids(subscription.id()), subscription.batch_max(), message,
                     EventEncoder::Batch::kSnapshot);
  return Written();
}

bool Subscriber::EndQuery(const QueryInfo& query, uint64_t records) {
  if (ended()) return false;
  StreamSubscription& subscription = OfEdge(*query.subscription);
  if (subscription.ending) return true;
  v1::SubscriptionEvent event;
  event.mutable_snapshot_end()->set_record_count(records);
  return SendNotice(subscription, event);
}

// One that has no credit gets nothing more: what waits for it would only grow.
bool Subscriber::HasRoomFor(const Subscription& subscription) const {
  StreamSubscription& of_stream = OfEdge(subscription);
  if (!of_stream.HasWaiting()) return HasRoom();
  of_stream.room_wanted = true;
  return false;
}

void Subscriber::CutOffSubscription(Subscription& subscription, const absl::Status& why) {
  if (form_ == EventEncoder::Form::kSubscribe) return CutOff(why);
  EndSoon(OfEdge(subscription), why);
}

void Subscriber::EndSoon(StreamSubscription& subscription, const absl::Status& why) {
  if (subscription.ending) return;
  subscription.ending = true;
  ending_.emplace_back(subscription.id(), why);
  MarkDirty();
}

bool Subscriber::Hold(StreamSubscription& subscription, StreamSubscription::Waiting waiting) {
  if (subscription.ending) return true;
  if (!subscription.HasRoom(waiting.cost())) {
    EndSoon(subscription, MakeError(ErrorCode::kSlowClient,
                                    "more messages wait for credit than max_buffer_bytes allows"));
    return true;
  }
  if (!ChargeWaiting(waiting.cost())) return false;
  subscription.Hold(std::move(waiting));
  return true;
}

void Subscriber::SendReady(StreamSubscription& subscription) {
  uint64_t bytes = 0;
  const uint32_t id = subscription.id();
  for (int i = 0; i < kReadyMessagesPerSlice && bytes < kReadyBytesPerSlice; ++i) {
    if (subscription.ending || !subscription.HasReady()) break;
    const StreamSubscription::Waiting next = subscription.TakeReady();
    bytes += next.cost();
    CreditWaiting(next.cost());
    switch (next.kind) {
      case Kind::kMessage:
        encoder_.AddWritten(Ids(id), subscription.batch_max(), next.written);
        break;
      case Kind::kRecord:
        encoder_.AddWritten(Ids(id), subscription.batch_max(), next.written,
                            EventEncoder::Batch::kSnapshot);
        break;
      case Kind::kEvent:
      case Kind::kNotice:
        encoder_.AddWrittenEvent(Ids(id), next.written);
        break;
    }
    if (!Written()) return;
  }
  if (subscription.room_wanted && !subscription.HasWaiting()) {
    subscription.room_wanted = false;
    hub().reactor().StartBackgroundWork();
  }
  if (subscription.ending || !subscription.HasReady()) return;
  hub().reactor().Post([self = shared_from_this(), this, id] {
    if (ended()) return;
    if (StreamSubscription* next = Find(id)) SendReady(*next);
  });
}

void Subscriber::OnEndOfBatch() {
  for (const auto& [id, why] : std::exchange(ending_, {})) {
    StreamSubscription* subscription = Find(id);
    if (subscription == nullptr || !subscription->ending) continue;
    EndSubscription(*subscription, why);
    if (ended()) return;
  }
}

bool Subscriber::OnTick(int64_t now_ns) {
  for (size_t i = 0; i < with_heartbeat_.size(); ++i) {
    StreamSubscription& subscription = *with_heartbeat_[i];
    if (now_ns - subscription.last_sent_ns < subscription.heartbeat_ns) continue;
    subscription.last_sent_ns = now_ns;
    v1::SubscriptionEvent event;
    auto& time = *event.mutable_heartbeat()->mutable_server_time();
    const int64_t wall_ns = hub().engine().clock().WallNs();
    time.set_seconds(wall_ns / 1'000'000'000);
    time.set_nanos(static_cast<int32_t>(wall_ns % 1'000'000'000));
    SendEvent(subscription.id(), event);
    if (ended()) return false;
  }
  return !with_heartbeat_.empty();
}

void Subscriber::DropWaiting() {
  for (auto& [id, subscription] : subscriptions_) subscription->DropWaiting();
}

void Subscriber::SayGoAway(int64_t grace_ns) {
  if (ended()) return;
  encoder_.AddGoAway(MakeGoAway(grace_ns));
  Written();
}

void Subscriber::EndForDrain() {
  End(MakeError(ErrorCode::kDraining, "the gateway is shutting down"));
}

}  // namespace fluxgate::grpc_api
