#include "gateway/config/env_substitution.h"

#include <cstdlib>

#include "core/base/error.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

std::optional<std::string> TestEnvironment(std::string_view name) {
  if (name == "HOST") return "gate.example";
  if (name == "_1") return "one";
  if (name == "EMPTY") return "";
  if (name == "REFERENCE") return "${HOST}";
  if (name == "LONG") return std::string(kExpandedBytesMax, 'x');
  return std::nullopt;
}

std::string Substituted(std::string_view text) {
  const absl::StatusOr<std::string> out = Substitute(text, TestEnvironment);
  return out.ok() ? *out : "error: " + ErrorText(out.status());
}

TEST(EnvSubstitutionTest, VariablesAreReplaced) {
  EXPECT_EQ(Substituted(""), "");
  EXPECT_EQ(Substituted("plain"), "plain");
  EXPECT_EQ(Substituted("${HOST}"), "gate.example");
  EXPECT_EQ(Substituted("a${HOST}:${_1}b"), "agate.example:oneb");
  EXPECT_EQ(Substituted("x${EMPTY}y"), "xy");
}

TEST(EnvSubstitutionTest, DefaultsStandInForUnsetAndEmpty) {
  EXPECT_EQ(Substituted("${HOST:-other}"), "gate.example");
  EXPECT_EQ(Substituted("${NO:-other}"), "other");
  EXPECT_EQ(Substituted("${EMPTY:-other}"), "other");
  EXPECT_EQ(Substituted("${NO:-}"), "");
  EXPECT_EQ(Substituted("${NO:-/tmp/a:-b}"), "/tmp/a:-b");
}

TEST(EnvSubstitutionTest, WhatWasPutInIsNotLookedAtAgain) {
  EXPECT_EQ(Substituted("${REFERENCE}"), "${HOST}");
  EXPECT_EQ(Substituted("${NO:-$}{HOST}"), "${HOST}");
}

TEST(EnvSubstitutionTest, DollarsThatAreNoReference) {
  EXPECT_EQ(Substituted("$"), "$");
  EXPECT_EQ(Substituted("$HOST $$ {HOST} a$"), "$HOST $$ {HOST} a$");
  EXPECT_EQ(Substituted("$${HOST}"), "${HOST}");
  EXPECT_EQ(Substituted("$$${HOST}"), "$${HOST}");
  EXPECT_EQ(Substituted("$${${HOST}"), "${gate.example");
}

TEST(EnvSubstitutionTest, AnUnsetVariableIsNamed) {
  EXPECT_EQ(Substituted("a ${NO} b"), "error: environment variable 'NO' is not set");
  EXPECT_EQ(ErrorCodeOf(Substitute("${NO}", TestEnvironment).status()), ErrorCode::kBadOption);
}

TEST(EnvSubstitutionTest, MalformedReferences) {
  EXPECT_EQ(Substituted("${HOST"), "error: has ${ without }; write $${ for ${ itself");
  EXPECT_EQ(Substituted("${}"), "error: '' is not the name of an environment variable");
  EXPECT_EQ(Substituted("${1A}"), "error: '1A' is not the name of an environment variable");
  EXPECT_EQ(Substituted("${A B}"), "error: 'A B' is not the name of an environment variable");
  EXPECT_EQ(Substituted("${HOST-x}"), "error: 'HOST-x' is not the name of an environment variable");
  EXPECT_EQ(Substituted("${:-x}"), "error: '' is not the name of an environment variable");
}

TEST(EnvSubstitutionTest, LengthLimit) {
  EXPECT_EQ(Substituted("${LONG}").size(), kExpandedBytesMax);
  EXPECT_EQ(Substituted("${LONG}${EMPTY}").size(), kExpandedBytesMax);
  const std::string too_long = "error: is longer than 4096 bytes after substitution";
  EXPECT_EQ(Substituted("${LONG}y"), too_long);
  EXPECT_EQ(Substituted("y${LONG}"), too_long);
  EXPECT_EQ(Substituted("${LONG}${LONG}${LONG}${NO}"), too_long);
}

TEST(EnvSubstitutionTest, EscapedTextComesBack) {
  for (std::string_view text :
       {"", "plain", "$", "${", "$${", "$$${", "${HOST}", "${${", "a${b}$"}) {
    EXPECT_EQ(Substituted(EscapeSubstitution(text)), text);
  }
}

TEST(EnvSubstitutionTest, TheProcessEnvironment) {
  ASSERT_EQ(setenv("FLUXGATE_SUBSTITUTION_TEST", "here", 1), 0);
  EXPECT_EQ(ProcessEnvironment("FLUXGATE_SUBSTITUTION_TEST"), "here");
  ASSERT_EQ(unsetenv("FLUXGATE_SUBSTITUTION_TEST"), 0);
  EXPECT_EQ(ProcessEnvironment("FLUXGATE_SUBSTITUTION_TEST"), std::nullopt);
}

}  // namespace
}  // namespace fluxgate::config
