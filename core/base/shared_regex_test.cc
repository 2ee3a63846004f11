#include "core/base/shared_regex.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace fluxgate {
namespace {

std::shared_ptr<const Regex> Make(std::string_view pattern, const RegexLimits& limits = {}) {
  auto regex = CompileSharedRegex(pattern, ErrorCode::kBadFilter, limits);
  EXPECT_TRUE(regex.ok()) << regex.status();
  return *regex;
}

TEST(SharedRegexTest, OnePatternIsOneObjectWhileItIsHeld) {
  const auto a = Make("^a.c$");
  EXPECT_EQ(Make("^a.c$"), a);
  EXPECT_NE(Make("^a.d$"), a);
  EXPECT_EQ(a->Match("abc"), RegexMatch::kYes);
  RegexLimits limits;
  limits.match_steps_max = 7;
  EXPECT_NE(Make("^a.c$", limits), a);
}

TEST(SharedRegexTest, IsMadeAgainAfterTheLastHolderHasGone) {
  std::weak_ptr<const Regex> gone = Make("x.y");
  EXPECT_TRUE(gone.expired());
  EXPECT_EQ(Make("x.y")->Match("xzy"), RegexMatch::kYes);
}

TEST(SharedRegexTest, FailuresAreNotKept) {
  EXPECT_FALSE(CompileSharedRegex("(", ErrorCode::kBadFilter, {}).ok());
  EXPECT_FALSE(CompileSharedRegex("(", ErrorCode::kBadFilter, {}).ok());
}

TEST(SharedRegexTest, ThreadsMayCompileAndLetGoAtWill) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 2000; ++i) {
        const auto regex = Make(i % 2 == 0 ? "a.b" : "c.d");
        EXPECT_EQ(regex->Match("a-b c-d"), RegexMatch::kYes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace fluxgate
