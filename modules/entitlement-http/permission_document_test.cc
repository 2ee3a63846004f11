#include "modules/entitlement-http/permission_document.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fluxgate::modules {
namespace {

Permission Check(const PermissionRules& rules, amps_resource_type type, std::string_view resource,
                 amps_access access = amps_access_read) {
  const PermissionRule* const rule = rules.Find({"alice", type, resource, access});
  return rule == nullptr ? Permission::Deny("none") : PermissionOf(*rule);
}

TEST(PermissionDocument, EverythingThatCanStandInIt) {
  const auto rules = ParsePermissionDocument(R"({
    "logon": true,
    "replication-logon": false,
    "topic": [
      {"pattern": "orders/secret", "read": false},
      {"pattern": "orders/.*", "read": "/region = 'EMEA'",
       "write": {"filter": "/price > 0", "select": "-/,+/id"}, "replicate": true}
    ],
    "admin": [{"pattern": "/amps/.*", "read": true, "write": false}]
  })");
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_TRUE(Check(*rules, amps_resource_logon, "tcp").allowed);
  EXPECT_FALSE(Check(*rules, amps_resource_replication_logon, "tcp").allowed);
  EXPECT_FALSE(Check(*rules, amps_resource_topic, "orders/secret").allowed);
  // The first rule says nothing about writing.
  EXPECT_TRUE(Check(*rules, amps_resource_topic, "orders/secret", amps_access_write).allowed);
  EXPECT_EQ(Check(*rules, amps_resource_topic, "orders/eu").filter, "/region = 'EMEA'");
  const Permission write = Check(*rules, amps_resource_topic, "orders/eu", amps_access_write);
  EXPECT_EQ(write.filter, "/price > 0");
  EXPECT_EQ(write.select, "-/,+/id");
  EXPECT_TRUE(Check(*rules, amps_resource_topic, "orders/eu", amps_access_replicate).allowed);
  EXPECT_FALSE(Check(*rules, amps_resource_topic, "payroll").allowed);
  EXPECT_TRUE(Check(*rules, amps_resource_admin, "/amps/instance").allowed);
  EXPECT_FALSE(Check(*rules, amps_resource_admin, "/amps/instance", amps_access_write).allowed);
}

TEST(PermissionDocument, AnEmptyOneAllowsNothing) {
  const auto rules = ParsePermissionDocument("{}");
  ASSERT_TRUE(rules.ok());
  EXPECT_FALSE(Check(*rules, amps_resource_logon, "tcp").allowed);
}

TEST(PermissionDocument, NothingIsGuessed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "not JSON (line 1, column 0)"},
      {R"({"logon":"yes"})", "logon: not true or false"},
      {R"({"login":true})", "login: unknown member"},
      {R"({"topic":{}})", "topic: not an array"},
      {R"({"topic":["x"]})", "topic[0]: not an object"},
      {R"({"topic":[{"read":true}]})", "topic[0]: no pattern"},
      {R"({"topic":[{"pattern":"x"},{"pattern":"x","red":false}]})",
       "topic[1]: unknown member 'red'"},
      {R"({"topic":[{"pattern":"x","read":1}]})",
       "topic[0].read: not true, false, a filter or an object"},
      {R"({"topic":[{"pattern":"x","read":""}]})", "topic[0].read: an empty filter"},
      {R"({"topic":[{"pattern":"x","read":{"filtre":"a"}}]})",
       "topic[0].read: unknown member 'filtre'"},
      {R"({"topic":[{"pattern":"x","read":{"filter":1}}]})",
       "topic[0].read.filter: not a text, or empty"},
      {R"({"topic":[{"pattern":"(","read":true}]})", "topic[0].read: pattern '(': missing ): ("},
      {R"({"admin":[{"pattern":"x","read":"/a = 1"}]})", "admin[0].read: not true or false"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(FailureText(ParsePermissionDocument(text).status()),
              "permission document: " + message);
  }
}

TEST(PermissionDocument, MostRules) {
  const auto document = [](size_t rules) {
    std::string text = "{\"topic\":[";
    for (size_t i = 0; i < rules; ++i) {
      text += i > 0 ? ",{\"pattern\":\"x\",\"read\":true}" : "{\"pattern\":\"x\",\"read\":true}";
    }
    return text + "]}";
  };
  EXPECT_TRUE(ParsePermissionDocument(document(kDocumentRulesMax)).ok());
  EXPECT_FALSE(ParsePermissionDocument(document(kDocumentRulesMax + 1)).ok());
}

}  // namespace
}  // namespace fluxgate::modules
