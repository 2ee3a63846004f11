#include <gtest/gtest.h>

#include "modules/testing/files.h"
#include "modules/testing/module_host.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/authenticator-static/libauthenticator_static.so";

class StaticTest : public ::testing::Test {
 protected:
  StaticTest() : host_(kLibrary) { EXPECT_TRUE(host_.Init()); }
  const TestFiles files_;
  ModuleHost host_;
};

TEST_F(StaticTest, NameAndPasswordOfTheConfiguration) {
  const Context context = host_.Authenticator({{"User", "gate"}, {"Password", "s3cret"}});
  const Reply reply = context.MakeCredentials({.user = "other"});
  EXPECT_TRUE(reply.ok());
  EXPECT_EQ(reply.user, "gate");
  EXPECT_EQ(reply.password, "s3cret");
  EXPECT_EQ(host_.log(), "");
}

TEST_F(StaticTest, PasswordFromAFileAndNameOfTheConnection) {
  const std::string path = files_.Write("password", "s3cret\n");
  const Context context = host_.Authenticator({{"PasswordFile", path}});
  ASSERT_TRUE(context.made()) << host_.log();
  const Reply reply = context.MakeCredentials({.user = "other"});
  EXPECT_EQ(reply.user, "other");
  EXPECT_EQ(reply.password, "s3cret");
}

TEST_F(StaticTest, DoesNotSendItsPasswordAgainToWhoeverAsks) {
  const Context context = host_.Authenticator({{"User", "gate"}, {"Password", "s3cret"}});
  const Reply reply = context.MakeCredentials({.challenge = "nonce", .attempt = 2});
  EXPECT_FALSE(reply.ok());
  EXPECT_FALSE(reply.password.has_value());
  EXPECT_EQ(host_.log(), "a challenge cannot be answered with a fixed password\n");
}

TEST_F(StaticTest, WrongOptions) {
  const std::string longer(1025, 'p');
  const std::vector<std::pair<OptionList, std::string>> cases = {
      {{}, "one of the options 'Password' and 'PasswordFile' is needed"},
      {{{"Password", "s3cret"}, {"PasswordFile", "x"}},
       "one of the options 'Password' and 'PasswordFile' is needed"},
      {{{"PasswordFile", files_.Path("none")}}, "none: cannot be read"},
      {{{"PasswordFile", files_.Write("long", longer + "\n")}}, "longer than 1024 bytes"},
      {{{"Password", longer}}, "option 'Password' is too long"},
      {{{"Pasword", "s3cret"}}, "unknown option 'Pasword'"},
  };
  for (const auto& [options, message] : cases) {
    host_.ClearLog();
    EXPECT_FALSE(host_.Authenticator(options).made());
    EXPECT_NE(host_.log().find(message), std::string::npos) << host_.log();
    EXPECT_EQ(host_.log().find("s3cret"), std::string::npos);
    EXPECT_EQ(host_.log().find("pppp"), std::string::npos);
  }
  EXPECT_TRUE(host_.Authenticator({{"Password", std::string(1024, 'p')}}).made());
}

}  // namespace
}  // namespace fluxgate::modules::testing
