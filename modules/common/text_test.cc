#include "modules/common/text.h"

#include <gtest/gtest.h>

namespace fluxgate::modules {
namespace {

using std::string_literals::operator""s;

TEST(Text, UserNames) {
  EXPECT_EQ(WrongUserName("alice"), "");
  EXPECT_EQ(WrongUserName("J\xc3\xb6rg Smith"), "");
  EXPECT_EQ(WrongUserName(std::string(kUserNameMax, 'a')), "");
  EXPECT_EQ(WrongUserName(std::string(kUserNameMax + 1, 'a')),
            "user name is longer than 256 bytes");
  EXPECT_EQ(WrongUserName(""), "no user name");
  EXPECT_EQ(WrongUserName("a\0b"s), "control character in the user name");
  EXPECT_EQ(WrongUserName("a\x7f"), "control character in the user name");
  EXPECT_EQ(WrongUserName("a\xff"), "user name is not UTF-8");
}

TEST(Text, Passwords) {
  EXPECT_EQ(WrongPassword(std::string(kPasswordMax, 'x')), "");
  EXPECT_NE(WrongPassword(std::string(kPasswordMax + 1, 'x')), "");
}

TEST(Text, ConstantTimeEqual) {
  EXPECT_TRUE(ConstantTimeEqual("secret", "secret"));
  EXPECT_TRUE(ConstantTimeEqual("", ""));
  EXPECT_FALSE(ConstantTimeEqual("secret", "secreT"));
  EXPECT_FALSE(ConstantTimeEqual("Secret", "secret"));
  EXPECT_FALSE(ConstantTimeEqual("secret", "secre"));
}

TEST(Text, WipeLeavesNothing) {
  std::string secret = "a secret that is longer than what fits into the object itself";
  const char* const memory = secret.data();
  Wipe(&secret);
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(memory, secret.data());
  EXPECT_EQ(secret.data()[0], '\0');
}

TEST(Text, PrintableCannotForgeLogLines) {
  EXPECT_EQ(Printable("alice"), "alice");
  EXPECT_EQ(Printable("a\nroot logged on\x1b[2J"), "a\\x0aroot logged on\\x1b[2J");
  EXPECT_EQ(Printable(std::string(200, 'a')), std::string(200, 'a'));
  EXPECT_EQ(Printable(std::string(201, 'a')), std::string(200, 'a') + "...");
}

TEST(Text, PercentEncode) {
  EXPECT_EQ(PercentEncode("Az09-._~"), "Az09-._~");
  EXPECT_EQ(PercentEncode("a/b?c=d&e #%"), "a%2Fb%3Fc%3Dd%26e%20%23%25");
  EXPECT_EQ(PercentEncode("\xc3\xb6"), "%C3%B6");
}

TEST(Text, Utf8) {
  EXPECT_TRUE(IsUtf8("\xf0\x9f\x98\x80 \xe2\x82\xac"));
  EXPECT_FALSE(IsUtf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(IsUtf8("\xe0\x80\xaf"));      // overlong
  EXPECT_FALSE(IsUtf8("\xed\xa0\x80"));      // half a surrogate pair
  EXPECT_FALSE(IsUtf8("\xf4\x90\x80\x80"));  // beyond the last character
  EXPECT_FALSE(IsUtf8("\xe2\x82"));          // cut off
}

TEST(Text, ReplaceAllLooksAtTheTemplateOnly) {
  EXPECT_EQ(ReplaceAll("a{user}b{user}", "{user}", "x"), "axbx");
  EXPECT_EQ(ReplaceAll("{user}", "{user}", "{user}{user}"), "{user}{user}");
  EXPECT_EQ(ReplaceAll("none", "{user}", "x"), "none");
}

TEST(Text, Split) {
  EXPECT_EQ(Split("a, b ,c", ','), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(Split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_TRUE(Split(" ", ',').empty());
}

}  // namespace
}  // namespace fluxgate::modules
