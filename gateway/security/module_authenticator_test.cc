#include "gateway/security/module_authenticator.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/module/testing/module_testing.h"
#include "gateway/security/module_text.h"

namespace fluxgate {
namespace {

constexpr char kStatic[] = "modules/authenticator-static/libauthenticator_static.so";
constexpr char kOdd[] = "gateway/security/odd_authenticator.so";

class ModuleAuthenticatorTest : public ::testing::Test {
 protected:
  std::shared_ptr<Module> Load(std::string_view path) {
    auto module = Module::Load({"tested", ModulePath(path), {}}, log_.function());
    EXPECT_TRUE(module.ok()) << module.status();
    return module.ok() ? *std::move(module) : nullptr;
  }
  static std::string Text(const absl::Status& status) {
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kBadOption) << status;
    return ErrorText(status);
  }

  TestLog log_;
};

TEST_F(ModuleAuthenticatorTest, TheShippedStaticModule) {
  const auto made =
      MakeModuleAuthenticator(Load(kStatic), {{"User", "gate"}, {"Password", "s3cret"}});
  ASSERT_TRUE(made.ok()) << made.status();
  const auto credentials = (*made)->MakeCredentials({.remote_address = "h:1", .user_id = "x"});
  ASSERT_TRUE(credentials.ok()) << credentials.status();
  EXPECT_EQ(credentials->user_id, "gate");
  EXPECT_EQ(credentials->password, "s3cret");
  (*made)->Completed(true, "");
  const auto challenged = (*made)->MakeCredentials(
      {.remote_address = "h:1", .user_id = "gate", .challenge = "what?", .attempt = 2});
  EXPECT_NE(Text(challenged.status()).find("has no credentials for h:1, attempt 2"),
            std::string::npos);
  EXPECT_TRUE(log_.Has("a challenge cannot be answered"));
}

TEST_F(ModuleAuthenticatorTest, WhatItIsToldAndWhatItGives) {
  const auto made = MakeModuleAuthenticator(Load(kOdd), {});
  ASSERT_TRUE(made.ok()) << made.status();
  const auto credentials = (*made)->MakeCredentials(
      {.remote_address = "h:1", .user_id = "ann", .challenge = "what?", .attempt = 2});
  ASSERT_TRUE(credentials.ok()) << credentials.status();
  EXPECT_EQ(credentials->user_id, "ann");
  EXPECT_EQ(credentials->password, "h:1 what? 2");
  const auto nothing = (*made)->MakeCredentials({.user_id = "nothing"});
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_EQ(nothing->user_id + nothing->password, "");
  (*made)->Completed(false, "it has no such function");
}

TEST_F(ModuleAuthenticatorTest, WhatGoesWrongIsAnError) {
  const auto made = MakeModuleAuthenticator(Load(kOdd), {});
  ASSERT_TRUE(made.ok()) << made.status();
  for (const char* user : {"fails", "throws", "foreign"}) {
    const auto credentials = (*made)->MakeCredentials({.remote_address = "h:1", .user_id = user});
    EXPECT_NE(Text(credentials.status()).find("odd_authenticator.so"), std::string::npos) << user;
  }
  EXPECT_TRUE(log_.Has("was left by an exception"));
  EXPECT_TRUE(log_.Has("gave back a password"));
}

TEST_F(ModuleAuthenticatorTest, TextAtTheLimitAndAbove) {
  const auto made = MakeModuleAuthenticator(Load(kOdd), {});
  ASSERT_TRUE(made.ok()) << made.status();
  const auto ask = [&](size_t bytes) {
    return (*made)->MakeCredentials({.user_id = "long" + std::to_string(bytes)});
  };
  EXPECT_TRUE(ask(kModuleTextBytesMax).ok());
  EXPECT_FALSE(ask(kModuleTextBytesMax + 1).ok());
}

TEST_F(ModuleAuthenticatorTest, AContextForEachConnectionDestroyedOnce) {
  const auto module = Load(kOdd);
  const auto contexts = module->EntryPoint<int()>("odd_contexts");
  ASSERT_TRUE(contexts.ok());
  {
    const auto one = MakeModuleAuthenticator(module, {}), two = MakeModuleAuthenticator(module, {});
    EXPECT_EQ((*contexts)(), 2);
  }
  EXPECT_EQ((*contexts)(), 0);
}

TEST_F(ModuleAuthenticatorTest, WhatIsNoAuthenticatorSaysWhichFileAndWhatIsMissing) {
  const auto made =
      MakeModuleAuthenticator(Load("modules/template-authentication/authentication.so"), {});
  const std::string text = Text(made.status());
  EXPECT_NE(text.find("authentication.so"), std::string::npos) << text;
  EXPECT_NE(text.find("does not define amps_authenticator_credentials"), std::string::npos) << text;
}

TEST_F(ModuleAuthenticatorTest, OptionsThatItRefuses) {
  EXPECT_FALSE(MakeModuleAuthenticator(Load(kStatic), {{"Colour", "blue"}}).ok());
  EXPECT_TRUE(log_.Has("Colour")) << log_.lines().size();
}

}  // namespace
}  // namespace fluxgate
