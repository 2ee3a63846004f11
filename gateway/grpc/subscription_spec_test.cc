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
  std::string options;
  const Command command = SubscribeCommand(spec, "7", false, options);
  EXPECT_EQ(command.type, CommandType::kSubscribe);
  EXPECT_EQ(command.topic, "orders");
  EXPECT_EQ(command.filter, "/price > 10");
  EXPECT_EQ(command.sub_id, "7");
  EXPECT_EQ(command.options, "");
}

TEST(SubscriptionSpec, WhatIsAskedForBecomesOptions) {
  Spec spec;
  spec.set_topic("orders");
  spec.set_with_snapshot(true);
  spec.set_out_of_focus(true);
  spec.mutable_conflation_interval()->set_nanos(20'000'000);
  spec.set_conflation_key("/id");
  spec.set_order_by("/price DESC");
  spec.set_top_n(5);
  spec.add_fields("/id");
  spec.add_fields("/a/b");
  ASSERT_TRUE(CheckSpec(spec).ok());
  std::string options;
  Command command = SubscribeCommand(spec, "7", false, options);
  EXPECT_EQ(command.type, CommandType::kSowAndSubscribe);
  EXPECT_EQ(command.options,
            "oof,conflation=20000000ns,conflation_key=[/id],select=[-/,+/id,+/a/b]");
  EXPECT_EQ(command.order_by, "/price DESC");
  EXPECT_EQ(command.top_n, 5u) << "of the snapshot only";

  spec.set_paginated(true);
  spec.set_skip_n(10);
  spec.set_delta(true);
  spec.clear_conflation_interval();
  spec.clear_conflation_key();
  ASSERT_TRUE(CheckSpec(spec).ok());
  command = SubscribeCommand(spec, "7", true, options);
  EXPECT_EQ(command.type, CommandType::kSowAndDeltaSubscribe);
  EXPECT_EQ(command.options, "replace,oof,top_n=5,skip_n=10,select=[-/,+/id,+/a/b]");
  EXPECT_EQ(command.top_n, 0u);

  Spec delta;
  delta.set_delta(true);
  EXPECT_EQ(SubscribeCommand(delta, "7", false, options).type, CommandType::kDeltaSubscribe);
}

TEST(SubscriptionSpec, WhatWouldBePassedOverIsRefused) {
  const std::vector<std::pair<std::string, std::function<void(Spec&)>>> requests = {
      {"order_by needs with_snapshot", [](Spec& s) { s.set_order_by("/id"); }},
      {"top_n needs with_snapshot", [](Spec& s) { s.set_top_n(1); }},
      {"paginated needs with_snapshot", [](Spec& s) { s.set_paginated(true); }},
      {"paginated needs top_n",
       [](Spec& s) {
         s.set_with_snapshot(true);
         s.set_paginated(true);
       }},
      {"skip_n needs paginated",
       [](Spec& s) {
         s.set_with_snapshot(true);
         s.set_top_n(1);
         s.set_skip_n(1);
       }},
      {"conflation_key needs conflation_interval", [](Spec& s) { s.set_conflation_key("/id"); }},
      {"conflation_interval is not a length of time",
       [](Spec& s) { s.mutable_conflation_interval()->set_seconds(-1); }},
      {"field 'id' does not begin with /", [](Spec& s) { s.add_fields("id"); }},
      {"field '/a,b' has one of", [](Spec& s) { s.add_fields("/a,b"); }},
      {"field '/a]' has one of",
       [](Spec& s) {
         s.mutable_conflation_interval()->set_seconds(1);
         s.set_conflation_key("/a]");
       }},
  };
  for (const auto& [text, ask] : requests) {
    Spec spec;
    spec.set_topic("orders");
    ask(spec);
    const absl::Status status = CheckSpec(spec);
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kBadOption) << text;
    EXPECT_NE(ErrorText(status).find(text), std::string::npos) << ErrorText(status);
  }
}

TEST(SubscriptionSpec, WhatIsNotBuiltIsNamed) {
  const std::vector<std::pair<std::string, std::function<void(Spec&)>>> features = {
      {"start.after_bookmark", [](Spec& s) { s.mutable_start()->set_after_bookmark("b"); }},
      {"start.at_time", [](Spec& s) { s.mutable_start()->mutable_at_time(); }},
      {"start.earliest", [](Spec& s) { s.mutable_start()->set_earliest(true); }},
      {"start.most_recent", [](Spec& s) { s.mutable_start()->set_most_recent(true); }},
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
