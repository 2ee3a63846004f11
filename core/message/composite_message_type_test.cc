#include "core/message/composite_message_type.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/message/binary_message_type.h"
#include "core/message/extract_testing.h"
#include "core/message/msgpack_message_type.h"

namespace fluxgate {
namespace {

// Each with its length in front.
std::string Parts(const std::vector<std::string>& parts, std::string_view tail = "") {
  std::string body;
  for (const std::string& part : parts) {
    body += std::string(3, '\0') + static_cast<char>(part.size()) + part;
  }
  return body.append(tail);
}

// {"a": n}
std::string A(char n) { return Bytes("81 a1 61") + n; }

class CompositeMessageTypeTest : public ::testing::Test {
 protected:
  const MsgpackMessageType msgpack_{};
  const BinaryMessageType binary_{};
  const CompositeLocalMessageType local_{"local", {&msgpack_, &msgpack_, &binary_}};
  const CompositeGlobalMessageType global_{"global", {&msgpack_, &msgpack_, &binary_}};
  const std::string body_ = Parts({A(1), A(2), "raw"});
};

TEST_F(CompositeMessageTypeTest, LocalPathsNameThePart) {
  EXPECT_EQ(ExtractText(local_, body_, {"/0/a", "/1/a", "/2/a", "/3/a", "/a", "/0", "/00/a"}),
            "1 2 NULL NULL NULL NULL NULL");
}

TEST_F(CompositeMessageTypeTest, GlobalPathsAreLookedForInEveryPart) {
  EXPECT_EQ(ExtractText(global_, body_, {"/a", "/0/a"}), "[1, 2] NULL");
  EXPECT_EQ(ExtractText(global_, Parts({A(1), Bytes("81 a1 62 05"), ""}), {"/a", "/b"}), "1 5");
  const std::string array = Bytes("81 a1 61 92 07 08");
  EXPECT_EQ(ExtractText(global_, Parts({A(1), array, ""}), {"/a", "/a[1]", "/a[0]"}),
            "[1, 7, 8] 8 [1, 7]");
}

TEST_F(CompositeMessageTypeTest, APartOfLengthZeroIsNotThere) {
  EXPECT_EQ(ExtractText(local_, Parts({"", A(2), ""}), {"/0/a", "/1/a"}), "NULL 2");
  EXPECT_EQ(ExtractText(global_, Parts({"", A(2), ""}), {"/a"}), "2");
}

TEST_F(CompositeMessageTypeTest, PartsThatAreCutShortAreMalformed) {
  for (const MessageType* type : std::vector<const MessageType*>{&local_, &global_}) {
    for (size_t size = 0; size < body_.size(); ++size) {
      const std::string cut = body_.substr(0, size);
      EXPECT_EQ(ExtractText(*type, cut, {"/0/a", "/a"}), "malformed") << size;
      EXPECT_NE(ParseError(*type, cut), "") << size;
    }
    const std::string long_part = Bytes("ff ff ff ff") + A(1);
    EXPECT_EQ(ExtractText(*type, long_part, {"/0/a", "/a"}), "malformed");
    EXPECT_EQ(ParseError(*type, long_part), "part 0 is cut short at 0");
  }
}

TEST_F(CompositeMessageTypeTest, PartsThatNoFieldIsWantedFromAreNotLookedInto) {
  const std::string body = Parts({A(1), "no map", ""});
  EXPECT_EQ(ExtractText(local_, body, {"/0/a"}), "1");
  EXPECT_EQ(ExtractText(local_, body, {"/0/a", "/1/a"}), "malformed");
  EXPECT_EQ(ExtractText(global_, body, {"/a"}), "malformed");
  EXPECT_EQ(ParseError(local_, body), "part 1: a MessagePack body is a map at -1");
}

TEST_F(CompositeMessageTypeTest, WhatIsBehindTheLastPartIsCarriedAlong) {
  const std::string body = Parts({A(1), "", "raw"}, "tail");
  EXPECT_EQ(ExtractText(local_, body, {"/0/a"}), "1");
  EXPECT_EQ(Rewritten(local_, body), body);
}

TEST_F(CompositeMessageTypeTest, LocalDeltasGoPartByPart) {
  const std::string before = Parts({Bytes("82 a1 61 01 a1 62 cc 02"), A(3), "raw"}, "tail");
  const std::string delta = Parts({A(5), "", "new"});
  const std::string after = Parts({Bytes("82 a1 61 05 a1 62 cc 02"), A(3), "new"}, "tail");
  std::string merged;
  ASSERT_TRUE(local_.Merge(before, delta, merged).ok());
  EXPECT_EQ(merged, after);
  std::string difference;
  bool changed = false;
  ASSERT_TRUE(local_.Diff(before, after, {}, difference, changed).ok());
  EXPECT_TRUE(changed);
  EXPECT_EQ(difference, delta);
}

TEST_F(CompositeMessageTypeTest, LocalBodiesAreBuiltFromPaths) {
  EXPECT_EQ(SerializeText(local_, {{"/1/a", Value::Int(2)}, {"/0/a", Value::Int(1)}}),
            Parts({A(1), A(2), ""}));
  EXPECT_EQ(SerializeText(local_, {{"/3/a", Value::Int(2)}}), "local has no part 3");
  EXPECT_EQ(SerializeText(local_, {{"/2/a", Value::Int(2)}}),
            "part 2: a binary body has no fields");
}

TEST_F(CompositeMessageTypeTest, GlobalBodiesCannotBeWritten) {
  EXPECT_EQ(global_.level(), MessageType::Level::kFilter);
  EXPECT_EQ(ParseError(global_, body_), "");
  EXPECT_EQ(Rewritten(global_, body_),
            "bodies of global cannot be written: which part a field belongs to is not known");
}

TEST_F(CompositeMessageTypeTest, ElementsLimitOfAllPartsTogether) {
  const CompositeGlobalMessageType type("global", {&msgpack_, &msgpack_, &binary_},
                                        {.elements_max = 3});
  const auto with = [](const char* first, const char* second) {
    return Parts({Bytes(first), Bytes(second), ""});
  };
  EXPECT_EQ(ExtractText(type, with("81 a1 61 92 01 02", "81 a1 61 03"), {"/a"}), "[1, 2, 3]");
  EXPECT_EQ(ExtractText(type, with("81 a1 61 92 01 02", "81 a1 61 92 03 04"), {"/a"}), "malformed");
}

TEST_F(CompositeMessageTypeTest, LimitsOfLocalPartsHoldForAllTogether) {
  const CompositeLocalMessageType type("local", {&msgpack_, &msgpack_, &binary_},
                                       {.fields_max = 5, .elements_max = 4});
  const auto with = [](const char* first, const char* second) {
    return Parts({Bytes(first), Bytes(second), ""});
  };
  const std::string four = with("81 a1 61 92 01 02", "81 a1 61 92 03 04");
  EXPECT_EQ(ExtractText(type, four, {"/0/a", "/1/a"}), "[1, 2] [3, 4]");
  const std::string five = with("81 a1 61 92 01 02", "81 a1 61 93 03 04 05");
  EXPECT_EQ(ExtractText(type, five, {"/0/a", "/1/a"}), "malformed");
  EXPECT_EQ(ExtractText(type, five, {"/0/a"}), "[1, 2]");

  const std::string fits = with("81 a1 61 92 01 02", "82 a1 61 01 a1 62 02");
  EXPECT_EQ(ParseError(type, fits), "");
  EXPECT_EQ(ParseError(type, four), "part 1: more fields in all parts than allowed at -1");
  std::string merged = "x";
  EXPECT_FALSE(type.Merge(fits, with("81 a1 63 01", "80"), merged).ok());
  EXPECT_EQ(merged, "x");
  EXPECT_TRUE(type.Merge(with("81 a1 61 01", "80"),
                         with("81 a1 62 01", "83 a1 61 01 a1 62 02 a1 63 03"), merged)
                  .ok());
}

TEST_F(CompositeMessageTypeTest, PartsHaveNoValueOfTheirOwn) {
  EXPECT_EQ(SerializeText(local_, {{"/0", Value::Int(1)}}),
            "part 0 has fields and no value of its own");
  EXPECT_EQ(SerializeText(local_, {{"/0", Value::Int(1)}, {"/0/a", Value::Int(1)}}),
            "part 0: a map with a value of its own cannot be written to a MessagePack body");
}

TEST(BinaryMessageTypeTest, HasNoFieldsAndNoMalformedBodies) {
  const BinaryMessageType binary;
  EXPECT_EQ(binary.level(), MessageType::Level::kRoute);
  EXPECT_EQ(ExtractText(binary, "\xff", {"/a"}), "NULL");
  EXPECT_EQ(Rewritten(binary, "any\xff"), "any\xff");
  EXPECT_EQ(SerializeText(binary, {{"/a", Value::Int(1)}}), "a binary body has no fields");
}

}  // namespace
}  // namespace fluxgate
