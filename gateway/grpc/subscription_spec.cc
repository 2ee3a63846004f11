#include "gateway/grpc/subscription_spec.h"

#include <fmt/format.h>

#include <optional>

#include "core/base/error.h"
#include "gateway/grpc/field_names.h"

namespace fluxgate::grpc_api {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
// As far as nanoseconds in 64 bits go, with room to add.
constexpr int64_t kIntervalSecondsMax = 1'000'000'000;

// What `spec` asks for that is not built yet; empty: nothing.
std::string_view NotBuiltFeature(const v1::SubscriptionSpec& spec) {
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

absl::Status BadOption(std::string_view text) { return MakeError(ErrorCode::kBadOption, text); }

// nullopt: not a length of time that is kept.
std::optional<int64_t> IntervalNs(const google::protobuf::Duration& interval) {
  if (interval.nanos() < 0 || interval.nanos() >= kNsPerSecond || interval.seconds() < 0 ||
      interval.seconds() > kIntervalSecondsMax) {
    return std::nullopt;
  }
  return interval.seconds() * kNsPerSecond + interval.nanos();
}

// What says nothing without something else is refused rather than passed over.
absl::Status CheckCombination(const v1::SubscriptionSpec& spec) {
  if (!spec.with_snapshot()) {
    if (!spec.order_by().empty()) return BadOption("order_by needs with_snapshot");
    if (spec.top_n() != 0) return BadOption("top_n needs with_snapshot");
    if (spec.paginated()) return BadOption("paginated needs with_snapshot");
  }
  if (spec.paginated() && spec.top_n() == 0) return BadOption("paginated needs top_n");
  if (spec.skip_n() != 0 && !spec.paginated()) return BadOption("skip_n needs paginated");
  if (!spec.has_conflation_interval() && !spec.conflation_key().empty()) {
    return BadOption("conflation_key needs conflation_interval");
  }
  return absl::OkStatus();
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
  if (spec.has_heartbeat_interval() &&
      IntervalNs(spec.heartbeat_interval()).value_or(0) < kHeartbeatIntervalMinNs) {
    return BadOption(
        fmt::format("heartbeat_interval is at least {} ms", kHeartbeatIntervalMinNs / 1'000'000));
  }
  if (spec.has_conflation_interval() && !IntervalNs(spec.conflation_interval()).has_value()) {
    return BadOption("conflation_interval is not a length of time");
  }
  if (!spec.conflation_key().empty()) {
    if (absl::Status status = CheckFieldName(spec.conflation_key()); !status.ok()) return status;
  }
  if (absl::Status status = CheckFieldNames(spec.fields()); !status.ok()) return status;
  return CheckCombination(spec);
}

Command SubscribeCommand(const v1::SubscriptionSpec& spec, std::string_view id, bool replace,
                         std::string& options) {
  options.clear();
  const auto add = [&](std::string_view option) {
    if (!options.empty()) options += ',';
    options += option;
  };
  if (replace) add("replace");
  if (spec.out_of_focus()) add("oof");
  if (spec.has_conflation_interval()) {
    add(fmt::format("conflation={}ns", *IntervalNs(spec.conflation_interval())));
  }
  if (!spec.conflation_key().empty()) {
    add(fmt::format("conflation_key=[{}]", spec.conflation_key()));
  }
  if (spec.paginated()) add(fmt::format("top_n={},skip_n={}", spec.top_n(), spec.skip_n()));
  if (!spec.fields().empty()) add(SelectOption(spec.fields()));

  Command command;
  if (spec.with_snapshot()) {
    command.type =
        spec.delta() ? CommandType::kSowAndDeltaSubscribe : CommandType::kSowAndSubscribe;
    if (!spec.paginated()) command.top_n = spec.top_n();
    command.order_by = spec.order_by();
  } else {
    command.type = spec.delta() ? CommandType::kDeltaSubscribe : CommandType::kSubscribe;
  }
  command.topic = spec.topic();
  command.filter = spec.filter();
  command.sub_id = id;
  command.options = options;
  return command;
}

int64_t HeartbeatIntervalNs(const v1::SubscriptionSpec& spec) {
  if (!spec.has_heartbeat_interval()) return 0;
  return IntervalNs(spec.heartbeat_interval()).value_or(0);
}

}  // namespace fluxgate::grpc_api
