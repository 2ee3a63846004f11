#include <gtest/gtest.h>

#include <atomic>

#include "modules/common/password_hash.h"
#include "modules/testing/files.h"
#include "modules/testing/module_host.h"
#include "modules/testing/threads.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] =
    "modules/authentication-password-file/libauthentication_password_file.so";
constexpr ScryptCost kCheap{kScryptLog2NMin, 1, 1};

std::string Line(const std::string& user, const std::string& password) {
  return user + ":" + *HashPassword(password, kCheap) + "\n";
}

class PasswordFileTest : public ::testing::Test {
 protected:
  PasswordFileTest() : host_(kLibrary) { EXPECT_TRUE(host_.Init()); }
  Context Make() const { return host_.Authentication({{"File", files_.Path("users")}}); }

  const TestFiles files_;
  ModuleHost host_;
};

TEST_F(PasswordFileTest, RightAndWrongPasswords) {
  files_.Write("users", Line("alice", "s3cret") + Line("b\xc3\xb6rk", "\xc3\xa9"));
  const Context context = Make();
  ASSERT_TRUE(context.made()) << host_.log();
  const Reply right = context.Authenticate({.user = "alice", .password = "s3cret"});
  EXPECT_TRUE(right.ok());
  EXPECT_EQ(right.user, "alice");
  EXPECT_TRUE(context.Authenticate({.user = "b\xc3\xb6rk", .password = "\xc3\xa9"}).ok());
  EXPECT_EQ(context.Authenticate({.user = "alice", .password = "secret"}).reason, "wrong password");
  EXPECT_EQ(context.Authenticate({.user = "Alice", .password = "s3cret"}).reason, "unknown user");
  EXPECT_EQ(context.Authenticate({.user = "alice", .password = ""}).reason, "no password");
  EXPECT_EQ(context.Authenticate({.user = "", .password = "s3cret"}).reason, "no user name");
  EXPECT_EQ(host_.log().find("s3cret"), std::string::npos);
}

TEST_F(PasswordFileTest, LongestNameAndPassword) {
  const std::string name(256, 'n');
  const std::string password(1024, 'p');
  files_.Write("users", Line(name, password));
  const Context context = Make();
  EXPECT_TRUE(context.Authenticate({.user = name, .password = password}).ok());
  EXPECT_EQ(context.Authenticate({.user = name + "n", .password = password}).reason,
            "user name is longer than 256 bytes");
  EXPECT_EQ(context.Authenticate({.user = name, .password = password + "p"}).reason,
            "password is longer than 1024 bytes");
}

TEST_F(PasswordFileTest, AChangedFileCountsAtOnce) {
  files_.Write("users", Line("alice", "old"));
  const Context context = Make();
  EXPECT_TRUE(context.Authenticate({.user = "alice", .password = "old"}).ok());
  files_.Write("users", Line("alice", "new") + Line("bob", "b"));
  EXPECT_TRUE(context.Authenticate({.user = "alice", .password = "new"}).ok());
  EXPECT_FALSE(context.Authenticate({.user = "alice", .password = "old"}).ok());
  EXPECT_TRUE(context.Authenticate({.user = "bob", .password = "b"}).ok());
  files_.Write("users", "broken");
  EXPECT_TRUE(context.Authenticate({.user = "bob", .password = "b"}).ok());
  EXPECT_NE(host_.log().find("users: line 1: not of the form user:hash; the last good version"),
            std::string::npos)
      << host_.log();
}

TEST_F(PasswordFileTest, WrongFilesAndOptions) {
  EXPECT_FALSE(Make().made());
  EXPECT_NE(host_.log().find("users: cannot be read: No such file"), std::string::npos);
  files_.Write("users", "alice:hash\n");
  host_.ClearLog();
  EXPECT_FALSE(Make().made());
  EXPECT_NE(host_.log().find("users: line 1: hash of user 'alice': not of the form"),
            std::string::npos);
  host_.ClearLog();
  EXPECT_FALSE(host_.Authentication().made());
  EXPECT_EQ(host_.log(), "option 'File' is missing\n");
  files_.Write("users", std::string(8 * 1024 * 1024, '\n'));
  EXPECT_TRUE(Make().made());
  files_.Write("users", std::string(8 * 1024 * 1024 + 1, '\n'));
  EXPECT_FALSE(Make().made());
}

TEST_F(PasswordFileTest, ManyThreadsWhileTheFileChanges) {
  files_.Write("users", Line("alice", "a") + Line("bob", "b"));
  const Context context = Make();
  const std::string one = Line("alice", "a") + Line("carol", "c");
  const std::string two = Line("alice", "a") + Line("dave", "d");
  std::atomic<int> wrong = 0;
  InThreads(8, [&](int thread) {
    for (int i = 0; i < 40; ++i) {
      if (thread == 0) {
        std::filesystem::rename(files_.Write("next", i % 2 == 0 ? one : two), files_.Path("users"));
      }
      if (!context.Authenticate({.user = "alice", .password = "a"}).ok()) ++wrong;
      if (context.Authenticate({.user = "alice", .password = "b"}).ok()) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace fluxgate::modules::testing
