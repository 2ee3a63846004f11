#include "core/base/units.h"

#include <cstdint>

#include "core/base/error.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

constexpr uint64_t kMax = UINT64_MAX;  // 18446744073709551615

using ParseFunction = absl::StatusOr<uint64_t> (*)(std::string_view);

void ExpectBad(ParseFunction parse, std::string_view text, std::string_view what) {
  const absl::StatusOr<uint64_t> value = parse(text);
  ASSERT_FALSE(value.ok()) << text << " gave " << *value;
  EXPECT_EQ(ErrorCodeOf(value.status()), ErrorCode::kBadOption);
  EXPECT_EQ(ErrorText(value.status()), what);
}

TEST(UnitsTest, CountsUseThousands) {
  EXPECT_EQ(ParseCount("0").value(), 0u);
  EXPECT_EQ(ParseCount("10000").value(), 10'000u);
  EXPECT_EQ(ParseCount("10k").value(), 10'000u);
  EXPECT_EQ(ParseCount("10K").value(), 10'000u);
  EXPECT_EQ(ParseCount("2M").value(), 2'000'000u);
  EXPECT_EQ(ParseCount("2m").value(), 2'000'000u);
}

TEST(UnitsTest, SizesUsePowersOf1024) {
  EXPECT_EQ(ParseSize("512").value(), 512u);
  EXPECT_EQ(ParseSize("1kb").value(), 1024u);
  EXPECT_EQ(ParseSize("1KB").value(), 1024u);
  EXPECT_EQ(ParseSize("16 MB").value(), 16ull << 20);
  EXPECT_EQ(ParseSize("3Gb").value(), 3ull << 30);
  EXPECT_EQ(ParseSize("2tb").value(), 2ull << 40);
}

TEST(UnitsTest, IntervalsAreNanoseconds) {
  EXPECT_EQ(ParseInterval("7ns").value(), 7u);
  EXPECT_EQ(ParseInterval("7us").value(), 7'000u);
  EXPECT_EQ(ParseInterval("7MS").value(), 7'000'000u);
  EXPECT_EQ(ParseInterval("7s").value(), 7'000'000'000u);
  EXPECT_EQ(ParseInterval("7m").value(), 420'000'000'000u);
  EXPECT_EQ(ParseInterval("7H").value(), 25'200'000'000'000u);
  EXPECT_EQ(ParseInterval("7d").value(), 604'800'000'000'000u);
  EXPECT_EQ(ParseInterval("1w").value(), 604'800'000'000'000u);
}

TEST(UnitsTest, Percents) {
  EXPECT_EQ(ParsePercent("0%").value(), 0u);
  EXPECT_EQ(ParsePercent("50%").value(), 50u);
  EXPECT_EQ(ParsePercent("101 %").value(), 101u);
  ExpectBad(ParsePercent, "50", "'50' has no unit");
  ExpectBad(ParsePercent, "%", "'%' is not a whole number");
}

TEST(UnitsTest, TheLargestValueOfEachUnitAndTheFirstBeyond) {
  EXPECT_EQ(ParseCount("18446744073709551615").value(), kMax);
  ExpectBad(ParseCount, "18446744073709551616", "'18446744073709551616' is too large");
  EXPECT_EQ(ParseCount("18446744073709551k").value(), 18446744073709551000u);
  ExpectBad(ParseCount, "18446744073709552k", "'18446744073709552k' is too large");
  EXPECT_EQ(ParseSize("16777215tb").value(), 16777215ull << 40);
  ExpectBad(ParseSize, "16777216tb", "'16777216tb' is too large");
  EXPECT_EQ(ParseInterval("30500w").value(), 30'500ull * 604'800'000'000'000);
  ExpectBad(ParseInterval, "30501w", "'30501w' is too large");
  EXPECT_EQ(ParsePercent("18446744073709551615%").value(), kMax);
  ExpectBad(ParsePercent, "18446744073709551616%", "'18446744073709551616%' is too large");
}

TEST(UnitsTest, WhatIsNotANumberIsRefused) {
  for (ParseFunction parse : {ParseCount, ParseSize, ParseInterval, ParsePercent}) {
    ExpectBad(parse, "", "is empty");
    ExpectBad(parse, "many", "'many' is not a whole number");
    ExpectBad(parse, "-1", "'-1' is not a whole number");
    ExpectBad(parse, "+1", "'+1' is not a whole number");
    ExpectBad(parse, " 1", "' 1' is not a whole number");
    ExpectBad(parse, "1.5s", "'1.5s' is not a whole number");
    ExpectBad(parse, "1,000", "'1,000' is not a whole number");
    ExpectBad(parse, "0x10", "'0x10' has the unknown unit 'x10'");
    ExpectBad(parse, "1 parsec", "'1 parsec' has the unknown unit 'parsec'");
  }
}

TEST(UnitsTest, UnitsOfOtherKindsAreRefused) {
  ExpectBad(ParseCount, "1kb", "'1kb' has the unknown unit 'kb'");
  ExpectBad(ParseSize, "1k", "'1k' has the unknown unit 'k'");
  ExpectBad(ParseSize, "1s", "'1s' has the unknown unit 's'");
  ExpectBad(ParseInterval, "1gb", "'1gb' has the unknown unit 'gb'");
  ExpectBad(ParseInterval, "1", "'1' has no unit");
  ExpectBad(ParseCount, "1%", "'1%' has the unknown unit '%'");
}

TEST(UnitsTest, FormattingTakesTheLargestUnitThatDivides) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(10'000), "10k");
  EXPECT_EQ(FormatCount(3'000'000), "3M");
  EXPECT_EQ(FormatSize(0), "0");
  EXPECT_EQ(FormatSize(1025), "1025");
  EXPECT_EQ(FormatSize(16ull << 20), "16MB");
  EXPECT_EQ(FormatInterval(0), "0ns");
  EXPECT_EQ(FormatInterval(1'500'000'000), "1500ms");
  EXPECT_EQ(FormatInterval(604'800'000'000'000), "1w");
  EXPECT_EQ(FormatPercent(50), "50%");
}

TEST(UnitsTest, FormattedTextParsesBack) {
  for (uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{1023}, uint64_t{1024}, uint64_t{60'000},
                         uint64_t{1} << 40, uint64_t{86'400'000'000'000}, kMax - 1, kMax}) {
    EXPECT_EQ(ParseCount(FormatCount(value)).value(), value);
    EXPECT_EQ(ParseSize(FormatSize(value)).value(), value);
    EXPECT_EQ(ParseInterval(FormatInterval(value)).value(), value);
    EXPECT_EQ(ParsePercent(FormatPercent(value)).value(), value);
  }
}

}  // namespace
}  // namespace fluxgate
