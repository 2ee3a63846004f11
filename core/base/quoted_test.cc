#include "core/base/quoted.h"

#include "gtest/gtest.h"

namespace fluxgate {
namespace {

TEST(QuotedTest, ShowsTextInQuotesUpToTheLimit) {
  EXPECT_EQ(Quoted("abc"), "'abc'");
  EXPECT_EQ(Quoted(std::string(kQuotedBytesMax, 'a')),
            "'" + std::string(kQuotedBytesMax, 'a') + "'");
  EXPECT_EQ(Quoted(std::string(kQuotedBytesMax + 1, 'a')),
            "'" + std::string(kQuotedBytesMax, 'a') + "...'");
}

TEST(QuotedTest, ALineStaysALine) {
  EXPECT_EQ(OneLine("a\nb\x7F\x01 c", 100), "a?b?? c");
  EXPECT_EQ(OneLine("\xFF\xFE", 100), "??");
  EXPECT_EQ(OneLine("\xC3\xA4", 100), "\xC3\xA4");
}

TEST(QuotedTest, ACharacterIsNotCutInTwo) { EXPECT_EQ(OneLine("a\xC3\xA4z", 2), "a..."); }

}  // namespace
}  // namespace fluxgate
