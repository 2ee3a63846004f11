#include "client/cli/latency_histogram.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace fluxgate::cli {
namespace {

TEST(LatencyHistogram, EmptyHasNoQuantiles) { EXPECT_EQ(LatencyHistogram().Quantile(0.5), 0u); }

TEST(LatencyHistogram, QuantilesAreWithinThreePercent) {
  LatencyHistogram histogram;
  for (uint64_t ns = 1; ns <= 1'000'000; ++ns) histogram.Add(ns);
  EXPECT_EQ(histogram.count(), 1'000'000u);
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const double expected = share * 1e6;
    const auto got = static_cast<double>(histogram.Quantile(share));
    EXPECT_GE(got, expected * 0.999);
    EXPECT_LE(got, expected * 1.04);
  }
  EXPECT_EQ(histogram.Quantile(1.0), 1'000'000u);
}

TEST(LatencyHistogram, TakesTheWholeRange) {
  LatencyHistogram histogram;
  for (const uint64_t ns : {uint64_t{0}, uint64_t{31}, uint64_t{32}, UINT64_MAX}) histogram.Add(ns);
  EXPECT_EQ(histogram.Quantile(0), 0u);
  EXPECT_EQ(histogram.Quantile(1), UINT64_MAX);
}

TEST(LatencyHistogram, Adds) {
  LatencyHistogram a, b;
  a.Add(10);
  b.Add(20);
  b.Add(30);
  a.Add(b);
  EXPECT_EQ(a.count(), 3u);
  EXPECT_EQ(a.most(), 30u);
  EXPECT_EQ(a.Quantile(0.5), 20u);
}

}  // namespace
}  // namespace fluxgate::cli
