#include "gateway/grpc/stream_subscription.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace fluxgate::grpc_api {
namespace {

constexpr uint64_t kBufferMax = 1000;

v1::SubscriptionSpec Spec() {
  v1::SubscriptionSpec spec;
  spec.set_topic("orders");
  return spec;
}

v1::Credit Messages(uint64_t messages) {
  v1::Credit credit;
  credit.set_messages(messages);
  return credit;
}

v1::Credit Bytes(uint64_t bytes) {
  v1::Credit credit;
  credit.set_bytes(bytes);
  return credit;
}

TEST(StreamSubscription, WithoutAGrantThereIsNoLimit) {
  StreamSubscription s(7, Spec(), kBufferMax);
  EXPECT_EQ(s.engine_id(), "7");
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(s.Spend(1 << 20));
}

TEST(StreamSubscription, GrantsAddUp) {
  StreamSubscription s(1, Spec(), kBufferMax);
  s.Grant(Messages(1));
  s.Grant(Messages(2));
  EXPECT_TRUE(s.Spend(10));
  EXPECT_TRUE(s.Spend(10));
  EXPECT_TRUE(s.Spend(10));
  EXPECT_FALSE(s.Spend(10));
}

TEST(StreamSubscription, AGrantOfZeroLimits) {
  StreamSubscription s(1, Spec(), kBufferMax);
  s.Grant(Messages(0));
  EXPECT_FALSE(s.Spend(1));
  s.Grant(Messages(1));
  EXPECT_TRUE(s.Spend(1));
}

TEST(StreamSubscription, BytesMayBeOverdrawnOnce) {
  StreamSubscription s(1, Spec(), kBufferMax);
  s.Grant(Bytes(100));
  EXPECT_TRUE(s.Spend(99));
  EXPECT_TRUE(s.Spend(50));  // 1 was left
  EXPECT_FALSE(s.Spend(1));  // 49 below zero
  s.Grant(Bytes(49));
  EXPECT_FALSE(s.Spend(1));
  s.Grant(Bytes(1));
  EXPECT_TRUE(s.Spend(1));
}

TEST(StreamSubscription, BothPartsCount) {
  StreamSubscription s(1, Spec(), kBufferMax);
  s.Grant(Messages(100));
  s.Grant(Bytes(1));
  EXPECT_TRUE(s.Spend(5));
  EXPECT_FALSE(s.Spend(5));
}

TEST(StreamSubscription, HugeGrantsDoNotOverflow) {
  StreamSubscription s(1, Spec(), kBufferMax);
  for (int i = 0; i < 100; ++i) {
    s.Grant(Messages(UINT64_MAX));
    s.Grant(Bytes(UINT64_MAX));
  }
  EXPECT_TRUE(s.Spend(1));
}

TEST(StreamSubscription, WaitingMessagesGoFirstAndInOrder) {
  StreamSubscription s(1, Spec(), kBufferMax);
  s.Grant(Messages(0));
  s.Hold({"a", 1});
  s.Hold({"b", 1});
  EXPECT_FALSE(s.HasReady());
  s.Grant(Messages(3));
  EXPECT_FALSE(s.Spend(1)) << "would overtake";
  ASSERT_TRUE(s.HasReady());
  EXPECT_EQ(s.TakeReady().written, "a");
  EXPECT_EQ(s.TakeReady().written, "b");
  EXPECT_FALSE(s.HasReady());
  EXPECT_EQ(s.waiting_bytes(), 0u);
  EXPECT_TRUE(s.Spend(1));
  EXPECT_FALSE(s.Spend(1));
}

TEST(StreamSubscription, PauseHoldsAndResumes) {
  StreamSubscription s(1, Spec(), kBufferMax);
  s.SetPaused(true);
  EXPECT_FALSE(s.Spend(1));
  s.Hold({"a", 1});
  EXPECT_FALSE(s.HasReady());
  s.SetPaused(false);
  EXPECT_TRUE(s.HasReady());
  s.TakeReady();
  EXPECT_TRUE(s.Spend(1));
}

TEST(StreamSubscription, NoticesKeepTheirPlaceAndCostNothing) {
  using Kind = StreamSubscription::Kind;
  StreamSubscription s(1, Spec(), kBufferMax);
  s.Grant(Messages(0));
  s.Hold({"record", 1, Kind::kRecord});
  s.Hold({"notice", 0, Kind::kNotice});
  s.Hold({"event", 1, Kind::kEvent});
  EXPECT_FALSE(s.HasReady());
  s.Grant(Messages(1));
  EXPECT_EQ(s.TakeReady().written, "record");
  ASSERT_TRUE(s.HasReady()) << "without credit";
  EXPECT_EQ(s.TakeReady().written, "notice");
  EXPECT_FALSE(s.HasReady());
  s.Grant(Messages(1));
  EXPECT_EQ(s.TakeReady().written, "event");
  EXPECT_FALSE(s.HasWaiting());
  EXPECT_FALSE(s.Spend(1));
}

TEST(StreamSubscription, RoomEndsAtTheLimit) {
  v1::SubscriptionSpec spec = Spec();
  spec.set_max_buffer_bytes(500);
  StreamSubscription asked(1, spec, kBufferMax);
  EXPECT_TRUE(asked.HasRoom(500));
  EXPECT_FALSE(asked.HasRoom(501));
  spec.set_max_buffer_bytes(5000);
  StreamSubscription capped(1, spec, kBufferMax);
  EXPECT_TRUE(capped.HasRoom(1000));
  EXPECT_FALSE(capped.HasRoom(1001));
  StreamSubscription by_default(1, Spec(), kBufferMax);
  EXPECT_TRUE(by_default.HasRoom(1000));
  EXPECT_FALSE(by_default.HasRoom(1001));
  by_default.Hold({std::string(100, 'x'), 100});
  EXPECT_EQ(by_default.waiting_bytes(), 100 + StreamSubscription::kWaitingOverheadBytes);
  EXPECT_EQ(by_default.DropWaiting(), 100 + StreamSubscription::kWaitingOverheadBytes);
  EXPECT_TRUE(by_default.HasRoom(1000));
}

}  // namespace
}  // namespace fluxgate::grpc_api
