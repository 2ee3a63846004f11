#include "core/base/literal_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace fluxgate {
namespace {

std::string Literal(std::string_view pattern) {
  const auto literal = FindLiteral(pattern);
  if (!literal.has_value()) return "none";
  return std::string(literal->at_begin ? "begin " : "") + std::string(literal->text) +
         (literal->at_end ? " end" : "");
}

TEST(LiteralPatternTest, TextAndAnchors) {
  EXPECT_EQ(Literal("abc"), "abc");
  EXPECT_EQ(Literal("^abc"), "begin abc");
  EXPECT_EQ(Literal("abc$"), "abc end");
  EXPECT_EQ(Literal("^a-b c$"), "begin a-b c end");
  EXPECT_EQ(Literal("^$"), "begin  end");
}

TEST(LiteralPatternTest, WhatMeansMoreIsNone) {
  for (const char* pattern : {"a.c", "a|b", "a*", "a+", "a?", "a{2}", "[a]", "(a)", "\\d", "a^b",
                              "a$b", "(?i)a", "\xc3\xa9", "a\nb", "\x7f"}) {
    EXPECT_EQ(Literal(pattern), "none") << pattern;
  }
}

TEST(LiteralPatternTest, Matches) {
  const auto matches = [](std::string_view pattern, std::string_view subject) {
    return FindLiteral(pattern)->Matches(subject);
  };
  EXPECT_TRUE(matches("bc", "abcd"));
  EXPECT_FALSE(matches("^bc", "abcd"));
  EXPECT_TRUE(matches("^ab", "abcd"));
  EXPECT_TRUE(matches("cd$", "abcd"));
  EXPECT_FALSE(matches("bc$", "abcd"));
  EXPECT_TRUE(matches("^abcd$", "abcd"));
  EXPECT_FALSE(matches("^abc$", "abcd"));
  EXPECT_TRUE(matches("^$", ""));
  EXPECT_FALSE(matches("^$", "a"));
}

TEST(LiteralPatternTest, PrefixOfAnAnchoredPattern) {
  EXPECT_EQ(FindPrefix("^abc"), "abc");
  EXPECT_EQ(FindPrefix("^abc$"), "abc");
  EXPECT_EQ(FindPrefix("^abc[0-9]"), "abc");
  EXPECT_EQ(FindPrefix("^abc+"), "abc");
  EXPECT_EQ(FindPrefix("^abc*"), "ab");
  EXPECT_EQ(FindPrefix("^abc?d"), "ab");
  EXPECT_EQ(FindPrefix("^abc{0}"), "ab");
  EXPECT_EQ(FindPrefix("^*"), "");
  EXPECT_EQ(FindPrefix("^ab|cd"), "");
  EXPECT_EQ(FindPrefix("abc"), "");
  EXPECT_EQ(FindPrefix("(?i)^abc"), "");
  EXPECT_EQ(FindPrefix("^ab\\.c"), "ab");
}

}  // namespace
}  // namespace fluxgate
