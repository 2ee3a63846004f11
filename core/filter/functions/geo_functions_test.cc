#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

constexpr double kHalfTheEarth = M_PI * 6371008.7714;

double Distance(double lat1, double lon1, double lat2, double lon2) {
  return std::stod(Call("GEO_DISTANCE", {lat1, lon1, lat2, lon2}));
}

TEST(GeoFunctionsTest, Metres) {
  EXPECT_EQ(Call("GEO_DISTANCE", {52.5, 13.4, 52.5, 13.4}), "0.0");
  EXPECT_NEAR(Distance(0, 0, 0, 180), kHalfTheEarth, 1e-3);
  EXPECT_NEAR(Distance(90, 0, -90, 77), kHalfTheEarth, 1e-3);
  EXPECT_NEAR(Distance(0, 0, 1, 0), kHalfTheEarth / 180, 1e-6);
  EXPECT_NEAR(Distance(0, 179.5, 0, -179.5), kHalfTheEarth / 180, 1e-6);
  // Paris to New York, about 5837 km.
  EXPECT_NEAR(Distance(48.8566, 2.3522, 40.7128, -74.0060), 5'837'000, 1'000);
}

TEST(GeoFunctionsTest, OppositePointsAreNoNan) {
  for (double latitude = -90; latitude <= 90; latitude += 0.5) {
    EXPECT_NEAR(Distance(latitude, 10, -latitude, -170), kHalfTheEarth, 1) << latitude;
  }
}

TEST(GeoFunctionsTest, WhatIsNoPlace) {
  EXPECT_EQ(Call("GEO_DISTANCE", {nullptr, 0, "x", 0}), "NULL");
  EXPECT_EQ(Call("GEO_DISTANCE", {"x", 0, 0, 0}), "NaN");
  EXPECT_EQ(Call("GEO_DISTANCE", {90.5, 0, 0, 0}), "NaN");
  EXPECT_EQ(Call("GEO_DISTANCE", {0, INFINITY, 0, 0}), "NaN");
}

}  // namespace
}  // namespace fluxgate
