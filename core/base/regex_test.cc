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

TEST(RegexTest, WorkIsLimitedAndShared) {
  // Each: with as much work as it takes, and with one unit less.
  const std::string text(1000, 'a');
  for (const char* pattern : {"aab", "a+b", "(?=a)a[bc]"}) {
    const auto regex = Make(pattern);
    uint64_t left = Regex::kWorkMax;
    EXPECT_EQ(regex->Match(text, left), RegexMatch::kNo) << pattern;
    const uint64_t work = Regex::kWorkMax - left;
    EXPECT_GE(work, 1000u) << pattern;
    left = 2 * work;
    EXPECT_EQ(regex->Match(text, left), RegexMatch::kNo) << pattern;
    EXPECT_EQ(regex->Match(text, left), RegexMatch::kNo) << pattern;
    EXPECT_LT(left, Regex::kWorkPerStep) << pattern;
    left = work - 1;
    EXPECT_EQ(regex->Match(text, left), RegexMatch::kLimit) << pattern;
  }
}

TEST(RegexTest, ALargeProgramOnALongTextIsGivenUp) {
  EXPECT_EQ(Make("a.{900}c")->Match(std::string(1 << 20, 'a')), RegexMatch::kLimit);
  EXPECT_EQ(Make("a.{9}c")->Match(std::string(1 << 20, 'a')), RegexMatch::kNo);
}

TEST(RegexScanTest, AMatchThatBeginsBeforeTheSearchIsGivenUp) {
  const auto regex = Make(R"((?=ab(?1))a(?(DEFINE)(\K)))");
  RegexScan scan(*regex, "abab", 1);
  EXPECT_EQ(scan.Next(), RegexMatch::kLimit);
}

TEST(RegexTest, DepthLimitHoldsForTheInterpreter) {
  // Every round of the group is one level deeper, without machine code at least.
  const std::string_view pattern = "(*NO_JIT)^(?=a)(?:ab?)*$";
  const auto depth_of = [pattern](const std::string& text) {
    RegexLimits limits;
    limits.match_depth_max = 1;
    while (Make(pattern, limits)->Match(text) == RegexMatch::kLimit) {
      if (++limits.match_depth_max > 1000) break;
    }
    return limits.match_depth_max;
  };
  EXPECT_GT(depth_of("aaaaaaaa"), depth_of("aaaa"));
  RegexLimits limits;
  limits.match_depth_max = depth_of("aaaaaaaa");
  EXPECT_EQ(Make(pattern, limits)->Match("aaaaaaaa"), RegexMatch::kYes);
  --limits.match_depth_max;
  EXPECT_EQ(Make(pattern, limits)->Match("aaaaaaaa"), RegexMatch::kLimit);
}

TEST(RegexTest, MachineCodeHasALimitedStackInstead) {
  // Captures are saved for every round, until 32 KiB are full.
  const std::string_view pattern = "^(?=a)(?:(a)b?)*$";
  EXPECT_EQ(Make(pattern)->Match(std::string(100, 'a')), RegexMatch::kYes);
  EXPECT_EQ(Make(pattern)->Match(std::string(20'000, 'a')), RegexMatch::kLimit);
}

TEST(RegexTest, ProgramSizeAtTheLimitAndOneLess) {
  for (const std::string_view pattern : {"^[a-z]+(b|c){3}$", "(?=a)[a-z]+(b|c){3}$"}) {
    RegexLimits limits;
    int64_t too_small = 1;
    while (too_small + 1 < limits.program_bytes_max) {
      RegexLimits tried;
      tried.program_bytes_max = (too_small + limits.program_bytes_max) / 2;
      if (Failure(pattern, tried).ok()) {
        limits.program_bytes_max = tried.program_bytes_max;
      } else {
        too_small = tried.program_bytes_max;
      }
    }
    EXPECT_GT(limits.program_bytes_max, 100);
    EXPECT_TRUE(Failure(pattern, limits).ok());
    --limits.program_bytes_max;
    EXPECT_EQ(ErrorCodeOf(Failure(pattern, limits)), ErrorCode::kBadTopicPattern);
  }
}

// Every match, its groups in brackets, "limit" when the scan was given up.
std::string Scan(std::string_view pattern, std::string_view text, size_t groups = 1,
                 const RegexLimits& limits = {}) {
  const auto regex = Make(pattern, limits);
  RegexScan scan(*regex, text, groups);
  std::string found;
  RegexMatch match = scan.Next();
  for (; match == RegexMatch::kYes; match = scan.Next()) {
    EXPECT_EQ(text.substr(scan.begin(), scan.end() - scan.begin()), scan.group(0));
    found += '[';
    for (size_t i = 0; i < groups; ++i) found += (i == 0 ? "" : "|") + std::string(scan.group(i));
    found += ']';
  }
  return found + (match == RegexMatch::kLimit ? "limit" : "");
}

TEST(RegexScanTest, FindsEveryMatchInBothEngines) {
  for (const std::string rest : {"", "(?!x)"}) {
    EXPECT_EQ(Scan("[0-9]+" + rest, "a1b22c333"), "[1][22][333]") << rest;
    EXPECT_EQ(Scan("aa" + rest, "aaaaa"), "[aa][aa]") << rest;
    EXPECT_EQ(Scan("^a" + rest, "aaa"), "[a]") << rest;
    EXPECT_EQ(Scan("a$" + rest, "aaa"), "[a]") << rest;
    EXPECT_EQ(Scan("\\ba" + rest, "aa a"), "[a][a]") << rest;
    EXPECT_EQ(Scan("x" + rest, "aaa"), "") << rest;
    EXPECT_EQ(Scan("x" + rest, ""), "") << rest;
  }
}

TEST(RegexScanTest, FindsPlainTextAsItWouldInAnEngine) {
  for (const std::string rest : {"", "(?:)"}) {
    EXPECT_EQ(Scan("ab" + rest, "ababxab"), "[ab][ab][ab]") << rest;
    EXPECT_EQ(Scan("^ab" + rest, "ababxab"), "[ab]") << rest;
    EXPECT_EQ(Scan("^ab" + rest, "xab"), "") << rest;
    EXPECT_EQ(Scan("ab$" + rest, "abab"), "[ab]") << rest;
    EXPECT_EQ(Scan("ab$" + rest, "abx"), "") << rest;
    EXPECT_EQ(Scan("aba$" + rest, "ababa"), "[aba]") << rest;
    EXPECT_EQ(Scan("^ab$" + rest, "ab"), "[ab]") << rest;
    EXPECT_EQ(Scan("^ab$" + rest, "abab"), "") << rest;
    EXPECT_EQ(Scan("^$" + rest, ""), "[]") << rest;
    EXPECT_EQ(Scan("^$" + rest, "a"), "") << rest;
    EXPECT_EQ(Scan("^" + rest, "ab"), "[]") << rest;
    EXPECT_EQ(Scan("abc" + rest, "ab"), "") << rest;
    EXPECT_EQ(Scan("ab" + rest, "ab", 3), "[ab||]") << rest;
  }
}

TEST(RegexScanTest, EmptyMatchesStandBetweenCharactersButNotBehindAMatch) {
  for (const std::string rest : {"", "(?!y)"}) {
    EXPECT_EQ(Scan("x*" + rest, "axb"), "[][x][]") << rest;
    EXPECT_EQ(Scan(rest, "ab"), "[][][]") << rest;
    EXPECT_EQ(Scan(rest, "\u00e9"), "[][]") << rest;
    EXPECT_EQ(Scan(rest, ""), "[]") << rest;
    EXPECT_EQ(Scan("$" + rest, "ab"), "[]") << rest;
  }
}

TEST(RegexScanTest, GivesGroupsInBothEngines) {
  for (const std::string rest : {"", "(?!y)"}) {
    EXPECT_EQ(Scan("(\\w)=(\\w)" + rest, "a=1,b=2", 3), "[a=1|a|1][b=2|b|2]") << rest;
    EXPECT_EQ(Scan("(a)|(b)" + rest, "ab", 3), "[a|a|][b||b]") << rest;
    EXPECT_EQ(Scan("\\b(a)\\b" + rest, "aa a", 2), "[a|a]") << rest;
    EXPECT_EQ(Scan("(a+?)(a*)$" + rest, "aaa", 3), "[aaa|a|aa]") << rest;
    EXPECT_EQ(Scan("(a|ab)(c|bcd)?" + rest, "abcd", 3), "[abcd|a|bcd]") << rest;
    EXPECT_EQ(Scan("a" + rest, "a", 2), "[a|]") << rest;
    // More groups than are kept.
    EXPECT_EQ(Scan("(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)" + rest, "abcdefghijkl", 10),
              "[abcdefghijk|a|b|c|d|e|f|g|h|i]")
        << rest;
  }
}

TEST(RegexScanTest, BytesThatAreNoUtf8AreSkipped) {
  EXPECT_EQ(Scan("a",
                 "\xff"
                 "a\x80\x80"
                 "a"),
            "[a][a]");
  EXPECT_EQ(Scan("a(?!b)",
                 "\xff"
                 "a\x80\x80"
                 "a"),
            "[a][a]");
}

TEST(RegexScanTest, MatchStepsAreLimitedOverAllMatches) {
  const std::string_view pattern = "a(?!b)";
  RegexLimits limits;
  limits.match_steps_max = 1;
  while (Scan(pattern, "aaaa", 1, limits) != "[a][a][a][a]") {
    ASSERT_LT(++limits.match_steps_max, 100u);
  }
  --limits.match_steps_max;
  EXPECT_EQ(Scan(pattern, "aaaa", 1, limits).find("limit"), 9u);
}

TEST(RegexScanTest, ScanStepsAtTheLimitAndOneLess) {
  for (const std::string_view pattern : {"a{1}", "a{1}(?!b)"}) {
    RegexLimits limits;
    // For each search the bytes left and one, times the size of the program and one.
    limits.scan_steps_max = 15;
    while (Scan(pattern, "aaaa", 1, limits) != "[a][a][a][a]") {
      ASSERT_LT(++limits.scan_steps_max, 1000u);
    }
    EXPECT_EQ(limits.scan_steps_max % 15, 0u);
    --limits.scan_steps_max;
    EXPECT_EQ(Scan(pattern, "aaaa", 1, limits), "[a][a][a][a]limit");
  }
}

TEST(RegexScanTest, PatternsThatLookNotFarAheadScanLongTexts) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "word, 12;";
  for (const std::string_view pattern : {"[,;]", "[0-9]+", "\\w\\w, |;"}) {
    const std::string found = Scan(pattern, text);
    EXPECT_EQ(found.find("limit"), std::string::npos) << pattern;
    EXPECT_GE(found.size(), 400'000u) << pattern;
  }
}

TEST(RegexScanTest, QuadraticScansAreGivenUp) {
  // After each match all of the text is looked at for a b.
  const std::string text(1 << 20, 'a');
  const auto start = std::chrono::steady_clock::now();
  EXPECT_NE(Scan("[^b]*b|a", text).find("limit"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace fluxgate
