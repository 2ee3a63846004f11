#include "gateway/grpc/limits.h"

#include <algorithm>

namespace fluxgate::grpc_api {

uint64_t SubscriptionBufferMax(StreamHub& hub) {
  // A share of the client's outbox, so that one subscription cannot end its siblings.
  return std::min(hub.options().subscription_buffer_bytes_max,
                  hub.budget().limits().client_bytes_max / 4);
}

uint64_t QueryBacklogMax(StreamHub& hub) {
  // Well below what makes a client one that publishers wait for.
  return std::min(hub.options().query_backlog_bytes_max,
                  hub.budget().limits().client_bytes_max / 16);
}

v1::Limits LimitsOf(StreamHub& hub) {
  v1::Limits limits;
  limits.set_max_message_bytes(hub.engine().options().limits.body_bytes_max);
  limits.set_max_batch_bytes(hub.options().request_bytes_max);
  limits.set_max_subscriptions(hub.engine().options().limits.subscriptions_per_session_max);
  limits.set_max_buffer_bytes(SubscriptionBufferMax(hub));
  return limits;
}

v1::GoAway MakeGoAway(int64_t grace_ns) {
  v1::GoAway go_away;
  go_away.mutable_grace()->set_seconds(grace_ns / 1'000'000'000);
  go_away.mutable_grace()->set_nanos(static_cast<int32_t>(grace_ns % 1'000'000'000));
  go_away.set_reason("the gateway is shutting down");
  return go_away;
}

}  // namespace fluxgate::grpc_api
