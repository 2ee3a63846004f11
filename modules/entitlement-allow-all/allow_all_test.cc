#include <gtest/gtest.h>

#include "modules/testing/module_host.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/entitlement-allow-all/libentitlement_allow_all.so";

TEST(AllowAll, DecidesEverythingAlike) {
  ModuleHost host(kLibrary);
  ASSERT_TRUE(host.Init());
  const Context context = host.Entitlement();
  ASSERT_TRUE(context.made());
  for (const amps_resource_type type : {amps_resource_logon, amps_resource_replication_logon,
                                        amps_resource_topic, amps_resource_admin}) {
    for (const amps_access access : {amps_access_read, amps_access_write, amps_access_replicate}) {
      const Reply reply =
          context.Check({.user = "alice", .type = type, .resource = "orders", .access = access});
      EXPECT_TRUE(reply.ok()) << type << access;
      EXPECT_FALSE(reply.filter.has_value());
      EXPECT_FALSE(reply.select.has_value());
    }
  }
}

TEST(AllowAll, HasNoOptions) {
  ModuleHost host(kLibrary);
  ASSERT_TRUE(host.Init());
  EXPECT_FALSE(host.Entitlement({{"File", "/etc/passwd"}}).made());
  EXPECT_EQ(host.log(), "unknown option 'File' (it has none)\n");
}

}  // namespace
}  // namespace fluxgate::modules::testing
