#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <string>

#include "modules/testing/files.h"
#include "modules/testing/module_host.h"
#include "modules/testing/threads.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/authenticator-command/libauthenticator_command.so";

// Whether there is such a process that has not ended yet.
bool Runs(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string id, name, state;
  stat >> id >> name >> state;
  return !state.empty() && state != "Z";
}

class CommandTest : public ::testing::Test {
 protected:
  CommandTest() : host_(kLibrary) { EXPECT_TRUE(host_.Init()); }

  // A context that runs this script of sh, which is a file: the module itself uses no shell.
  Context Script(const std::string& text, OptionList options = {}) const {
    options.emplace_back("Command", "/bin/sh");
    options.emplace_back("Argument", files_.Write("script", text));
    return host_.Authenticator(options);
  }

  const TestFiles files_;
  ModuleHost host_;
};

TEST_F(CommandTest, TheFirstLineIsThePassword) {
  const Context context = Script("echo s3cret\necho remark\n", {{"User", "gate"}});
  ASSERT_TRUE(context.made()) << host_.log();
  const Reply reply = context.MakeCredentials({});
  EXPECT_TRUE(reply.ok()) << host_.log();
  EXPECT_EQ(reply.user, "gate");
  EXPECT_EQ(reply.password, "s3cret");
}

TEST_F(CommandTest, ArgumentsAreHandedOverAsTheyAre) {
  const Context context = host_.Authenticator({{"Command", "/usr/bin/printf"},
                                               {"Argument", "%s-%s"},
                                               {"Argument", "$(id) `id` *;"},
                                               {"Argument", "b c"}});
  EXPECT_EQ(context.MakeCredentials({.user = "gate"}).password, "$(id) `id` *;-b c");
}

TEST_F(CommandTest, KnowsWhatItIsFor) {
  setenv("SECRET_OF_THE_SERVER", "x", 1);
  const Context context = Script(
      "echo \"$FLUXGATE_USER $FLUXGATE_REMOTE_ADDRESS $FLUXGATE_CHALLENGE "
      "$FLUXGATE_ATTEMPT$SECRET_OF_THE_SERVER\"\n");
  const Reply reply = context.MakeCredentials(
      {.address = "127.0.0.1:9", .user = "gate", .challenge = "nonce", .attempt = 2});
  EXPECT_EQ(reply.user, "gate");
  EXPECT_EQ(reply.password, "gate 127.0.0.1:9 nonce 2");
  unsetenv("SECRET_OF_THE_SERVER");
}

TEST_F(CommandTest, HasNoDescriptorsOfTheServer) {
  // Descriptors that nobody has marked to be closed.
  const int leaked = dup(STDERR_FILENO);
  const Context context =
      host_.Authenticator({{"Command", "/usr/bin/test"},
                           {"Argument", "-e"},
                           {"Argument", "/proc/self/fd/" + std::to_string(leaked)}});
  EXPECT_FALSE(context.MakeCredentials({}).ok());
  EXPECT_NE(host_.log().find("/usr/bin/test: ended with status 1"), std::string::npos)
      << host_.log();
  close(leaked);
}

TEST_F(CommandTest, EndsWhatTakesTooLongWithAllThatItHasStarted) {
  const Context context =
      Script("echo s3cret\nsleep 600 &\necho $! > " + files_.Path("child") + "\nsleep 600\n",
             {{"TimeLimit", "500ms"}});
  EXPECT_FALSE(context.MakeCredentials({}).ok());
  EXPECT_EQ(host_.log(), "/bin/sh: ended, because it took longer than 500ms\n");
  const std::string child = files_.Read("child");
  ASSERT_FALSE(child.empty());
  while (Runs(std::stoi(child))) usleep(1000);
}

TEST_F(CommandTest, DoesNotWaitForChildrenThatKeepTheOutput) {
  const Context context = Script("echo s3cret\nsleep 600 &\n", {{"TimeLimit", "300s"}});
  EXPECT_EQ(context.MakeCredentials({}).password, "s3cret");
}

TEST_F(CommandTest, OutputHasALimit) {
  const std::string print = "head -c $1 /dev/zero | tr '\\0' p\n";
  const auto made = [&](const std::string& bytes) {
    return host_
        .Authenticator({{"Command", "/bin/sh"},
                        {"Argument", files_.Write("script", print)},
                        {"Argument", bytes},
                        {"OutputMax", "100"}})
        .MakeCredentials({});
  };
  EXPECT_EQ(made("100").password, std::string(100, 'p'));
  EXPECT_FALSE(made("101").ok());
  EXPECT_EQ(host_.log(), "/bin/sh: ended, because it printed more than 100 bytes\n");
  EXPECT_FALSE(made("1000000000").ok());
}

TEST_F(CommandTest, Failures) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"echo s3cret; exit 3", "/bin/sh: ended with status 3\n"},
      {"echo s3cret; kill -9 $$", "/bin/sh: ended by signal 9\n"},
      {"exit 0", "/bin/sh: its first line is no password\n"},
      {"echo; echo s3cret", "/bin/sh: its first line is no password\n"},
      {"printf 's3c\\000ret'", "/bin/sh: its first line is no password\n"},
  };
  for (const auto& [script, message] : cases) {
    host_.ClearLog();
    EXPECT_FALSE(Script(script).MakeCredentials({}).ok()) << script;
    EXPECT_EQ(host_.log(), message);
  }
  host_.ClearLog();
  EXPECT_FALSE(host_.Authenticator({{"Command", "/no/such/program"}}).MakeCredentials({}).ok());
  EXPECT_EQ(host_.log(), "/no/such/program: cannot be started: No such file or directory\n");
}

TEST_F(CommandTest, WrongOptions) {
  const std::vector<std::pair<OptionList, std::string>> cases = {
      {{}, "option 'Command' is missing\n"},
      {{{"Command", "sh"}}, "option 'Command' is not an absolute path\n"},
      {{{"Command", "/bin/sh"}, {"TimeLimit", "9ms"}},
       "option 'TimeLimit' is '9ms', not a time from 10ms to 300000ms (units are ms, s, m and "
       "h)\n"},
      {{{"Command", "/bin/sh"}, {"OutputMax", "0"}},
       "option 'OutputMax' is '0', not a number from 1 to 1048576\n"},
      {{{"Shell", "true"}},
       "unknown option 'Shell' (known are Command, Argument, User, TimeLimit, OutputMax)\n"},
  };
  for (const auto& [options, message] : cases) {
    host_.ClearLog();
    EXPECT_FALSE(host_.Authenticator(options).made());
    EXPECT_EQ(host_.log(), message);
  }
}

TEST_F(CommandTest, ManyThreads) {
  const Context context = Script("echo $FLUXGATE_USER\n");
  std::atomic<int> wrong = 0;
  InThreads(8, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      const std::string user = "user" + std::to_string(thread);
      if (context.MakeCredentials({.user = user}).password != user) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0) << host_.log();
}

}  // namespace
}  // namespace fluxgate::modules::testing
