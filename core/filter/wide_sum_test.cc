#include "core/filter/wide_sum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace fluxgate {
namespace {

using Magnitude = WideSum::Magnitude;

// The sum of what is written as pairs of a magnitude with its sign and an exponent.
struct Part {
  int64_t number;
  int exponent;
};

WideSum SumOf(std::initializer_list<Part> parts) {
  WideSum sum;
  for (const Part& part : parts) {
    sum.Add(static_cast<Magnitude>(std::abs(part.number)), part.exponent, part.number < 0);
  }
  return sum;
}

double Of(std::initializer_list<Part> parts) { return SumOf(parts).Rounded().ToDouble(); }

TEST(WideSumTest, Adds) {
  EXPECT_EQ(Of({}), 0);
  EXPECT_EQ(Of({{5, 0}}), 5);
  EXPECT_EQ(Of({{5, 0}, {-7, 0}}), -2);
  EXPECT_EQ(Of({{5, 0}, {-5, 0}}), 0);
  EXPECT_EQ(Of({{3, -2}, {1, 3}}), 8.75);
}

TEST(WideSumTest, CarriesThroughAllLimbs) {
  // -1 is all ones up to the highest limb, and a small number reaches through them again.
  EXPECT_EQ(Of({{1, 1000}, {-1, -1000}, {1, -1000}, {-1, 1000}}), 0);
  EXPECT_EQ(Of({{-1, -1000}, {1, 900}, {-1, 900}, {2, -1000}}), std::ldexp(1, -1000));
  WideSum sum;
  for (int i = 0; i < 1000; ++i) sum.Add(~Magnitude{0}, 0, false);
  for (int i = 0; i < 999; ++i) sum.Add(~Magnitude{0}, 0, true);
  EXPECT_EQ(sum.Rounded().ToDouble(), 0x1p128);
  sum.Add(~Magnitude{0}, 0, true);
  sum.Add(1, 0, true);
  EXPECT_EQ(sum.Rounded().ToDouble(), -1);
}

TEST(WideSumTest, RoundsOnceAndToEven) {
  constexpr int64_t kOdd = (int64_t{1} << 53) + 1;  // half-way between two doubles
  EXPECT_EQ(Of({{kOdd, 0}}), 0x1p53);
  EXPECT_EQ(Of({{kOdd + 2, 0}}), 0x1p53 + 4);
  EXPECT_EQ(Of({{kOdd, 0}, {1, -1074}}), 0x1p53 + 2);
  EXPECT_EQ(Of({{kOdd, 0}, {-1, -1074}}), 0x1p53);
  EXPECT_EQ(Of({{-kOdd, 0}, {-1, -1074}}), -0x1p53 - 2);
}

TEST(WideSumTest, HoldsWhatIsBeyondDoublesOnTheWay) {
  constexpr int64_t kMantissa = (int64_t{1} << 53) - 1;
  const double largest = std::numeric_limits<double>::max();
  EXPECT_EQ(Of({{kMantissa, 971}}), largest);
  EXPECT_EQ(Of({{kMantissa, 971}, {kMantissa, 971}, {-kMantissa, 971}}), largest);
  EXPECT_EQ(Of({{kMantissa, 971}, {kMantissa, 971}}), INFINITY);
  EXPECT_EQ(Of({{1, -1074}}), std::numeric_limits<double>::denorm_min());
}

TEST(WideSumTest, FullRangeOfSquares) {
  WideSum sum;
  sum.Add(1, WideSum::kExponentMin, false);
  sum.Add(1, 2048, false);
  const ScaledDouble all = sum.Rounded();
  EXPECT_EQ(std::ldexp(all.mantissa, all.exponent - 2048), 1);
  sum.Add(1, 2048, true);
  const ScaledDouble least = sum.Rounded();
  EXPECT_EQ(std::ldexp(least.mantissa, least.exponent - WideSum::kExponentMin), 1);
}

TEST(WideSumTest, Spread) {
  // Of 2, 4: 2 * (4 + 16) - 6 * 6.
  EXPECT_EQ(WideSum::Spread(2, SumOf({{20, 0}}), SumOf({{6, 0}})).ToDouble(), 4);
  EXPECT_EQ(WideSum::Spread(2, SumOf({{20, 0}}), SumOf({{-6, 0}})).ToDouble(), 4);
  EXPECT_EQ(WideSum::Spread(1, SumOf({{9, -2148}}), SumOf({{3, -1074}})).mantissa, 0);
  EXPECT_EQ(WideSum::Spread(3, SumOf({{3, 200}}), SumOf({{3, 100}})).mantissa, 0);
  EXPECT_EQ(WideSum::Spread(0, WideSum(), WideSum()).mantissa, 0);
  // Of 2^500 and 2^-500: 2^1000 - 2 + 2^-1000, which only the last bits of the exact sum tell.
  const ScaledDouble far =
      WideSum::Spread(2, SumOf({{1, 1000}, {1, -1000}}), SumOf({{1, 500}, {1, -500}}));
  EXPECT_EQ(far.ToDouble(), 0x1p1000);
}

}  // namespace
}  // namespace fluxgate
