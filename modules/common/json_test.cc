#include "modules/common/json.h"

#include <gtest/gtest.h>

namespace fluxgate::modules {
namespace {

TEST(Json, ObjectsOnly) {
  EXPECT_TRUE(ParseJsonObject("{}").ok());
  EXPECT_EQ(FailureText(ParseJsonObject("[]").status()), "not a JSON object");
  EXPECT_FALSE(ParseJsonObject("").ok());
  EXPECT_FALSE(ParseJsonObject("{} x").ok());
  EXPECT_FALSE(ParseJsonObject(R"({"a":1,"a":2})").ok());
  EXPECT_FALSE(ParseJsonObject(R"({"a":"\u0000"})").ok());
  EXPECT_FALSE(ParseJsonObject("{\"a\":\"\xff\"}").ok());
  EXPECT_FALSE(ParseJsonObject(std::string(100'000, '[')).ok());
}

TEST(Json, ErrorsNameTheLineAndNothingElse) {
  EXPECT_EQ(FailureText(ParseJsonObject("{\n\"secret\": secret\n}").status()),
            "not JSON (line 2, column 16)");
}

TEST(Json, Members) {
  const auto object = ParseJsonObject(R"({"a":"x","b":1})");
  EXPECT_EQ(JsonText(object->get(), "a"), "x");
  EXPECT_EQ(JsonText(object->get(), "b"), std::nullopt);
  EXPECT_EQ(JsonText(object->get(), "c"), std::nullopt);
}

TEST(Json, WritesWhatItReads) {
  const std::string text = JsonObjectOf({{"user", "a\"b"}, {"password", "\\"}});
  const auto object = ParseJsonObject(text);
  ASSERT_TRUE(object.ok()) << text;
  EXPECT_EQ(JsonText(object->get(), "user"), "a\"b");
  EXPECT_EQ(JsonText(object->get(), "password"), "\\");
}

}  // namespace
}  // namespace fluxgate::modules
