#include <gtest/gtest.h>

#include "modules/testing/module_host.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/authentication-deny-all/libauthentication_deny_all.so";

TEST(DenyAll, LetsNobodyIn) {
  ModuleHost host(kLibrary);
  ASSERT_TRUE(host.Init());
  const Context context = host.Authentication();
  const Reply reply = context.Authenticate({.user = "alice", .password = "right"});
  EXPECT_EQ(reply.code, AMPS_FAILURE);
  EXPECT_EQ(reply.reason, "everybody is refused");
  EXPECT_FALSE(reply.user.has_value());
}

TEST(DenyAll, HasNoOptions) {
  ModuleHost host(kLibrary);
  EXPECT_FALSE(host.Init({{"Except", "alice"}}));
  EXPECT_EQ(host.log(), "unknown option 'Except' (it has none)\n");
}

}  // namespace
}  // namespace fluxgate::modules::testing
