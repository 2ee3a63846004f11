#include "gateway/grpc/subscription_spec.h"

#include <fmt/format.h>

#include "core/base/error.h"

namespace fluxgate::grpc_api {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
// As far as nanoseconds in 64 bits go, with room to add.
constexpr int64_t kIntervalSecondsMax = 1'000'000'000;

// What `spec` asks for that is not built yet; empty: nothing.
std::string_view NotBuiltFeature(const v1::SubscriptionSpec& spec) {
  if (spec.with_snapshot()) return "with_snapshot";
  if (spec.delta()) return "delta";
  if (spec.out_of_focus()) return "out_of_focus";
  using Position = v1::StartPosition;
  switch (spec.start().position_case()) {
    case Position::kAfterBookmark:
      return "start.after_bookmark";
    case Position::kAtTime:
      return "start.at_time";
    case Position::kEarliest:
      return "start.earliest";
    case Position::kMostRecent:
      return "start.most_recent";
    case Position::kNow:
    case Position::POSITION_NOT_SET:
      break;
  }
  if (spec.has_conflation_interval()) return "conflation_interval";
  if (!spec.conflation_key().empty()) return "conflation_key";
  if (!spec.order_by().empty()) return "order_by";
  if (spec.top_n() != 0) return "top_n";
  if (spec.skip_n() != 0) return "skip_n";
  if (spec.fields_size() != 0) return "fields";
  if (spec.max_backlog() != 0) return "max_backlog";
  if (!spec.durable_name().empty()) return "durable_name";
  switch (spec.overflow_policy()) {
    case v1::OVERFLOW_POLICY_CONFLATE:
      return "overflow_policy CONFLATE";
    case v1::OVERFLOW_POLICY_DROP_OLDEST:
      return "overflow_policy DROP_OLDEST";
    case v1::OVERFLOW_POLICY_SPILL_TO_LOG:
      return "overflow_policy SPILL_TO_LOG";
    default:
      break;
  }
  return {};
}

}  // namespace

absl::Status CheckSpec(const v1::SubscriptionSpec& spec) {
  if (const std::string_view feature = NotBuiltFeature(spec); !feature.empty()) {
    return MakeError(ErrorCode::kNotBuilt,
                     fmt::format("{} in a subscription is not built yet", feature));
  }
  if (!v1::OverflowPolicy_IsValid(spec.overflow_policy())) {
    return MakeError(ErrorCode::kBadOption, "overflow_policy has no such value");
  }
  if (spec.has_heartbeat_interval()) {
    const auto& interval = spec.heartbeat_interval();
    if (interval.nanos() < 0 || interval.nanos() >= kNsPerSecond || interval.seconds() < 0 ||
        interval.seconds() > kIntervalSecondsMax ||
        HeartbeatIntervalNs(spec) < kHeartbeatIntervalMinNs) {
      return MakeError(ErrorCode::kBadOption, fmt::format("heartbeat_interval is at least {} ms",
                                                          kHeartbeatIntervalMinNs / 1'000'000));
    }
  }
  return absl::OkStatus();
}

Command SubscribeCommand(const v1::SubscriptionSpec& spec, std::string_view id) {
  Command command;
  command.type = CommandType::kSubscribe;
  command.topic = spec.topic();
  command.filter = spec.filter();
  command.sub_id = id;
  return command;
}

int64_t HeartbeatIntervalNs(const v1::SubscriptionSpec& spec) {
  if (!spec.has_heartbeat_interval()) return 0;
  const auto& interval = spec.heartbeat_interval();
  return interval.seconds() * kNsPerSecond + interval.nanos();
}

}  // namespace fluxgate::grpc_api
