#include "tests/bench/orders.h"

#include <gtest/gtest.h>

#include <random>

namespace fluxgate::bench {
namespace {

TEST(OrdersTest, BodyHasItsSizeNumberAndTime) {
  for (const size_t bytes : {kOrderBytesMin, size_t{128}, size_t{1024}}) {
    for (const uint64_t number : {0, 1, 999, 12'345, 1'234'567}) {
      std::string body = NewOrderBody(number, bytes);
      EXPECT_EQ(body.size(), bytes);
      EXPECT_EQ(OrderNumber(body), number);
      SetOrderTime(body.data(), 123'456'789);
      EXPECT_EQ(body.size(), bytes);
      EXPECT_EQ(OrderTime(body), 123'456'789);
      EXPECT_EQ(OrderNumber(body), number);
      EXPECT_TRUE(body.ends_with("\"}"));
    }
  }
  EXPECT_EQ(OrderNumber("{\"symbol\":\"S0001\"}"), UINT64_MAX);
}

TEST(OrdersTest, WorkloadsHaveTheirSelectivity) {
  std::mt19937_64 random(1);
  size_t bytes = 0;
  uint64_t matches[2] = {0, 0};
  constexpr int kEvents = 2000;
  constexpr int kFilters = 20'000;
  std::vector<EventFilter> filters[2];
  for (int i = 0; i < kFilters; ++i) {
    filters[0].push_back(NewEventFilter(random, Selectivity::kW1));
    filters[1].push_back(NewEventFilter(random, Selectivity::kW1s));
  }
  for (int i = 0; i < kEvents; ++i) {
    const Event event = NewEvent(random);
    bytes += event.body.size();
    for (int workload = 0; workload < 2; ++workload) {
      for (const EventFilter& filter : filters[workload]) {
        matches[workload] += filter.Matches(event) ? 1 : 0;
      }
    }
  }
  EXPECT_NEAR(static_cast<double>(bytes) / kEvents, 146, 3);
  // Per event and 100,000 filters: 25 and 0.25.
  const double scale = 100'000.0 / kFilters / kEvents;
  EXPECT_NEAR(static_cast<double>(matches[0]) * scale, 25, 3);
  EXPECT_NEAR(static_cast<double>(matches[1]) * scale, 0.25, 0.1);
}

}  // namespace
}  // namespace fluxgate::bench
