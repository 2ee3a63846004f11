#include "client/cli/authenticator.h"

#include <gtest/gtest.h>

namespace fluxgate::cli {
namespace {

TEST(ParseAuthenticator, ModuleAndOptions) {
  const auto bare = ParseAuthenticator("libauthenticator_file.so");
  ASSERT_TRUE(bare.ok()) << bare.status();
  EXPECT_EQ(bare->library, "libauthenticator_file.so");
  EXPECT_TRUE(bare->options.empty());

  const auto all = ParseAuthenticator("./m.so,Command=/bin/x,Argument=a=b,Argument=c,,d,Empty=");
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->library, "./m.so");
  EXPECT_EQ(all->options,
            (ModuleOptions{
                {"Command", "/bin/x"}, {"Argument", "a=b"}, {"Argument", "c,d"}, {"Empty", ""}}));
}

TEST(ParseAuthenticator, WhatIsWrongIsToldWithoutItsText) {
  for (const char* text : {"", ",A=1", "m.so,", "m.so,s3cret", "m.so,A=1,=s3cret"}) {
    const auto parsed = ParseAuthenticator(text);
    EXPECT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.status().message().find("s3cret"), std::string::npos) << parsed.status();
  }
}

TEST(AuthenticatorModule, AFileThatIsNotThere) {
  const auto loaded = AuthenticatorModule::Load("/nowhere/at/all.so,File=x");
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.status().message().find("/nowhere/at/all.so"), std::string::npos);
}

}  // namespace
}  // namespace fluxgate::cli
