// Of modules that give everybody the same answer: LIBRARY is the module, ALLOWED its answer.
#include <gtest/gtest.h>

#include "modules/testing/module_host.h"

namespace fluxgate::modules::testing {
namespace {

TEST(FixedEntitlement, DecidesEverythingAlike) {
  ModuleHost host(LIBRARY);
  ASSERT_TRUE(host.Init());
  const Context context = host.Entitlement();
  ASSERT_TRUE(context.made());
  for (const amps_resource_type type : {amps_resource_logon, amps_resource_replication_logon,
                                        amps_resource_topic, amps_resource_admin}) {
    for (const amps_access access : {amps_access_read, amps_access_write, amps_access_replicate}) {
      const Reply reply =
          context.Check({.user = "alice", .type = type, .resource = "orders", .access = access});
      EXPECT_EQ(reply.ok(), ALLOWED) << type << access;
      EXPECT_FALSE(reply.filter.has_value());
      EXPECT_FALSE(reply.select.has_value());
    }
  }
}

TEST(FixedEntitlement, HasNoOptions) {
  ModuleHost host(LIBRARY);
  ASSERT_TRUE(host.Init());
  EXPECT_FALSE(host.Entitlement({{"File", "/etc/passwd"}}).made());
  EXPECT_EQ(host.log(), "unknown option 'File' (it has none)\n");
}

}  // namespace
}  // namespace fluxgate::modules::testing
