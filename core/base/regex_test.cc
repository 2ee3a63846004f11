#include "core/base/regex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace fluxgate {
namespace {

std::shared_ptr<const Regex> Make(std::string_view pattern, const RegexLimits& limits = {}) {
  auto regex = Regex::Compile(pattern, ErrorCode::kBadFilter, limits);
  EXPECT_TRUE(regex.ok()) << pattern << ": " << regex.status();
  return regex.ok() ? *regex : nullptr;
}

bool Matches(std::string_view pattern, std::string_view text) {
  return Make(pattern)->Match(text) == RegexMatch::kYes;
}

absl::Status Failure(std::string_view pattern, const RegexLimits& limits = {}) {
  return Regex::Compile(pattern, ErrorCode::kBadTopicPattern, limits).status();
}

TEST(RegexTest, MatchesAnywhereUnlessAnchored) {
  EXPECT_TRUE(Matches("ord", "the order"));
  EXPECT_FALSE(Matches("^ord", "the order"));
  EXPECT_TRUE(Matches("^the order$", "the order"));
  EXPECT_TRUE(Matches("", "anything"));
  EXPECT_TRUE(Matches("", ""));
  EXPECT_FALSE(Matches("a", ""));
}

TEST(RegexTest, KeepsThePatternText) { EXPECT_EQ(Make("^a.c$")->pattern(), "^a.c$"); }

TEST(RegexTest, IgnoresCaseOnRequest) {
  EXPECT_TRUE(Matches("(?i)ORDER", "order"));
  EXPECT_FALSE(Matches("ORDER", "order"));
}

TEST(RegexTest, ReadsTextAsUtf8InBothEngines) {
  EXPECT_TRUE(Matches("^.$", "\u00e9"));
  EXPECT_TRUE(Matches("^[\u00e0\u00e9]$", "\u00e9"));
  EXPECT_TRUE(Matches("^(?=.).$", "\u00e9"));
  EXPECT_TRUE(Matches("(?i)^\u00c9t\u00e9$", "\u00e9T\u00c9"));
}

TEST(RegexTest, BytesThatAreNoUtf8MatchNothingButDoNotHideTheRest) {
  EXPECT_TRUE(Matches("abc",
                      "\xff\xfe"
                      "abc\x80"));
  EXPECT_FALSE(Matches("^.$", "\xff"));
  EXPECT_TRUE(Matches("(?=abc)abc",
                      "\xff\xfe"
                      "abc\x80"));
  EXPECT_FALSE(Matches("^(?=.).$", "\xff"));
}

TEST(RegexTest, TextMayHoldZeroBytes) {
  using namespace std::string_view_literals;
  EXPECT_TRUE(Matches("^a.b$", "a\0b"sv));
  EXPECT_TRUE(Matches("^a.b(?!c)$", "a\0b"sv));
}

TEST(RegexTest, DollarIsTheVeryEndInBothEngines) {
  EXPECT_FALSE(Matches("a$", "a\n"));
  EXPECT_FALSE(Matches("a(?!b)$", "a\n"));
  EXPECT_TRUE(Matches("a(?!b)$", "a"));
}

TEST(RegexTest, BackReferencesAndLookAroundWork) {
  EXPECT_TRUE(Matches("(a+)-\\1$", "aa-aa"));
  EXPECT_FALSE(Matches("^(a+)-\\1$", "aa-aaa"));
  EXPECT_TRUE(Matches("foo(?=bar)", "foobar"));
  EXPECT_FALSE(Matches("foo(?!bar)", "foobar"));
  EXPECT_TRUE(Matches("(?<=x)y", "xy"));
  EXPECT_TRUE(Matches("a++b", "aaab"));
}

TEST(RegexTest, FailuresCarryTheCallersCode) {
  for (std::string_view pattern : {"(", "[a", "*", "a{2,1}", "(?<=a+)b", "\\", "(?Pz)"}) {
    const absl::Status status = Failure(pattern);
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kBadTopicPattern) << pattern;
    EXPECT_FALSE(ErrorText(status).empty());
  }
  EXPECT_EQ(ErrorOffsetOf(Failure("ab(")), 3);
}

TEST(RegexTest, PatternThatIsNoUtf8IsRefused) {
  EXPECT_EQ(ErrorCodeOf(Failure("a\xff")), ErrorCode::kBadTopicPattern);
  EXPECT_EQ(ErrorCodeOf(Failure("(?=a)\xff")), ErrorCode::kBadTopicPattern);
}

TEST(RegexTest, PatternLengthLimit) {
  const RegexLimits limits;
  EXPECT_TRUE(Failure(std::string(limits.pattern_bytes_max, 'a')).ok());
  EXPECT_EQ(ErrorCodeOf(Failure(std::string(limits.pattern_bytes_max + 1, 'a'))),
            ErrorCode::kBadTopicPattern);
}

TEST(RegexTest, ProgramSizeLimit) {
  EXPECT_TRUE(Failure("((a{100}){10}){2}").ok());
  const absl::Status status = Failure("((a{100}){100}){100}");
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kBadTopicPattern);
  EXPECT_EQ(ErrorCodeOf(Failure("(?=a)((a{100}){100}){100}")), ErrorCode::kBadTopicPattern);
  RegexLimits small;
  small.program_bytes_max = 20'000;
  EXPECT_TRUE(Failure("a{10}", small).ok());
  EXPECT_FALSE(Failure("[\u0100-\uffff]{400}", small).ok());
  EXPECT_TRUE(Failure("(?=a)a{10}", small).ok());
  EXPECT_FALSE(Failure("(?=a)(ab|c*|[d-z]){800}", small).ok());
}

TEST(RegexTest, MatchStepsAreLimitedOverTheWholeText) {
  // Exponential for a backtracking engine.
  const std::string text(40, 'a');
  EXPECT_EQ(Make("(?=a)(a+)+$")->Match(text + "b"), RegexMatch::kLimit);
  EXPECT_EQ(Make("^(a+)+$(?!b)")->Match(text), RegexMatch::kYes);
  // Quadratic: harmless at each position, too much over all of them.
  const std::string long_text(100'000, 'a');
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Make("a*(?=b)")->Match(long_text), RegexMatch::kLimit);
  EXPECT_EQ(Make("(a*)x\\1y")->Match(long_text + "xzy"), RegexMatch::kLimit);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(RegexTest, MatchStepsAtTheLimitAndOneLess) {
  // Every step of a failing match counts, so the smallest sufficient budget is well defined.
  const std::string_view pattern = "^aaaa(?=b)";
  RegexLimits limits;
  limits.match_steps_max = 1;
  while (Make(pattern, limits)->Match("aaaab") == RegexMatch::kLimit) {
    ASSERT_LT(++limits.match_steps_max, 100u);
  }
  EXPECT_EQ(Make(pattern, limits)->Match("aaaab"), RegexMatch::kYes);
  --limits.match_steps_max;
  EXPECT_EQ(Make(pattern, limits)->Match("aaaab"), RegexMatch::kLimit);
}

TEST(RegexTest, Re2NeedsNoStepLimit) {
  RegexLimits limits;
  limits.match_steps_max = 1;
  EXPECT_EQ(Make("(a+)+$", limits)->Match(std::string(100'000, 'a') + "b"), RegexMatch::kNo);
}

}  // namespace
}  // namespace fluxgate
