#include "gateway/config/config_errors.h"

#include "core/base/error.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

TEST(ConfigErrorsTest, OneLinePerFindingByPosition) {
  ConfigErrors errors("f.xml");
  EXPECT_TRUE(errors.empty());
  errors.Add(7, "Late", {"is late", "", false});
  errors.Add(3, "Early", {"is early", "later", false});
  errors.Add(0, "", {"is a bad file", "", false});
  EXPECT_FALSE(errors.empty());
  EXPECT_EQ(ErrorText(errors.ToStatus()),
            "f.xml: is a bad file\n"
            "f.xml:3: <Early>: is early; allowed: later\n"
            "f.xml:7: <Late>: is late");
  EXPECT_EQ(ErrorCodeOf(errors.ToStatus()), ErrorCode::kBadOption);
}

TEST(ConfigErrorsTest, NotBuiltOnlyWhenNothingElseIsWrong) {
  ConfigErrors errors("f.xml");
  errors.Add(1, "SOW", {"is not built yet", "", true});
  EXPECT_EQ(ErrorCodeOf(errors.ToStatus()), ErrorCode::kNotBuilt);
  errors.Add(2, "Name", {"is empty", "", false});
  EXPECT_EQ(ErrorCodeOf(errors.ToStatus()), ErrorCode::kBadOption);
}

TEST(ConfigErrorsTest, FindingsBeyondTheLimitAreCounted) {
  ConfigErrors errors("f");
  std::string lines;
  for (uint32_t line = 1; line <= kErrorsReportedMax; ++line) {
    errors.Add(line, "", {"bad", "", false});
    if (line > 1) lines += '\n';
    lines += "f:";
    lines += std::to_string(line);
    lines += ": bad";
  }
  EXPECT_EQ(ErrorText(errors.ToStatus()), lines);
  errors.Add(99, "", {"bad", "", false});
  EXPECT_EQ(ErrorText(errors.ToStatus()), lines + "\nf: and 1 more");
  errors.Add(100, "", {"bad", "", false});
  EXPECT_EQ(ErrorText(errors.ToStatus()), lines + "\nf: and 2 more");
}

TEST(ConfigErrorsTest, QuotedTextIsShortAndHarmless) {
  EXPECT_EQ(Quoted(""), "''");
  EXPECT_EQ(Quoted("a b"), "'a b'");
  EXPECT_EQ(Quoted("a\nb\x1b[0m\x7f"), "'a?b?[0m?'");
  EXPECT_EQ(Quoted("\xc3\xa4"), "'\xc3\xa4'");
  EXPECT_EQ(Quoted("a\xff"), "'a?'");
  EXPECT_EQ(Quoted(std::string(kQuotedBytesMax, 'x')), "'" + std::string(64, 'x') + "'");
  EXPECT_EQ(Quoted(std::string(kQuotedBytesMax + 1, 'x')), "'" + std::string(64, 'x') + "...'");
  // Not in the middle of a character.
  EXPECT_EQ(Quoted(std::string(kQuotedBytesMax - 1, 'x') + "\xc3\xa4"),
            "'" + std::string(63, 'x') + "...'");
}

}  // namespace
}  // namespace fluxgate::config
