#include "gateway/amps/amps_heartbeat.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace fluxgate::amps {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(Heartbeat, IsOffUntilAskedFor) {
  Heartbeat heartbeat;
  EXPECT_EQ(heartbeat.Check(1000 * kSecond), Heartbeat::Due::kNothing);
}

TEST(Heartbeat, IsSentEveryIntervalWhileTheClientSpeaks) {
  Heartbeat heartbeat;
  ASSERT_TRUE(heartbeat.Configure("start,2", 0).ok());
  EXPECT_EQ(heartbeat.Check(kSecond), Heartbeat::Due::kNothing);
  EXPECT_EQ(heartbeat.Check(2 * kSecond), Heartbeat::Due::kSend);
  EXPECT_EQ(heartbeat.Check(3 * kSecond), Heartbeat::Due::kNothing);
  heartbeat.OnReceived(3 * kSecond);
  EXPECT_EQ(heartbeat.Check(4 * kSecond), Heartbeat::Due::kSend);
}

TEST(Heartbeat, AClientSilentForTwoIntervalsIsGone) {
  Heartbeat heartbeat;
  ASSERT_TRUE(heartbeat.Configure("start,2", 0).ok());
  EXPECT_NE(heartbeat.Check(4 * kSecond), Heartbeat::Due::kClientGone);
  EXPECT_EQ(heartbeat.Check(4 * kSecond + 1), Heartbeat::Due::kClientGone);
}

TEST(Heartbeat, Stops) {
  Heartbeat heartbeat;
  ASSERT_TRUE(heartbeat.Configure("start,1", 0).ok());
  ASSERT_TRUE(heartbeat.Configure("stop", 0).ok());
  EXPECT_EQ(heartbeat.Check(100 * kSecond), Heartbeat::Due::kNothing);
}

TEST(Heartbeat, OptionsAtAndBeyondTheirLimits) {
  Heartbeat heartbeat;
  EXPECT_TRUE(heartbeat.Configure("start,1", 0).ok());
  EXPECT_TRUE(heartbeat.Configure("start,86400", 0).ok());
  EXPECT_TRUE(heartbeat.Configure("beat", 0).ok());
  for (const char* options : {"start", "start,", "start,0", "start,86401", "start,-1", "start,1x",
                              "start,99999999999999999999", "sometimes"}) {
    EXPECT_EQ(ErrorCodeOf(heartbeat.Configure(options, 0)), ErrorCode::kBadOption) << options;
  }
}

}  // namespace
}  // namespace fluxgate::amps
