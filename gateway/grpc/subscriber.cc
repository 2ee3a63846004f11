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
  auto subscription = std::make_unique<StreamSubscription>(id, spec, SubscriptionBufferMax(hub()));
  const std::string& engine_id = subscription->engine_id();
  if (absl::Status status = hub().engine().Execute(*session(), SubscribeCommand(spec, engine_id));
      !status.ok()) {
    return status;
  }
  session()->subscriptions.find(std::string_view(engine_id))->second->edge_tag =
      reinterpret_cast<uint64_t>(subscription.get());
  if (initial_credit != nullptr) subscription->Grant(*initial_credit);
  subscription->heartbeat_ns = HeartbeatIntervalNs(spec);
  subscription->last_sent_ns = hub().reactor().now_ns();
  if (subscription->heartbeat_ns != 0) {
    with_heartbeat_.push_back(subscription.get());
    hub().StartTicking(*this);
  }

  v1::SubscriptionEvent event;
  event.mutable_started()->set_server_subscription_id(fmt::format(
      "{}/{}", CleanText(session()->client_name, session()->client_name.size()), engine_id));
  subscriptions_.emplace(id, std::move(subscription));
  SendEvent(id, event);
  return absl::OkStatus();
}

void Subscriber::EndSubscription(StreamSubscription& subscription, const absl::Status& error) {
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
  Command command;
  command.type = CommandType::kSubscribe;
  command.topic = subscription.topic();
  command.filter = filter;
  command.sub_id = subscription.engine_id();
  command.options = "replace";
  if (absl::Status status = hub().engine().Execute(*session(), command); !status.ok()) {
    return status;
  }
  v1::SubscriptionEvent event;
  event.mutable_filter_replaced()->set_filter(std::string(filter));
  SendEvent(subscription.id(), event);
  return absl::OkStatus();
}

void Subscriber::SendEvent(uint32_t id, const v1::SubscriptionEvent& event) {
  if (ended()) return;
  encoder_.AddEvent(Ids(id), event);
  Written();
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
  ids_.clear();
  uint32_t batch_max = EventEncoder::kBatchMessagesMax;
  for (const Subscription* matched : delivery.subscriptions) {
    StreamSubscription& subscription = OfEdge(*matched);
    if (!subscription.Spend(delivery.body.size())) {
      const Delivery held{delivery.topic, delivery.body, correlation_id, {}};
      if (!Hold(subscription, held)) return false;
      continue;
    }
    ids_.push_back(subscription.id());
    batch_max = std::min(batch_max, subscription.batch_max());
    if (subscription.heartbeat_ns != 0) subscription.last_sent_ns = hub().reactor().now_ns();
  }
  if (ids_.empty()) return true;
  if (form_ == EventEncoder::Form::kSubscribe) ids_.clear();
  encoder_.AddMessage(ids_, batch_max, {delivery.topic, delivery.body, correlation_id});
  return Written();
}

// False: the client has been cut off.
bool Subscriber::Hold(StreamSubscription& subscription, const Delivery& delivery) {
  if (subscription.overflowed) return true;
  const DeliveredMessage message(delivery.topic, delivery.body, delivery.correlation_id);
  const uint64_t cost = message.size() + StreamSubscription::kWaitingOverheadBytes;
  if (!subscription.HasRoom(cost)) {
    // Inside an Outbox call: the engine may not be told yet.
    subscription.overflowed = true;
    overflowed_.push_back(subscription.id());
    MarkDirty();
    return true;
  }
  if (!ChargeWaiting(cost)) return false;
  subscription.Hold({message.ToString(), delivery.body.size()});
  return true;
}

void Subscriber::SendReady(StreamSubscription& subscription) {
  uint64_t bytes = 0;
  for (int i = 0; i < kReadyMessagesPerSlice && bytes < kReadyBytesPerSlice; ++i) {
    if (subscription.overflowed || !subscription.HasReady()) return;
    const StreamSubscription::Waiting message = subscription.TakeReady();
    bytes += message.cost();
    CreditWaiting(message.cost());
    encoder_.AddWritten(Ids(subscription.id()), subscription.batch_max(), message.written);
    if (!Written()) return;
  }
  if (!subscription.HasReady()) return;
  hub().reactor().Post([self = shared_from_this(), this, id = subscription.id()] {
    if (ended()) return;
    if (StreamSubscription* next = Find(id)) SendReady(*next);
  });
}

void Subscriber::OnEndOfBatch() {
  for (const uint32_t id : std::exchange(overflowed_, {})) {
    StreamSubscription* subscription = Find(id);
    if (subscription == nullptr || !subscription->overflowed) continue;
    EndSubscription(*subscription,
                    MakeError(ErrorCode::kSlowClient,
                              "more messages wait for credit than max_buffer_bytes allows"));
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
