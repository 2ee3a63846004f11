#include "core/subscription/column_compare.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <limits>
#include <random>
#include <vector>

namespace fluxgate {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Room behind the rows, as blocks have it.
using Column = std::array<double, kRowsMax>;

template <typename Passes>
uint64_t OneByOne(const Column& bounds, uint32_t rows, Passes passes) {
  uint64_t mask = 0;
  for (uint32_t i = 0; i < rows; ++i) mask |= static_cast<uint64_t>(passes(bounds[i])) << i;
  return mask;
}

TEST(ColumnCompareTest, EveryNumberOfRowsAgreesWithOneByOne) {
  std::mt19937_64 random(1);
  const std::vector<double> values = {-kInfinity, -1, -0.0, 0.0, 0.5, 3, 7, kInfinity};
  for (uint32_t rows = 0; rows <= kRowsMax; ++rows) {
    Column bounds;
    for (double& bound : bounds) bound = values[random() % values.size()];
    for (const double value : {-kInfinity, -0.0, 0.0, 0.5, 3.0, kInfinity, kNan}) {
      const uint64_t mask = RowMask(rows);
      EXPECT_EQ(RowsAtLeast(bounds.data(), rows, value) & mask,
                OneByOne(bounds, rows, [&](double b) { return !(value < b); }));
      EXPECT_EQ(RowsNotEqual(bounds.data(), rows, value) & mask,
                OneByOne(bounds, rows, [&](double b) { return value < b || value > b; }));
      EXPECT_EQ(RowsEqual(bounds.data(), rows, value) & mask,
                OneByOne(bounds, rows, [&](double b) { return IsEqualOrNan(value, b); }));
    }
  }
}

TEST(ColumnCompareTest, OneOfComparesBits) {
  for (const uint32_t rows : {1u, 8u, 9u, 64u}) {
    Column bounds;
    for (uint32_t i = 0; i < kRowsMax; ++i) bounds[i] = std::bit_cast<double>(1ull << i | 1);
    const double bit = std::bit_cast<double>(uint64_t{1} << (rows - 1));
    const uint64_t expected = rows == 1 ? RowMask(1) : 1ull << (rows - 1);
    EXPECT_EQ(RowsOneOf(bounds.data(), rows, bit) & RowMask(rows), expected);
    EXPECT_EQ(RowsOneOf(bounds.data(), rows, 0.0) & RowMask(rows), 0u);
  }
}

TEST(ColumnCompareTest, MixedRowsUseTheirOwnLaneAndTest) {
  const std::array<double, 4> lanes = {0, 10, std::bit_cast<double>(uint64_t{6}), kNan};
  std::mt19937_64 random(2);
  for (uint32_t rows = 0; rows <= kRowsMax; ++rows) {
    Column bounds;
    std::array<Lane, kRowsMax> lane{};
    MixedTests tests{};
    uint64_t expected = 0;
    for (uint32_t i = 0; i < rows; ++i) {
      lane[i] = static_cast<Lane>(random() % lanes.size());
      const double value = lanes[lane[i]];
      const uint64_t bit = 1ull << i;
      bool passes = false;
      switch (random() % 4) {
        case 0:
          bounds[i] = static_cast<double>(random() % 20);
          passes = !(value < bounds[i]);
          break;
        case 1:
          bounds[i] = random() % 2 == 0 ? 10 : 0;
          tests.equal |= bit;
          passes = IsEqualOrNan(value, bounds[i]);
          break;
        case 2:
          bounds[i] = random() % 2 == 0 ? 10 : 0;
          tests.not_equal |= bit;
          passes = value < bounds[i] || value > bounds[i];
          break;
        default:
          bounds[i] = std::bit_cast<double>(random() % 16);
          tests.one_of |= bit;
          passes = (std::bit_cast<uint64_t>(value) & std::bit_cast<uint64_t>(bounds[i])) != 0;
      }
      if (passes) expected |= bit;
    }
    EXPECT_EQ(RowsPassingMixed(bounds.data(), lane.data(), rows, lanes.data(), tests), expected);
  }
}

TEST(ColumnCompareTest, CopyIdsKeepsOrderAndStaysWithinItsSlack) {
  std::mt19937_64 random(3);
  std::array<uint32_t, kRowsMax> ids;
  for (uint32_t i = 0; i < kRowsMax; ++i) ids[i] = 100 + i;
  for (uint32_t rows = 1; rows <= kRowsMax; ++rows) {
    const uint64_t mask = random() & RowMask(rows);
    std::vector<uint32_t> expected;
    for (uint32_t i = 0; i < rows; ++i) {
      if ((mask >> i & 1) != 0) expected.push_back(ids[i]);
    }
    std::vector<uint32_t> out(expected.size() + kCopyIdsSlack);
    const auto count = CopyIds(ids.data(), rows, mask, out.data()) - out.data();
    out.resize(static_cast<size_t>(count));
    EXPECT_EQ(out, expected) << rows;
  }
}

}  // namespace
}  // namespace fluxgate
