#include <gtest/gtest.h>

#include <atomic>

#include "modules/testing/files.h"
#include "modules/testing/module_host.h"
#include "modules/testing/threads.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/entitlement-file/libentitlement_file.so";
constexpr char kRules[] = R"(
group traders
  member alice bob
  allow logon
  allow read topic orders/.* filter "/region = 'EMEA'" select -/,+/id,+/price
  allow write topic orders/new
user bob
  deny read topic orders/.*
)";

class FileTest : public ::testing::Test {
 protected:
  FileTest() : host_(kLibrary) { EXPECT_TRUE(host_.Init()); }
  Context Make() const { return host_.Entitlement({{"File", files_.Path("rules")}}); }
  const TestFiles files_;
  ModuleHost host_;
};

TEST_F(FileTest, AnswersWithFilterAndSelectList) {
  files_.Write("rules", kRules);
  const Context context = Make();
  ASSERT_TRUE(context.made()) << host_.log();
  const Reply read = context.Check({.user = "alice", .resource = "orders/eu"});
  EXPECT_TRUE(read.ok());
  EXPECT_EQ(read.filter, "/region = 'EMEA'");
  EXPECT_EQ(read.select, "-/,+/id,+/price");
  const Reply write =
      context.Check({.user = "alice", .resource = "orders/new", .access = amps_access_write});
  EXPECT_TRUE(write.ok());
  EXPECT_FALSE(write.filter.has_value());
  EXPECT_TRUE(
      context.Check({.user = "alice", .type = amps_resource_logon, .resource = "tcp"}).ok());
}

TEST_F(FileTest, SaysWhyNot) {
  files_.Write("rules", kRules);
  const Context context = Make();
  EXPECT_EQ(context.Check({.user = "bob", .resource = "orders/eu"}).reason,
            "denied by rule 'orders/.*'");
  EXPECT_EQ(context.Check({.user = "alice", .resource = "payroll"}).reason, "no rule allows it");
  EXPECT_FALSE(context.Check({.user = "mallory", .resource = "orders/eu"}).ok());
  EXPECT_FALSE(context.Check({.user = "", .resource = "orders/eu"}).ok());
}

TEST_F(FileTest, ANewContextReadsTheFileAgain) {
  files_.Write("rules", kRules);
  const Context before = Make();
  files_.Write("rules", "user mallory\nallow read topic orders/eu\n");
  const Context after = Make();
  EXPECT_FALSE(before.Check({.user = "mallory", .resource = "orders/eu"}).ok());
  EXPECT_TRUE(after.Check({.user = "mallory", .resource = "orders/eu"}).ok());
  EXPECT_FALSE(after.Check({.user = "alice", .resource = "orders/eu"}).ok());
}

TEST_F(FileTest, WrongFilesAndOptions) {
  EXPECT_FALSE(Make().made());
  EXPECT_NE(host_.log().find("rules: cannot be read"), std::string::npos);
  host_.ClearLog();
  files_.Write("rules", "user alice\n  alow logon\n");
  EXPECT_FALSE(Make().made());
  EXPECT_EQ(host_.log(), files_.Path("rules") +
                             ":2: 'alow' is not user, group, everybody, member, allow or deny\n");
  host_.ClearLog();
  EXPECT_FALSE(host_.Entitlement({{"Rules", "x"}}).made());
  EXPECT_EQ(host_.log(), "unknown option 'Rules' (known are File)\n");
  files_.Write("rules", std::string(8 * 1024 * 1024, '\n'));
  EXPECT_TRUE(Make().made());
  files_.Write("rules", std::string(8 * 1024 * 1024 + 1, '\n'));
  EXPECT_FALSE(Make().made());
}

TEST_F(FileTest, ManyThreads) {
  files_.Write("rules", kRules);
  const Context context = Make();
  std::atomic<int> wrong = 0;
  InThreads(8, [&](int) {
    for (int i = 0; i < 500; ++i) {
      const std::string topic = "orders/" + std::to_string(i);
      if (!context.Check({.user = "alice", .resource = topic}).ok()) ++wrong;
      if (context.Check({.user = "bob", .resource = topic}).ok()) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace fluxgate::modules::testing
