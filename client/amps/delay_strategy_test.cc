#include "amps/delay_strategy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <thread>
#include <vector>

#include "amps/exceptions.h"

namespace AMPS {
namespace {

constexpr char kUri[] = "tcp://a:1/amps/json";
constexpr char kOther[] = "tcp://b:1/amps/json";

TEST(FixedDelayStrategyTest, WaitsTheSameBeforeAllTriesButTheFirst) {
  FixedDelayStrategy strategy(50);
  EXPECT_EQ(strategy.getConnectWaitDuration(kUri), 0u);
  EXPECT_EQ(strategy.getConnectWaitDuration(kUri), 50u);
  EXPECT_EQ(strategy.getConnectWaitDuration(kUri), 50u);
  EXPECT_EQ(strategy.getConnectWaitDuration(kOther), 0u);
  strategy.reset();
  EXPECT_EQ(strategy.getConnectWaitDuration(kUri), 0u);
}

TEST(FixedDelayStrategyTest, GivesUpInTheEnd) {
  FixedDelayStrategy strategy(1, 10);
  strategy.getConnectWaitDuration(kUri);
  std::this_thread::sleep_for(std::chrono::milliseconds(11));
  EXPECT_THROW(strategy.getConnectWaitDuration(kUri), ConnectionException);
  strategy.reset();
  EXPECT_EQ(strategy.getConnectWaitDuration(kUri), 0u);
}

TEST(ExponentialDelayStrategyTest, WithoutJitterItDoublesUpToItsLimit) {
  ExponentialDelayStrategy::Options options;
  options.initial_ms = 100;
  options.maximum_delay_ms = 1000;
  options.jitter = 0;
  ExponentialDelayStrategy strategy(options);
  for (const unsigned expected : {0u, 100u, 200u, 400u, 800u, 1000u, 1000u}) {
    EXPECT_EQ(strategy.getConnectWaitDuration(kUri), expected);
  }
  EXPECT_EQ(strategy.getConnectWaitDuration(kOther), 0u);  // each address for itself
  for (int i = 0; i < 5000; ++i) strategy.getConnectWaitDuration(kUri);
  EXPECT_EQ(strategy.getConnectWaitDuration(kUri), 1000u);
  strategy.reset();
  EXPECT_EQ(strategy.getConnectWaitDuration(kUri), 0u);
  EXPECT_EQ(strategy.getConnectWaitDuration(kUri), 100u);
}

TEST(ExponentialDelayStrategyTest, JitterTakesPartOfTheDelay) {
  ExponentialDelayStrategy::Options options;
  options.initial_ms = 1000;
  options.maximum_delay_ms = 1000;
  options.jitter = 0.25;
  ExponentialDelayStrategy strategy(options, 7);
  strategy.getConnectWaitDuration(kUri);
  std::set<unsigned> delays;
  for (int i = 0; i < 1000; ++i) delays.insert(strategy.getConnectWaitDuration(kUri));
  EXPECT_GE(*delays.begin(), 750u);
  EXPECT_LT(*delays.begin(), 760u);
  EXPECT_LE(*delays.rbegin(), 1000u);
  EXPECT_GT(*delays.rbegin(), 990u);
  EXPECT_GT(delays.size(), 200u);
}

TEST(ExponentialDelayStrategyTest, ASeedGivesTheSameDelaysEverywhereAndAnotherSeedOthers) {
  const auto delays = [](uint64_t seed) {
    ExponentialDelayStrategy strategy(ExponentialDelayStrategy::Options{}, seed);
    std::vector<unsigned> delays;
    for (int i = 0; i < 8; ++i) delays.push_back(strategy.getConnectWaitDuration(kUri));
    return delays;
  };
  EXPECT_EQ(delays(1), delays(1));
  EXPECT_NE(delays(1), delays(2));
  // Of std::mt19937_64, whose numbers the standard says.
  std::mt19937_64 random(1);
  EXPECT_EQ(delays(1)[1], static_cast<unsigned>(std::lround(200 * ((random() >> 11) * 0x1p-53))));
}

TEST(ExponentialDelayStrategyTest, GivesUpInTheEnd) {
  ExponentialDelayStrategy::Options options;
  options.maximum_ms = 10;
  ExponentialDelayStrategy strategy(options);
  strategy.getConnectWaitDuration(kUri);
  std::this_thread::sleep_for(std::chrono::milliseconds(11));
  EXPECT_THROW(strategy.getConnectWaitDuration(kOther), ConnectionException);
}

}  // namespace
}  // namespace AMPS
