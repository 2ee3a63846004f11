#include "modules/common/permission_rules.h"

#include <gtest/gtest.h>

namespace fluxgate::modules {
namespace {

PermissionRule Topic(std::string pattern, bool allow) {
  PermissionRule rule;
  rule.pattern = std::move(pattern);
  rule.read = true;
  rule.allow = allow;
  return rule;
}

PermissionQuestion Reads(std::string_view topic) {
  return {"alice", amps_resource_topic, topic, amps_access_read};
}

TEST(PermissionRules, TheFirstThatMatchesTheWholeNameDecides) {
  PermissionRules rules;
  ASSERT_TRUE(rules.Add(Topic("orders/secret", false)).ok());
  ASSERT_TRUE(rules.Add(Topic("orders/.*", true)).ok());
  EXPECT_FALSE(rules.Find(Reads("orders/secret"))->allow);
  EXPECT_TRUE(rules.Find(Reads("orders/eu"))->allow);
  EXPECT_EQ(rules.Find(Reads("my/orders/eu")), nullptr);
  EXPECT_EQ(rules.Find(Reads("orders")), nullptr);
  EXPECT_NE(rules.Find(Reads("orders/a\nb")), nullptr);
}

TEST(PermissionRules, SpeaksOfItsAccessesOnly) {
  PermissionRules rules;
  ASSERT_TRUE(rules.Add(Topic(".*", true)).ok());
  PermissionQuestion question = Reads("orders");
  EXPECT_NE(rules.Find(question), nullptr);
  question.access = amps_access_write;
  EXPECT_EQ(rules.Find(question), nullptr);
  question.access = amps_access_read;
  question.type = amps_resource_admin;
  EXPECT_EQ(rules.Find(question), nullptr);
}

TEST(PermissionRules, PatternsHaveLimits) {
  PermissionRules rules;
  EXPECT_TRUE(rules.Add(Topic(std::string(PermissionRules::kPatternMax, 'a'), true)).ok());
  EXPECT_FALSE(rules.Add(Topic(std::string(PermissionRules::kPatternMax + 1, 'a'), true)).ok());
  EXPECT_FALSE(rules.Add(Topic("((a{100}){100}){100}", true)).ok());
  EXPECT_FALSE(rules.Add(Topic("(", true)).ok());
  EXPECT_FALSE(rules.Add(Topic("(a)\\1", true)).ok());
}

}  // namespace
}  // namespace fluxgate::modules
