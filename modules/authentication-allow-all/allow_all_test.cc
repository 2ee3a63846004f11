#include <gtest/gtest.h>

#include "modules/testing/module_host.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/authentication-allow-all/libauthentication_allow_all.so";

TEST(AllowAll, TakesTheClaimedName) {
  ModuleHost host(kLibrary);
  ASSERT_TRUE(host.Init());
  const Context context = host.Authentication();
  ASSERT_TRUE(context.made());
  const Reply reply = context.Authenticate({.user = "alice", .password = "anything"});
  EXPECT_TRUE(reply.ok());
  EXPECT_EQ(reply.user, "alice");
  EXPECT_TRUE(context.Authenticate({.user = ""}).ok());
}

TEST(AllowAll, CanInsistOnAName) {
  ModuleHost host(kLibrary);
  ASSERT_TRUE(host.Init());
  const Context context = host.Authentication({{"RequireUser", "true"}});
  const Reply reply = context.Authenticate({.user = ""});
  EXPECT_FALSE(reply.ok());
  EXPECT_EQ(reply.reason, "no user name");
  EXPECT_TRUE(context.Authenticate({.user = "bob"}).ok());
}

TEST(AllowAll, RefusesNamesThatAreNone) {
  ModuleHost host(kLibrary);
  ASSERT_TRUE(host.Init());
  const Context context = host.Authentication();
  EXPECT_TRUE(context.Authenticate({.user = std::string(256, 'a')}).ok());
  EXPECT_FALSE(context.Authenticate({.user = std::string(257, 'a')}).ok());
  EXPECT_FALSE(context.Authenticate({.user = "a\nb"}).ok());
  EXPECT_FALSE(context.Authenticate({.user = "\xc3("}).ok());
}

TEST(AllowAll, OptionsOfTheModuleHoldForItsContexts) {
  ModuleHost host(kLibrary);
  ASSERT_TRUE(host.Init({{"RequireUser", "true"}}));
  EXPECT_FALSE(host.Authentication().Authenticate({.user = ""}).ok());
  EXPECT_TRUE(host.Authentication({{"RequireUser", "false"}}).Authenticate({.user = ""}).ok());
}

TEST(AllowAll, WrongOptionsAreNamed) {
  ModuleHost host(kLibrary);
  EXPECT_FALSE(host.Init({{"RequireName", "true"}}));
  EXPECT_EQ(host.log(), "unknown option 'RequireName' (known are RequireUser)\n");
  ASSERT_TRUE(host.Init());
  host.ClearLog();
  EXPECT_FALSE(host.Authentication({{"RequireUser", "yes"}}).made());
  EXPECT_EQ(host.log(), "option 'RequireUser' is 'yes', not true or false\n");
  host.ClearLog();
  EXPECT_FALSE(host.Authentication({{"Require", "yes"}}).made());
  EXPECT_NE(host.log().find("'Require'"), std::string::npos);
  host.ClearLog();
  EXPECT_FALSE(host.Authentication({{"RequireUser", "true"}, {"RequireUser", "true"}}).made());
  EXPECT_EQ(host.log(), "option 'RequireUser' is given twice\n");
}

}  // namespace
}  // namespace fluxgate::modules::testing
