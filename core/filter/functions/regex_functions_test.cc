#include <gtest/gtest.h>

#include <string>

#include "core/base/regex.h"
#include "core/filter/functions/function_testing.h"

namespace fluxgate {
namespace {

TEST(RegexFunctionsTest, MatchIsAnywhereUnlessAnchored) {
  EXPECT_EQ(Call("REGEXP_MATCH", {"the order", "ord"}), "true");
  EXPECT_EQ(Call("REGEXP_MATCH", {"the order", "^ord"}), "false");
  EXPECT_EQ(Call("REGEXP_MATCH", {"ORDER", "(?i)ord"}), "true");
  EXPECT_EQ(Call("REGEXP_MATCH", {1234, "^\\d+$"}), "true");
  EXPECT_EQ(Call("REGEXP_MATCH", {"foobar", "foo(?=bar)"}), "true");
}

TEST(RegexFunctionsTest, WhatCannotBeMatchedIsNull) {
  EXPECT_EQ(Call("REGEXP_MATCH", {nullptr, "a"}), "NULL");
  EXPECT_EQ(Call("REGEXP_MATCH", {"a", nullptr}), "NULL");
  EXPECT_EQ(Call("REGEXP_MATCH", {"a", "("}), "NULL");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"a", "(", "x"}), "NULL");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"a", nullptr, "x"}), "NULL");
  EXPECT_EQ(Call("REGEXP_REPLACE", {nullptr, "a", "x"}), "NULL");
}

TEST(RegexFunctionsTest, ReplacesEveryMatch) {
  EXPECT_EQ(Call("REGEXP_REPLACE", {"a1b22c", "[0-9]+", "#"}), "'a#b#c'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"abc", "x", "y"}), "'abc'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"abc", "^.*$", "y"}), "'y'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"a1b2", "[0-9]", ""}), "'ab'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"12", "[0-9]", nullptr}), "NULL");
  EXPECT_EQ(Call("REGEXP_REPLACE", {1001, 0, 2}), "'1221'");
}

TEST(RegexFunctionsTest, ReplacementRefersToGroups) {
  EXPECT_EQ(Call("REGEXP_REPLACE", {"john smith", "(\\w+) (\\w+)", "\\2 \\1"}), "'smith john'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"john smith", "(\\w+) (\\w+)", "$2 $1"}), "'smith john'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"ab", "[ab]", "<$0\\0>"}), "'<aa><bb>'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"aab", "(a)\\1", "[$1]"}), "'[a]b'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"abc", "(b)|(x)", "[$2]"}), "'a[]c'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"abc", "b", "[$1]"}), "'a[]c'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"abc", "(?=b)b", "[$1]"}), "'a[]c'");
}

TEST(RegexFunctionsTest, ReplacementEscapes) {
  EXPECT_EQ(Call("REGEXP_REPLACE", {"abc", "b", "\\\\1"}), "'a\\1c'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"abc", "b", "$$1"}), "'a$1c'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"abc", "b", "$x\\n$"}), "'a$x\\n$c'");
  EXPECT_EQ(Call("REGEXP_REPLACE", {"abc", "b", "\\"}), "'a\\c'");
}

TEST(RegexFunctionsTest, ReplaceResultIsAsLongAsAnEvaluationMayMakeIt) {
  const std::string text(8, 'a');
  const std::string part(EvaluationText::kBytesMax / 8, 'b');
  EXPECT_EQ(Call("REGEXP_REPLACE", {text, "a", part}).size(), EvaluationText::kBytesMax + 2);
  EXPECT_EQ(Call("REGEXP_REPLACE", {text + "x", "a", part}), "NULL");
}

TEST(RegexFunctionsTest, ExponentialPatternIsGivenUp) {
  const std::string text = std::string(40, 'a') + "b";
  EXPECT_EQ(Call("REGEXP_MATCH", {text, "(?=a)(a+)+$"}), "NULL");
  EXPECT_EQ(Call("REGEXP_REPLACE", {text, "(?=a)(a+)+$", "x"}), "NULL");
}

TEST(RegexFunctionsTest, PatternLength) {
  const std::string text(RegexLimits().pattern_bytes_max, 'a');
  EXPECT_EQ(Call("REGEXP_MATCH", {text, text}), "true");
  EXPECT_EQ(Call("REGEXP_MATCH", {text + "a", text + "a"}), "NULL");
}

}  // namespace
}  // namespace fluxgate
