// Distances on the Earth.
#include <algorithm>
#include <cmath>

#include "core/filter/compare.h"
#include "core/filter/functions/arguments.h"
#include "core/filter/functions/builtin_functions.h"

namespace fluxgate {
namespace {

constexpr double kPi = 3.14159265358979323846;
// The mean radius (2a + b) / 3 of the WGS 84 ellipsoid, in metres.
constexpr double kEarthRadius = 6371008.7714;

// Along a great circle, by the haversine formula. Latitudes and longitudes are in degrees.
Value GeoDistance(std::span<const Value> arguments, EvaluationContext&) {
  if (AnyNull(arguments)) return Value::Null();
  double radians[4];
  for (size_t i = 0; i < 4; ++i) {
    const double degrees = ToDouble(NumberOf(arguments[i]));
    if (i % 2 == 0 && std::abs(degrees) > 90) return NanValue();
    radians[i] = degrees * (kPi / 180);
  }
  const double half_latitude = std::sin((radians[2] - radians[0]) / 2);
  const double half_longitude = std::sin((radians[3] - radians[1]) / 2);
  const double haversine = half_latitude * half_latitude + std::cos(radians[0]) *
                                                               std::cos(radians[2]) *
                                                               half_longitude * half_longitude;
  if (std::isnan(haversine)) return NanValue();
  // Rounding must not carry it beyond its range at opposite points.
  return Value::Double(2 * kEarthRadius * std::asin(std::sqrt(std::clamp(haversine, 0.0, 1.0))));
}

}  // namespace

std::span<const Function> GeoFunctions() {
  static constexpr Function kFunctions[] = {
      {.name = "GEO_DISTANCE", .arguments_min = 4, .arguments_max = 4, .body = GeoDistance},
  };
  return kFunctions;
}

}  // namespace fluxgate
