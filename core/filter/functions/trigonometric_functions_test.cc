#include <gtest/gtest.h>

#include <cmath>

#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

TEST(TrigonometricFunctionsTest, NullAndNan) {
  for (const char* name :
       {"ACOS", "ASIN", "ATAN", "COS", "COSH", "COT", "SIN", "SINH", "TAN", "TANH"}) {
    EXPECT_EQ(Call(name, {nullptr}), "NULL") << name;
    EXPECT_EQ(Call(name, {std::nan("")}), "NaN") << name;
    EXPECT_EQ(Call(name, {"x"}), "NaN") << name;
  }
  EXPECT_EQ(Call("ATAN2", {nullptr, "x"}), "NULL");
  EXPECT_EQ(Call("ATAN2", {1, "x"}), "NaN");
}

TEST(TrigonometricFunctionsTest, KnownValues) {
  const auto show = [](double d) { return Show(Value::Double(d)); };
  EXPECT_EQ(Call("ACOS", {1}), "0.0");
  EXPECT_EQ(Call("ASIN", {1}), show(M_PI / 2));
  EXPECT_EQ(Call("ATAN", {1}), show(M_PI / 4));
  EXPECT_EQ(Call("ATAN2", {1, -1}), show(3 * M_PI / 4));
  EXPECT_EQ(Call("COS", {0}), "1.0");
  EXPECT_EQ(Call("COSH", {0}), "1.0");
  EXPECT_EQ(Call("COT", {M_PI / 4}), show(1 / std::tan(M_PI / 4)));
  EXPECT_EQ(Call("SIN", {"0"}), "0.0");
  EXPECT_EQ(Call("SINH", {0}), "0.0");
  EXPECT_EQ(Call("TAN", {0}), "0.0");
  EXPECT_EQ(Call("TANH", {0}), "0.0");
}

TEST(TrigonometricFunctionsTest, OutsideOfTheDomain) {
  EXPECT_EQ(Call("ACOS", {2}), "NaN");
  EXPECT_EQ(Call("ASIN", {-1.5}), "NaN");
  EXPECT_EQ(Call("COT", {0}), "inf");
  EXPECT_EQ(Call("COS", {INFINITY}), "NaN");
}

}  // namespace
}  // namespace fluxgate
