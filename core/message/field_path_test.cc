#include "core/message/field_path.h"

#include <gtest/gtest.h>

namespace fluxgate {
namespace {

std::string Text(std::vector<FieldStep> steps) { return FieldPath{std::move(steps)}.ToString(); }

TEST(FieldPathTest, NamesAndSubscripts) {
  EXPECT_EQ(Text({"a"}), "/a");
  EXPECT_EQ(Text({"order", "client_2", "55"}), "/order/client_2/55");
  EXPECT_EQ(Text({{"a", 0}}), "/a[0]");
  EXPECT_EQ(Text({{"a", 1}, "b"}), "/a[1]/b");
  EXPECT_EQ(Text({{"a", 1}, {"", 0}, "b"}), "/a[1][0]/b");
  EXPECT_EQ(Text({"a", "@id"}), "/a/@id");
}

TEST(FieldPathTest, OtherNamesAreInBrackets) {
  EXPECT_EQ(Text({"Any name"}), "[/Any name]");
  EXPECT_EQ(Text({"a", "b c"}), "[/a/b c]");
  EXPECT_EQ(Text({"a/b"}), R"([/a\/b])");
  EXPECT_EQ(Text({"a[0]"}), R"([/a\[0\]])");
  EXPECT_EQ(Text({"back\\slash"}), R"([/back\\slash])");
  EXPECT_EQ(Text({{"x y", 2}}), "[/x y[2]]");
}

TEST(FieldPathTest, DifferentPathsAreSpelledDifferently) {
  EXPECT_NE(Text({"a", "b"}), Text({"a/b"}));
  EXPECT_NE(Text({{"a", 0}}), Text({"a[0]"}));
  EXPECT_NE(Text({"@a"}), Text({"@", "a"}));
}

TEST(FieldPathTest, EnvelopeFields) {
  EXPECT_EQ(FieldPath{.envelope = EnvelopeField::kMessageSize}.ToString(), "MESSAGE_SIZE()");
  EXPECT_EQ(FieldPath{.envelope = EnvelopeField::kNow}.ToString(), "UNIX_TIMESTAMP()");
  EXPECT_EQ(EnvelopeFieldName(EnvelopeField::kNone), "");
  for (int i = 1; i <= static_cast<int>(EnvelopeField::kNow); ++i) {
    EXPECT_NE(EnvelopeFieldName(static_cast<EnvelopeField>(i)), "") << i;
  }
}

TEST(FieldPathTest, Equality) {
  EXPECT_EQ((FieldPath{{"a", {"b", 1}}}), (FieldPath{{"a", {"b", 1}}}));
  EXPECT_NE((FieldPath{{"a", {"b", 1}}}), (FieldPath{{"a", {"b", 2}}}));
  EXPECT_NE((FieldPath{{"a"}}), (FieldPath{{"a"}, EnvelopeField::kNow}));
}

}  // namespace
}  // namespace fluxgate
