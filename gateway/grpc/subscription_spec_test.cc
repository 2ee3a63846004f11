#include "gateway/grpc/subscription_spec.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fluxgate::grpc_api {
namespace {

using Spec = v1::SubscriptionSpec;

TEST(SubscriptionSpec, WhatIsBuiltIsAccepted) {
  Spec spec;
  spec.set_topic("orders");
  spec.set_filter("/price > 10");
  spec.mutable_start()->set_now(true);
  spec.set_batch_size(10);
  spec.set_overflow_policy(v1::OVERFLOW_POLICY_DISCONNECT);
  spec.set_max_buffer_bytes(1000);
  spec.mutable_heartbeat_interval()->set_seconds(1);
  EXPECT_TRUE(CheckSpec(spec).ok());
  EXPECT_EQ(HeartbeatIntervalNs(spec), 1'000'000'000);
  const Command command = SubscribeCommand(spec, "7");
  EXPECT_EQ(command.type, CommandType::kSubscribe);
  EXPECT_EQ(command.topic, "orders");
  EXPECT_EQ(command.filter, "/price > 10");
  EXPECT_EQ(command.sub_id, "7");
}

TEST(SubscriptionSpec, WhatIsNotBuiltIsNamed) {
  const std::vector<std::pair<std::string, std::function<void(Spec&)>>> features = {
      {"with_snapshot", [](Spec& s) { s.set_with_snapshot(true); }},
      {"delta", [](Spec& s) { s.set_delta(true); }},
      {"out_of_focus", [](Spec& s) { s.set_out_of_focus(true); }},
      {"start.after_bookmark", [](Spec& s) { s.mutable_start()->set_after_bookmark("b"); }},
      {"start.at_time", [](Spec& s) { s.mutable_start()->mutable_at_time(); }},
      {"start.earliest", [](Spec& s) { s.mutable_start()->set_earliest(true); }},
      {"start.most_recent", [](Spec& s) { s.mutable_start()->set_most_recent(true); }},
      {"conflation_interval", [](Spec& s) { s.mutable_conflation_interval(); }},
      {"conflation_key", [](Spec& s) { s.set_conflation_key("/id"); }},
      {"order_by", [](Spec& s) { s.set_order_by("/id"); }},
      {"top_n", [](Spec& s) { s.set_top_n(1); }},
      {"skip_n", [](Spec& s) { s.set_skip_n(1); }},
      {"fields", [](Spec& s) { s.add_fields("/id"); }},
      {"max_backlog", [](Spec& s) { s.set_max_backlog(1); }},
      {"durable_name", [](Spec& s) { s.set_durable_name("n"); }},
      {"CONFLATE", [](Spec& s) { s.set_overflow_policy(v1::OVERFLOW_POLICY_CONFLATE); }},
      {"DROP_OLDEST", [](Spec& s) { s.set_overflow_policy(v1::OVERFLOW_POLICY_DROP_OLDEST); }},
      {"SPILL_TO_LOG", [](Spec& s) { s.set_overflow_policy(v1::OVERFLOW_POLICY_SPILL_TO_LOG); }},
  };
  for (const auto& [name, ask] : features) {
    Spec spec;
    spec.set_topic("orders");
    ask(spec);
    const absl::Status status = CheckSpec(spec);
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kNotBuilt) << name;
    EXPECT_NE(ErrorText(status).find(name), std::string::npos) << ErrorText(status);
    EXPECT_NE(ErrorText(status).find("not built yet"), std::string::npos);
  }
}

TEST(SubscriptionSpec, HeartbeatsHaveAMinimum) {
  Spec spec;
  spec.mutable_heartbeat_interval()->set_nanos(kHeartbeatIntervalMinNs);
  EXPECT_TRUE(CheckSpec(spec).ok());
  spec.mutable_heartbeat_interval()->set_nanos(kHeartbeatIntervalMinNs - 1);
  EXPECT_EQ(ErrorCodeOf(CheckSpec(spec)), ErrorCode::kBadOption);
  spec.mutable_heartbeat_interval()->set_nanos(-1);
  EXPECT_EQ(ErrorCodeOf(CheckSpec(spec)), ErrorCode::kBadOption);
  spec.mutable_heartbeat_interval()->set_seconds(INT64_MAX);
  spec.mutable_heartbeat_interval()->set_nanos(0);
  EXPECT_EQ(ErrorCodeOf(CheckSpec(spec)), ErrorCode::kBadOption);
}

TEST(SubscriptionSpec, AnUnknownPolicyIsRefused) {
  Spec spec;
  spec.set_overflow_policy(static_cast<v1::OverflowPolicy>(77));
  EXPECT_EQ(ErrorCodeOf(CheckSpec(spec)), ErrorCode::kBadOption);
}

}  // namespace
}  // namespace fluxgate::grpc_api
