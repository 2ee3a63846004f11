// What streams tell their clients about the server.
#ifndef FLUXGATE_GATEWAY_GRPC_LIMITS_H_
#define FLUXGATE_GATEWAY_GRPC_LIMITS_H_

#include <cstdint>

#include "fluxgate/v1/gateway.pb.h"
#include "gateway/grpc/stream_hub.h"

namespace fluxgate::grpc_api {

v1::Limits LimitsOf(StreamHub& hub);
v1::GoAway MakeGoAway(int64_t grace_ns);

// What one subscription may hold back at most.
uint64_t SubscriptionBufferMax(StreamHub& hub);
// What a stream may have unsent when queries on it go on.
uint64_t QueryBacklogMax(StreamHub& hub);

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_LIMITS_H_
