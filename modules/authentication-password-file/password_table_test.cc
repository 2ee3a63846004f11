#include "modules/authentication-password-file/password_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace fluxgate::modules {
namespace {

std::string Line(const std::string& user, const ScryptCost& cost) {
  return user + ":" + *HashPassword("password of " + user, cost) + "\n";
}

constexpr ScryptCost kCheap{10, 1, 1};
constexpr ScryptCost kDearer{11, 2, 1};

TEST(PasswordTable, AnUnknownUserCostsWhatAKnownOneDoes) {
  const auto table = PasswordTable::Parse(Line("alice", kCheap) + Line("bob", kDearer));
  ASSERT_TRUE(table.ok());
  std::vector<ScryptCost> paid;
  const auto verify = [&](std::string_view password, const PasswordHash& hash) {
    paid.push_back(hash.cost);
    return VerifyPassword(password, hash);
  };
  EXPECT_EQ((*table)->Check("bob", "password of bob", verify), "");
  EXPECT_EQ((*table)->Check("bob", "wrong", verify), "wrong password");
  EXPECT_EQ((*table)->Check("mallory", "wrong", verify), "unknown user");
  EXPECT_EQ(paid, (std::vector<ScryptCost>{kDearer, kDearer, kDearer}));
}

TEST(PasswordTable, NobodyGetsInWithoutBeingInTheFile) {
  const auto table = PasswordTable::Parse("");
  ASSERT_TRUE(table.ok());
  const auto yes = [](std::string_view, const PasswordHash&) { return true; };
  EXPECT_EQ((*table)->Check("mallory", "", yes), "unknown user");
}

TEST(PasswordTable, RemarksEmptyLinesAndLineEnds) {
  const auto table = PasswordTable::Parse("# users\r\n\r\n" + Line("alice", kCheap) +
                                          "\n  # more\n" + "bob:" + *HashPassword("b", kCheap));
  ASSERT_TRUE(table.ok());
  EXPECT_EQ((*table)->size(), 2u);
  EXPECT_EQ((*table)->Check("bob", "b"), "");
}

TEST(PasswordTable, ErrorsNameTheLineAndNoHash) {
  const std::string alice = Line("alice", kCheap);
  EXPECT_EQ(FailureText(PasswordTable::Parse(alice + alice).status()),
            "line 2: user 'alice' is there twice");
  EXPECT_EQ(FailureText(PasswordTable::Parse("# x\nalice\n").status()),
            "line 2: not of the form user:hash");
  EXPECT_EQ(FailureText(PasswordTable::Parse("bob:plain text").status()),
            "line 1: hash of user 'bob': not of the form $scrypt$ln=..,r=..,p=..$salt$hash");
  EXPECT_EQ(FailureText(PasswordTable::Parse(":x").status()), "line 1: no user name");
  EXPECT_EQ(FailureText(
                PasswordTable::Parse("bob:$scrypt$ln=21,r=8,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
                    .status()),
            "line 1: hash of user 'bob': ln is not from 10 to 20");
}

}  // namespace
}  // namespace fluxgate::modules
