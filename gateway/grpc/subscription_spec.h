// A SubscriptionSpec as a command for the engine. Reactor thread.
#ifndef FLUXGATE_GATEWAY_GRPC_SUBSCRIPTION_SPEC_H_
#define FLUXGATE_GATEWAY_GRPC_SUBSCRIPTION_SPEC_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "core/message/command.h"
#include "fluxgate/v1/gateway.pb.h"

namespace fluxgate::grpc_api {

// A heartbeat more often than this is not kept.
inline constexpr int64_t kHeartbeatIntervalMinNs = 100'000'000;

// kNotBuilt, naming the feature, for what is announced and not built; kBadOption for an impossible
// value.
absl::Status CheckSpec(const v1::SubscriptionSpec& spec);

// A command of views into `spec`, which has been checked, `id` and `options`, which is overwritten.
// `replace`: of the subscription with that id.
Command SubscribeCommand(const v1::SubscriptionSpec& spec, std::string_view id, bool replace,
                         std::string& options);

// 0: none.
int64_t HeartbeatIntervalNs(const v1::SubscriptionSpec& spec);

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_SUBSCRIPTION_SPEC_H_
