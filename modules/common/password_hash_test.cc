#include "modules/common/password_hash.h"

#include <gtest/gtest.h>

#include <vector>

namespace fluxgate::modules {
namespace {

// As cheap as allowed.
constexpr ScryptCost kCheap{kScryptLog2NMin, 1, 1};

std::optional<PasswordHash> Parse(const std::string& text, std::string* why) {
  return ParsePasswordHash(text, why);
}

TEST(PasswordHash, RightAndWrongPassword) {
  const auto text = HashPassword("s3cret", kCheap);
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->find("s3cret"), std::string::npos);
  std::string why;
  const auto hash = Parse(*text, &why);
  ASSERT_TRUE(hash.has_value()) << why;
  EXPECT_EQ(hash->cost, kCheap);
  EXPECT_TRUE(VerifyPassword("s3cret", *hash));
  EXPECT_FALSE(VerifyPassword("s3cre", *hash));
  EXPECT_FALSE(VerifyPassword("s3cret ", *hash));
  EXPECT_FALSE(VerifyPassword("", *hash));
}

TEST(PasswordHash, SamePasswordTwoHashes) {
  EXPECT_NE(*HashPassword("a", kCheap), *HashPassword("a", kCheap));
}

// RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1).
TEST(PasswordHash, KnownVector) {
  std::string why;
  const auto hash = Parse(
      "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$"
      "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofL"
      "VQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw",
      &why);
  ASSERT_TRUE(hash.has_value()) << why;
  EXPECT_TRUE(VerifyPassword("pleaseletmein", *hash));
  EXPECT_FALSE(VerifyPassword("pleaseletmeout", *hash));
}

TEST(PasswordHash, UnmatchableHasThatCost) {
  const PasswordHash hash = UnmatchableHash(kCheap);
  EXPECT_EQ(hash.cost, kCheap);
  EXPECT_FALSE(VerifyPassword("", hash));
  EXPECT_FALSE(VerifyPassword("anything", hash));
}

TEST(PasswordHash, LimitsOfTheCost) {
  EXPECT_EQ(WrongCost({10, 1, 1}), "");
  EXPECT_EQ(WrongCost({9, 1, 1}), "ln is not from 10 to 20");
  EXPECT_EQ(WrongCost({20, 1, 1}), "");
  EXPECT_EQ(WrongCost({21, 1, 1}), "ln is not from 10 to 20");
  EXPECT_EQ(WrongCost({10, 32, 1}), "");
  EXPECT_EQ(WrongCost({10, 33, 1}), "r is not from 1 to 32");
  EXPECT_EQ(WrongCost({10, 0, 1}), "r is not from 1 to 32");
  EXPECT_EQ(WrongCost({10, 1, 16}), "");
  EXPECT_EQ(WrongCost({10, 1, 17}), "p is not from 1 to 16");
  EXPECT_EQ(WrongCost({17, 8, 8}), "");
  EXPECT_EQ(WrongCost({17, 9, 1}), "ln and r take more than 128 MiB");
  EXPECT_EQ(WrongCost({17, 8, 9}), "ln, r and p together cost too much");
  EXPECT_FALSE(HashPassword("a", {9, 1, 1}).has_value());
}

TEST(PasswordHash, DearestInMemoryStillRuns) {
  const auto text = HashPassword("a", {17, 8, 1});
  ASSERT_TRUE(text.has_value());
  std::string why;
  EXPECT_TRUE(VerifyPassword("a", *Parse(*text, &why)));
}

TEST(PasswordHash, WhatIsNoHash) {
  const std::string salt(11, 'A');  // 8 bytes
  const std::string hash(22, 'A');  // 16 bytes
  std::string why;
  EXPECT_TRUE(Parse("$scrypt$ln=10,r=1,p=1$" + salt + "$" + hash, &why).has_value()) << why;
  for (const std::string& text : std::vector<std::string>{
           "", "secret", "$argon2id$v=19$m=65536,t=3,p=4$AAAA$AAAA",
           "$scrypt$ln=10,r=1,p=1$" + salt, "$scrypt$ln=10,r=1$" + salt + "$" + hash,
           "$scrypt$r=1,ln=10,p=1$" + salt + "$" + hash,
           "$scrypt$ln=10,r=1,p=1,x=1$" + salt + "$" + hash,
           "$scrypt$ln=99999999999,r=1,p=1$" + salt + "$" + hash,
           "$scrypt$ln=-10,r=1,p=1$" + salt + "$" + hash,
           "$scrypt$ln=10,r=1,p=1$" + salt + "$" + hash + "$",
           "$scrypt$ln=10,r=1,p=1$" + salt + "=$" + hash,         // padding
           "$scrypt$ln=10,r=1,p=1$" + salt + "$" + hash + "AAA",  // a letter too many
           "$scrypt$ln=10,r=1,p=1$AAAAAAAAAAB$" + hash,           // bits behind the last byte
           "$scrypt$ln=10,r=1,p=1$AAAAAAAAAA$" + hash,            // 7 bytes of salt
           "$scrypt$ln=10,r=1,p=1$" + std::string(87, 'A') + "$" + hash,  // 65 bytes of salt
           "$scrypt$ln=10,r=1,p=1$" + salt + "$" + std::string(20, 'A'),  // 15 bytes of hash
           "$scrypt$ln=10,r=1,p=1$" + salt + "$" + std::string(87, 'A'),  // 65 bytes of hash
       }) {
    EXPECT_FALSE(Parse(text, &why).has_value()) << text;
    EXPECT_FALSE(why.empty());
  }
}

}  // namespace
}  // namespace fluxgate::modules
