// What both ways to subscribe share: subscriptions, deliveries, heartbeats. Reactor thread.
#ifndef FLUXGATE_GATEWAY_GRPC_SUBSCRIBER_H_
#define FLUXGATE_GATEWAY_GRPC_SUBSCRIBER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "fluxgate/v1/gateway.pb.h"
#include "gateway/grpc/event_encoder.h"
#include "gateway/grpc/stream.h"
#include "gateway/grpc/stream_subscription.h"

namespace fluxgate::grpc_api {

class Subscriber : public Stream {
 public:
  Subscriber(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context, Traits traits,
             EventEncoder::Form form);
  ~Subscriber() override;

  bool Deliver(const Delivery& delivery) override;
  bool BeginQuery(const QueryInfo& query) override;
  bool DeliverRecord(const QueryInfo& query, const Delivery& record) override;
  bool EndQuery(const QueryInfo& query, uint64_t records) override;
  bool HasRoomFor(const Subscription& subscription) const override;
  void CutOffSubscription(Subscription& subscription, const absl::Status& why) override;
  void SayGoAway(int64_t grace_ns) override;
  void EndForDrain() override;

 protected:
  // Starts a subscription, with its Started event. An error leaves nothing behind.
  absl::Status AddSubscription(uint32_t id, const v1::SubscriptionSpec& spec,
                               const v1::Credit* initial_credit);
  // Ends one, with its Ended event. `error` OK: the client asked for it.
  void EndSubscription(StreamSubscription& subscription, const absl::Status& error);
  absl::Status ReplaceFilter(StreamSubscription& subscription, std::string_view filter);
  // Sends what waits, as far as credit goes, a slice at a time.
  void SendReady(StreamSubscription& subscription);

  // Null: no such subscription.
  StreamSubscription* Find(uint32_t id);
  bool HasSubscriptions() const { return !subscriptions_.empty(); }

  // An event of the subscription `id`.
  void SendEvent(uint32_t id, const v1::SubscriptionEvent& event);

  EventEncoder& encoder() { return encoder_; }
  void OnEndOfBatch() override;

 private:
  void FinishEncoding() override { encoder_.EndRun(); }
  bool OnTick(int64_t now_ns) override;
  void DropWaiting() override;

  // The engine has it: the first event.
  void Start(StreamSubscription& subscription, Subscription& of_engine);
  bool DeliverOutOfFocus(const Delivery& delivery, std::string_view correlation_id);
  // False: the client has been cut off.
  bool Hold(StreamSubscription& subscription, StreamSubscription::Waiting waiting);
  // Inside an Outbox call: the engine may not be told yet.
  void EndSoon(StreamSubscription& subscription, const absl::Status& why);
  // After what waits, but without credit.
  bool SendNotice(StreamSubscription& subscription, const v1::SubscriptionEvent& event);
  void SendFilterReplaced();
  std::span<const uint32_t> Ids(const uint32_t& id) const;

  const EventEncoder::Form form_;
  EventEncoder encoder_;
  absl::flat_hash_map<uint32_t, std::unique_ptr<StreamSubscription>> subscriptions_;
  std::vector<StreamSubscription*> with_heartbeat_;
  std::vector<std::pair<uint32_t, absl::Status>> ending_;
  // The command that is being executed: its answers come while it is.
  StreamSubscription* adding_ = nullptr;
  StreamSubscription* replacing_ = nullptr;
  std::string_view new_filter_;
  std::vector<uint32_t> ids_;  // scratch of one delivery
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_SUBSCRIBER_H_
