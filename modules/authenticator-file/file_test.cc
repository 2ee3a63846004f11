#include <gtest/gtest.h>

#include "modules/testing/files.h"
#include "modules/testing/module_host.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/authenticator-file/libauthenticator_file.so";

class FileTest : public ::testing::Test {
 protected:
  FileTest() : host_(kLibrary) { EXPECT_TRUE(host_.Init()); }
  Context Make() const { return host_.Authenticator({{"File", files_.Path("login")}}); }
  const TestFiles files_;
  ModuleHost host_;
};

TEST_F(FileTest, ReadsItEachTime) {
  files_.Write("login", "gate:s3:cret\n");
  const Context context = Make();
  ASSERT_TRUE(context.made()) << host_.log();
  const Reply first = context.MakeCredentials({});
  EXPECT_EQ(first.user, "gate");
  EXPECT_EQ(first.password, "s3:cret");
  files_.Write("login", "gate:other");
  EXPECT_EQ(context.MakeCredentials({}).password, "other");
  std::filesystem::remove(files_.Path("login"));
  EXPECT_FALSE(context.MakeCredentials({}).ok());
  EXPECT_NE(host_.log().find("login: cannot be read"), std::string::npos);
}

TEST_F(FileTest, WrongFiles) {
  const std::string name(256, 'n');
  const std::string password(1024, 'p');
  EXPECT_FALSE(Make().made());
  for (const std::string& text : {std::string(), std::string("s3cret\n"), std::string(":s3cret\n"),
                                  name + "n:s3cret\n", name + ":" + password + "p\n"}) {
    files_.Write("login", text);
    host_.ClearLog();
    EXPECT_FALSE(Make().made()) << text;
    EXPECT_NE(host_.log().find(files_.Path("login") + ": "), std::string::npos);
    EXPECT_EQ(host_.log().find("s3cret"), std::string::npos);
  }
  files_.Write("login", name + ":" + password + "\n");
  EXPECT_EQ(Make().MakeCredentials({}).password, password);
}

TEST_F(FileTest, NoAnswerToAChallenge) {
  files_.Write("login", "gate:s3cret\n");
  EXPECT_FALSE(Make().MakeCredentials({.attempt = 2}).ok());
}

TEST_F(FileTest, WrongOptions) {
  EXPECT_FALSE(host_.Authenticator().made());
  EXPECT_EQ(host_.log(), "option 'File' is missing\n");
  host_.ClearLog();
  EXPECT_FALSE(host_.Authenticator({{"Path", "x"}}).made());
  EXPECT_EQ(host_.log(), "unknown option 'Path' (known are File)\n");
}

}  // namespace
}  // namespace fluxgate::modules::testing
