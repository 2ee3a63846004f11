#include "modules/entitlement-file/rule_file.h"

#include <gtest/gtest.h>

namespace fluxgate::modules {
namespace {

std::string ParseFailure(const std::string& text) {
  return FailureText(RuleFile::Parse("rules", text).status());
}

bool Allowed(const RuleFile& rules, std::string_view user, std::string_view topic,
             amps_access access = amps_access_read) {
  return rules.Check({user, amps_resource_topic, topic, access}).allowed;
}

TEST(RuleFile, OwnRulesThenGroupsThenEverybody) {
  const auto rules = RuleFile::Parse("rules", R"(
everybody
  allow read topic public/.*
group traders
  member alice bob
  allow read topic orders/.*
group readers
  member alice
  deny read topic orders/eu
  allow read topic quotes/.*
user alice
  deny read topic orders/us
)");
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_FALSE(Allowed(*rules, "alice", "orders/us"));  // her own rule, though it stands last
  EXPECT_TRUE(Allowed(*rules, "alice", "orders/eu"));   // the first group of the file
  EXPECT_TRUE(Allowed(*rules, "alice", "quotes/x"));
  EXPECT_TRUE(Allowed(*rules, "alice", "public/x"));
  EXPECT_TRUE(Allowed(*rules, "bob", "orders/us"));
  EXPECT_FALSE(Allowed(*rules, "bob", "quotes/x"));
  EXPECT_TRUE(Allowed(*rules, "mallory", "public/x"));
  EXPECT_FALSE(Allowed(*rules, "mallory", "orders/us"));
  EXPECT_FALSE(Allowed(*rules, "everybody", "orders/us"));
  EXPECT_FALSE(Allowed(*rules, "traders", "orders/us"));
}

TEST(RuleFile, FilterAndSelect) {
  const auto rules =
      RuleFile::Parse("rules",
                      "user alice\n"
                      "allow read,write topic a filter \"/x = \\\"y\\\" AND /z > 1\" "
                      "select -/,+/id\n"
                      "allow read topic b select \"-/secret\"\n");
  ASSERT_TRUE(rules.ok()) << rules.status();
  const Permission a = rules->Check({"alice", amps_resource_topic, "a", amps_access_write});
  EXPECT_TRUE(a.allowed);
  EXPECT_EQ(a.filter, "/x = \"y\" AND /z > 1");
  EXPECT_EQ(a.select, "-/,+/id");
  const Permission b = rules->Check({"alice", amps_resource_topic, "b", amps_access_read});
  EXPECT_EQ(b.filter, "");
  EXPECT_EQ(b.select, "-/secret");
}

TEST(RuleFile, LogonAndAdmin) {
  const auto rules = RuleFile::Parse("rules",
                                     "user alice\n"
                                     "deny logon admin-.*\n"
                                     "allow logon\n"
                                     "allow read admin /amps/.*\n");
  ASSERT_TRUE(rules.ok()) << rules.status();
  const auto logon = [&](std::string_view transport) {
    return rules->Check({"alice", amps_resource_logon, transport, amps_access_read}).allowed;
  };
  EXPECT_TRUE(logon("tcp"));
  EXPECT_FALSE(logon("admin-tcp"));
  EXPECT_FALSE(
      rules->Check({"alice", amps_resource_replication_logon, "tcp", amps_access_read}).allowed);
  EXPECT_TRUE(
      rules->Check({"alice", amps_resource_admin, "/amps/instance", amps_access_read}).allowed);
  EXPECT_FALSE(
      rules->Check({"alice", amps_resource_admin, "/amps/instance", amps_access_write}).allowed);
}

TEST(RuleFile, ErrorsNameFileAndLine) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"allow logon", "rules:1: 'allow' before any user, group or everybody"},
      {"user a\nallov logon",
       "rules:2: 'allov' is not user, group, everybody, member, allow or deny"},
      {"user a\n\n# x\nallow", "rules:4: nothing behind allow"},
      {"user a\nallow rite topic x", "rules:2: 'rite' is not read, write or replicate"},
      {"user a\nallow read", "rules:2: not of the form allow|deny ACCESS topic|admin PATTERN"},
      {"user a\nallow read sow x",
       "rules:2: not of the form allow|deny ACCESS topic|admin PATTERN"},
      {"user a\nallow read topic (", "rules:2: pattern '(': missing ): ("},
      {"user a\nallow read topic x filter", "rules:2: nothing behind filter"},
      {"user a\nallow read topic x filter \"\"", "rules:2: nothing behind filter"},
      {"user a\nallow read topic x filter a filter b", "rules:2: filter is there twice"},
      {"user a\nallow read topic x where a", "rules:2: 'where' is not filter or select"},
      {"user a\ndeny read topic x filter a",
       "rules:2: filter and select stand with allowed topics only"},
      {"user a\nallow read admin x filter a",
       "rules:2: filter and select stand with allowed topics only"},
      {"user a\nallow logon x y", "rules:2: 'y' is too much"},
      {"user a\nallow read topic \"x", "rules:2: text without its second quotation mark"},
      {"user a\nallow read topic \"x\"y", "rules:2: no blank behind a quotation mark"},
      {"user a\nmember b", "rules:2: member stands in groups only"},
      {"group a\nmember", "rules:2: member without a name"},
      {"group a\nmember b b", "rules:2: 'b' is a member twice"},
      {"user a\nuser a", "rules:2: 'user a' is there twice"},
      {"everybody\neverybody", "rules:2: 'everybody' is there twice"},
      {"everybody else", "rules:1: everybody takes no name"},
      {"user", "rules:1: user takes one name"},
      {"user \"\"", "rules:1: no user name"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(ParseFailure(text), message);
}

TEST(RuleFile, MostRules) {
  std::string text = "user a\n";
  for (size_t i = 0; i < RuleFile::kRulesMax; ++i) text += "allow read topic x\n";
  EXPECT_EQ(ParseFailure(text), "");
  EXPECT_EQ(ParseFailure(text + "allow read topic x\n"), "rules:10002: more than 10000 rules");
}

}  // namespace
}  // namespace fluxgate::modules
