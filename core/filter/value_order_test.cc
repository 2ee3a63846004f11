#include "core/filter/value_order.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/filter/functions/function_testing.h"
#include "core/filter/operators.h"

namespace fluxgate {
namespace {

const double kNan = std::nan("");

std::vector<std::vector<Argument>> InOrder() {
  return {{nullptr, ""},
          {kNan, -kNan},
          {-INFINITY},
          {INT64_MIN, -9223372036854775808.0, "-9223372036854775808"},
          {-1, -1.0, "-1", " -1.0 "},
          {0, 0.0, -0.0, false, "0", "-0"},
          {std::ldexp(1, -1074)},
          {1, 1.0, true, "1", "1.0", "1e0"},
          {9, "9"},
          {9.5, "9.5"},
          {10, "10"},
          {9007199254740992, 9007199254740992.0},
          {9007199254740993, "9007199254740993"},
          {INT64_MAX},
          {9223372036854775808.0, uint64_t{1} << 63},
          {UINT64_MAX},
          {1e308},
          {INFINITY, "1e999"},
          {"10 km"},
          {"NaN"},
          {"a"},
          {"a "},
          {"b"},
          {"true"}};
}

TEST(ValueOrderTest, PlacesAreOneOrderOverAllKinds) {
  const auto groups = InOrder();
  for (size_t i = 0; i < groups.size(); ++i) {
    for (size_t j = 0; j < groups.size(); ++j) {
      for (const Argument& a : groups[i]) {
        for (const Argument& b : groups[j]) {
          const auto order = ComparePlaces(PlacedValue(a.value()), PlacedValue(b.value()));
          EXPECT_TRUE(order == (i <=> j)) << Show(a.value()) << " and " << Show(b.value());
        }
      }
    }
  }
}

TEST(ValueOrderTest, FullyOnlyTheSameIsEqual) {
  const auto groups = InOrder();
  std::vector<PlacedValue> all;
  for (const auto& group : groups) {
    for (const Argument& a : group) {
      if (!a.value().is_null() && !IsNan(a.value())) all.emplace_back(a.value());
    }
  }
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < all.size(); ++j) {
      const auto order = CompareFully(all[i], all[j]);
      EXPECT_EQ(order == 0, i == j) << Show(all[i].value) << " and " << Show(all[j].value);
      const auto place = ComparePlaces(all[i], all[j]);
      EXPECT_TRUE(place == 0 || place == order);
      EXPECT_TRUE(CompareFully(all[j], all[i]) == (0 <=> order));
      for (const PlacedValue& third : all) {
        if (order < 0 && CompareFully(all[j], third) < 0) {
          EXPECT_TRUE(CompareFully(all[i], third) < 0);
        }
      }
    }
  }
  EXPECT_TRUE(CompareFully(PlacedValue(Value::Double(kNan)), PlacedValue(Value::Double(-kNan))) ==
              0);
}

TEST(ValueOrderTest, OfAnArrayTheFirstElement) {
  const Value elements[] = {Value::Int(4), Value::Int(9)};
  const PlacedValue array(Value::Array(elements));
  EXPECT_TRUE(ComparePlaces(array, PlacedValue(Value::Int(4))) == 0);
  EXPECT_TRUE(CompareFully(array, PlacedValue(Value::Int(5))) < 0);
}

}  // namespace
}  // namespace fluxgate
