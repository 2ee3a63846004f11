#include "core/topic/topic_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace fluxgate {
namespace {

TEST(TopicPattern, DotAndSlashAloneAreLiteral) {
  EXPECT_FALSE(IsTopicPattern("orders"));
  EXPECT_FALSE(IsTopicPattern("orders.eu/spot-1"));
}

TEST(TopicPattern, EveryOtherRegexCharacterMakesAPattern) {
  for (char c : std::string("^$*+?()[]{}|\\")) {
    EXPECT_TRUE(IsTopicPattern(std::string("orders") + c)) << c;
  }
}

TEST(TopicPattern, MatchesAnywhereUnlessAnchored) {
  auto anywhere = TopicPattern::Compile("order.*");
  ASSERT_TRUE(anywhere.ok());
  EXPECT_TRUE((*anywhere)->Matches("my.orders"));
  auto anchored = TopicPattern::Compile("^order.*");
  ASSERT_TRUE(anchored.ok());
  EXPECT_FALSE((*anchored)->Matches("my.orders"));
  EXPECT_TRUE((*anchored)->Matches("orders"));
}

TEST(TopicPattern, ThatDoesNotCompileIsAnError) {
  EXPECT_EQ(ErrorCodeOf(TopicPattern::Compile("orders(").status()), ErrorCode::kBadTopicPattern);
}

TEST(TopicPattern, ExplosivePatternEnds) {
  auto pattern = TopicPattern::Compile(R"(^(a+)+\1$)");  // a back-reference: no linear-time engine
  ASSERT_TRUE(pattern.ok());
  EXPECT_FALSE((*pattern)->Matches(std::string(2000, 'a') + "b"));
}

TEST(CheckPublishTopic, RefusesWhatIsNoLiteralName) {
  const TopicLimits limits;
  EXPECT_TRUE(CheckPublishTopic("orders.eu", limits).ok());
  for (std::string_view topic : {"", "orders.*", "a\nb", "\xFF", "/AMPS/ClientStatus"}) {
    EXPECT_EQ(ErrorCodeOf(CheckPublishTopic(topic, limits)), ErrorCode::kBadTopic) << topic;
  }
}

TEST(CheckPublishTopic, LengthLimit) {
  const TopicLimits limits{.name_bytes_max = 8};
  EXPECT_TRUE(CheckPublishTopic("12345678", limits).ok());
  EXPECT_EQ(ErrorCodeOf(CheckPublishTopic("123456789", limits)), ErrorCode::kBadTopic);
}

}  // namespace
}  // namespace fluxgate
