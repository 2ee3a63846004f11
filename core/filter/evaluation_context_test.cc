#include "core/filter/evaluation_context.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "core/filter/pattern_cache.h"

namespace fluxgate {
namespace {

TEST(EvaluationTextTest, StaysInPlaceUntilReset) {
  EvaluationText text;
  const std::string_view first = text.Copy("first");
  for (int i = 0; i < 1000; ++i) text.Copy(std::string(100, 'x'));
  EXPECT_EQ(first, "first");
  EXPECT_EQ(text.Copy(""), "");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(text.Allocate(3)) % 16, 0u);
}

TEST(EvaluationTextTest, BytesOfOneEvaluation) {
  EvaluationText text;
  const size_t half = EvaluationText::kBytesMax / 2;
  EXPECT_NE(text.Allocate(half), nullptr);
  EXPECT_EQ(text.Allocate(half + 1), nullptr);
  EXPECT_NE(text.Allocate(half), nullptr);
  EXPECT_EQ(text.Allocate(1), nullptr);
  EXPECT_EQ(text.Copy("x"), "");
  text.Reset();
  EXPECT_EQ(text.Copy("x"), "x");
  EXPECT_EQ(text.Allocate(SIZE_MAX), nullptr);
}

TEST(EvaluationTextTest, KeepsItsMemoryUpToALimit) {
  EvaluationText text;
  text.Allocate(EvaluationText::kBytesKeptMax);
  text.Reset();
  EXPECT_EQ(text.bytes_reserved(), EvaluationText::kBytesKeptMax);
  text.Allocate(EvaluationText::kBytesKeptMax + 1);
  text.Reset();
  EXPECT_EQ(text.bytes_reserved(), 0u);
}

TEST(EvaluationTextTest, GrowingNeedsDoNotAddUp) {
  EvaluationText text;
  for (size_t bytes = 5000; bytes < EvaluationText::kBytesMax; bytes += 5000) {
    text.Allocate(bytes);
    EXPECT_LE(text.bytes_reserved(), EvaluationText::kBytesMax + EvaluationText::kBytesKeptMax);
    text.Reset();
  }
}

TEST(PatternCacheTest, CompilesOnceAndRemembersFailures) {
  PatternCache patterns;
  const Regex* const regex = patterns.Get("^a");
  ASSERT_NE(regex, nullptr);
  EXPECT_EQ(regex->Match("abc"), RegexMatch::kYes);
  EXPECT_EQ(patterns.Get("("), nullptr);
  EXPECT_EQ(patterns.Get("("), nullptr);
  EXPECT_EQ(patterns.Get("^a"), regex);
}

TEST(PatternCacheTest, ForgetsThePatternThatWasUsedLongestAgo) {
  PatternCache patterns;
  const Regex* const first = patterns.Get("first");
  for (size_t i = 1; i < PatternCache::kPatternsMax; ++i) patterns.Get(std::to_string(i));
  EXPECT_EQ(patterns.Get("first"), first);
  EXPECT_EQ(patterns.size(), PatternCache::kPatternsMax);
  patterns.Get("one more");
  EXPECT_EQ(patterns.size(), PatternCache::kPatternsMax);
  EXPECT_EQ(patterns.Get("first"), first);
}

TEST(PatternCacheTest, PatternThatIsTooLongHidesNoOther) {
  PatternCache patterns;
  const size_t bytes_max = RegexLimits().pattern_bytes_max;
  EXPECT_NE(patterns.Get(std::string(bytes_max, 'a')), nullptr);
  EXPECT_EQ(patterns.Get(std::string(bytes_max + 1, 'a')), nullptr);
  EXPECT_NE(patterns.Get(""), nullptr);
}

}  // namespace
}  // namespace fluxgate
