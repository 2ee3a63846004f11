#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

const double kNan = std::nan("");
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(NumericFunctionsTest, NullNanAndTextAreTakenAsByArithmetic) {
  for (const char* name : {"ABS", "CEILING", "FLOOR", "ROUND", "SIGN", "EXP", "LN", "LOG2", "LOG10",
                           "SQRT", "RADIANS", "DEGREES"}) {
    EXPECT_EQ(Call(name, {nullptr}), "NULL") << name;
    EXPECT_EQ(Call(name, {kNan}), "NaN") << name;
    EXPECT_EQ(Call(name, {"abc"}), "NaN") << name;
  }
  EXPECT_EQ(Call("ABS", {" -7 "}), "7");
  EXPECT_EQ(Call("ABS", {true}), "1");
}

TEST(NumericFunctionsTest, AbsKeepsIntegers) {
  EXPECT_EQ(Call("ABS", {-3}), "3");
  EXPECT_EQ(Call("ABS", {-2.5}), "2.5");
  EXPECT_EQ(Call("ABS", {INT64_MIN}), "9223372036854775808");
  EXPECT_EQ(Call("ABS", {UINT64_MAX}), "18446744073709551615");
}

TEST(NumericFunctionsTest, GreatestAndLeastSkipWhatIsNoNumber) {
  EXPECT_EQ(Call("GREATEST", {3, 5, 4.5}), "5");
  EXPECT_EQ(Call("LEAST", {3, 2.5, "2"}), "2");
  EXPECT_EQ(Call("GREATEST", {"x", 1, nullptr, kNan}), "1");
  EXPECT_EQ(Call("LEAST", {"x", nullptr}), "NaN");
  EXPECT_EQ(Call("GREATEST", {INT64_MAX, UINT64_MAX, 1.8e19}), "18446744073709551615");
}

TEST(NumericFunctionsTest, CeilingAndFloorGiveIntegersWhereTheyFit) {
  EXPECT_EQ(Call("CEILING", {1.2}), "2");
  EXPECT_EQ(Call("CEILING", {-1.2}), "-1");
  EXPECT_EQ(Call("FLOOR", {1.8}), "1");
  EXPECT_EQ(Call("FLOOR", {-1.2}), "-2");
  EXPECT_EQ(Call("FLOOR", {7}), "7");
  EXPECT_EQ(Call("FLOOR", {1e300}), "1e+300");
  EXPECT_EQ(Call("FLOOR", {-kInfinity}), "-inf");
}

TEST(NumericFunctionsTest, RoundIsHalfAwayFromZero) {
  EXPECT_EQ(Call("ROUND", {2.5}), "3");
  EXPECT_EQ(Call("ROUND", {-2.5}), "-3");
  EXPECT_EQ(Call("ROUND", {2.4999}), "2");
  EXPECT_EQ(Call("ROUND", {0.5}), "1");
  EXPECT_EQ(Call("ROUND", {-0.4}), "0");
  EXPECT_EQ(Call("ROUND", {7}), "7");
}

TEST(NumericFunctionsTest, RoundToPlacesGoesByTheWrittenNumber) {
  EXPECT_EQ(Call("ROUND", {2.675, 2}), "2.68");
  EXPECT_EQ(Call("ROUND", {1.005, 2}), "1.01");
  EXPECT_EQ(Call("ROUND", {-1.005, 2}), "-1.01");
  EXPECT_EQ(Call("ROUND", {9.996, 2}), "10.0");
  EXPECT_EQ(Call("ROUND", {0.0004, 2}), "0.0");
  EXPECT_EQ(Call("ROUND", {-0.0004, 2}), "0.0");
  EXPECT_EQ(Call("ROUND", {0.005, 2}), "0.01");
  EXPECT_EQ(Call("ROUND", {0.00012345, 7}), "0.0001235");
  EXPECT_EQ(Call("ROUND", {123.456, 1}), "123.5");
}

TEST(NumericFunctionsTest, RoundToNegativePlacesGivesIntegers) {
  EXPECT_EQ(Call("ROUND", {1250, -2}), "1300");
  EXPECT_EQ(Call("ROUND", {-1250, -2}), "-1300");
  EXPECT_EQ(Call("ROUND", {1249.9, -2}), "1200");
  EXPECT_EQ(Call("ROUND", {1251, 2}), "1251");
  EXPECT_EQ(Call("ROUND", {50, -2}), "100");
  EXPECT_EQ(Call("ROUND", {49, -2}), "0");
  EXPECT_EQ(Call("ROUND", {UINT64_MAX, -1}), "1.8446744073709552e+19");
  EXPECT_EQ(Call("ROUND", {UINT64_MAX, -19}), "2e+19");
  EXPECT_EQ(Call("ROUND", {UINT64_MAX, -20}), "0");
  EXPECT_EQ(Call("ROUND", {INT64_MIN, -18}), "-9000000000000000000");
}

TEST(NumericFunctionsTest, RoundTakesAnyPlaces) {
  EXPECT_EQ(Call("ROUND", {1.5, INT64_MAX}), "1.5");
  EXPECT_EQ(Call("ROUND", {1.5, INT64_MIN}), "0");
  EXPECT_EQ(Call("ROUND", {15, INT64_MIN}), "0");
  EXPECT_EQ(Call("ROUND", {1.5, 1e300}), "1.5");
  EXPECT_EQ(Call("ROUND", {5e-324, 324}), "5e-324");
  EXPECT_EQ(Call("ROUND", {5e-324, 323}), "1e-323");
  EXPECT_EQ(Call("ROUND", {1.7976931348623157e308, -308}), "inf");
  EXPECT_EQ(Call("ROUND", {1.7976931348623157e308, 5}), "1.7976931348623157e+308");
  EXPECT_EQ(Call("ROUND", {kInfinity, 2}), "inf");
  EXPECT_EQ(Call("ROUND", {1.5, nullptr}), "NULL");
  EXPECT_EQ(Call("ROUND", {nullptr, kNan}), "NULL");
  EXPECT_EQ(Call("ROUND", {1.5, "x"}), "NaN");
}

TEST(NumericFunctionsTest, Sign) {
  EXPECT_EQ(Call("SIGN", {-0.5}), "-1");
  EXPECT_EQ(Call("SIGN", {0.0}), "0");
  EXPECT_EQ(Call("SIGN", {UINT64_MAX}), "1");
}

TEST(NumericFunctionsTest, ExponentsAndLogarithms) {
  EXPECT_EQ(Call("EXP", {0}), "1.0");
  EXPECT_EQ(Call("LN", {1}), "0.0");
  EXPECT_EQ(Call("LOG2", {1024}), "10.0");
  EXPECT_EQ(Call("LOG10", {1000}), "3.0");
  EXPECT_EQ(Call("SQRT", {9}), "3.0");
  EXPECT_EQ(Call("LN", {-1}), "NaN");
  EXPECT_EQ(Call("SQRT", {-1}), "NaN");
  EXPECT_EQ(Call("LN", {0}), "-inf");
  EXPECT_EQ(Call("EXP", {1000}), "inf");
}

TEST(NumericFunctionsTest, PowerOfIntegersIsExact) {
  EXPECT_EQ(Call("POWER", {2, 10}), "1024");
  EXPECT_EQ(Call("POWER", {2, 63}), "9223372036854775808");
  EXPECT_EQ(Call("POWER", {-2, 63}), "-9223372036854775808");
  EXPECT_EQ(Call("POWER", {2, 64}), "1.8446744073709552e+19");
  EXPECT_EQ(Call("POWER", {3, 40}), "12157665459056928801");
  EXPECT_EQ(Call("POWER", {-1, INT64_MAX}), "-1");
  EXPECT_EQ(Call("POWER", {0, 0}), "1");
  EXPECT_EQ(Call("POWER", {1, UINT64_MAX}), "1");
  EXPECT_EQ(Call("POWER", {10, INT64_MAX}), "inf");
  EXPECT_EQ(Call("POWER", {2, -1}), "0.5");
  EXPECT_EQ(Call("POWER", {4, 0.5}), "2.0");
  EXPECT_EQ(Call("POWER", {-8, 0.5}), "NaN");
  EXPECT_EQ(Call("POWER", {1, kNan}), "NaN");
  EXPECT_EQ(Call("POWER", {kNan, 0}), "NaN");
  EXPECT_EQ(Call("POWER", {nullptr, kNan}), "NULL");
}

TEST(NumericFunctionsTest, Angles) {
  EXPECT_EQ(Call("DEGREES", {M_PI}), "180.0");
  EXPECT_EQ(Call("RADIANS", {180}), Show(Value::Double(M_PI)));
}

TEST(NumericFunctionsTest, WidthBucketIsThatOfSql) {
  EXPECT_EQ(Call("WIDTH_BUCKET", {5, 0, 10, 5}), "3");
  EXPECT_EQ(Call("WIDTH_BUCKET", {0, 0, 10, 5}), "1");
  EXPECT_EQ(Call("WIDTH_BUCKET", {9.99, 0, 10, 5}), "5");
  EXPECT_EQ(Call("WIDTH_BUCKET", {10, 0, 10, 5}), "6");
  EXPECT_EQ(Call("WIDTH_BUCKET", {-1, 0, 10, 5}), "0");
  EXPECT_EQ(Call("WIDTH_BUCKET", {9, 10, 0, 5}), "1");
  EXPECT_EQ(Call("WIDTH_BUCKET", {11, 10, 0, 5}), "0");
  EXPECT_EQ(Call("WIDTH_BUCKET", {0, 10, 0, 5}), "6");
}

TEST(NumericFunctionsTest, WidthBucketWithoutSenseIsNull) {
  EXPECT_EQ(Call("WIDTH_BUCKET", {5, 0, 10, 0}), "NULL");
  EXPECT_EQ(Call("WIDTH_BUCKET", {5, 1, 1, 5}), "NULL");
  EXPECT_EQ(Call("WIDTH_BUCKET", {5, 0, kInfinity, 5}), "NULL");
  EXPECT_EQ(Call("WIDTH_BUCKET", {5, 0, nullptr, 5}), "NULL");
  EXPECT_EQ(Call("WIDTH_BUCKET", {5, 0, "x", 5}), "NaN");
  EXPECT_EQ(Call("WIDTH_BUCKET", {1e308, -1.7e308, 1.7e308, 2}), "2");
  EXPECT_EQ(Call("WIDTH_BUCKET", {2, 0, 1, INT64_MAX}), "9223372036854775808");
  EXPECT_EQ(Call("WIDTH_BUCKET", {kInfinity, 0, 1, 3}), "4");
}

}  // namespace
}  // namespace fluxgate
