#include "core/message/msgpack_message_type.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/message/extract_testing.h"

namespace fluxgate {
namespace {

// {"a": value}
std::string Map(std::string_view value) { return Bytes("81 a1 61") + std::string(value); }
std::string One(std::string_view hex) {
  return ExtractText(MsgpackMessageType(), Map(Bytes(hex)), {"/a"});
}

TEST(MsgpackMessageTypeTest, ReadsEveryFormat) {
  EXPECT_EQ(One("00"), "0");
  EXPECT_EQ(One("7f"), "127");
  EXPECT_EQ(One("e0"), "-32");
  EXPECT_EQ(One("ff"), "-1");
  EXPECT_EQ(One("c0"), "NULL");
  EXPECT_EQ(One("c2"), "false");
  EXPECT_EQ(One("c3"), "true");
  EXPECT_EQ(One("ca 3f c0 00 00"), "1.5d");
  EXPECT_EQ(One("cb 3f f8 00 00 00 00 00 00"), "1.5d");
  EXPECT_EQ(One("cc ff"), "255");
  EXPECT_EQ(One("cd ff ff"), "65535");
  EXPECT_EQ(One("ce ff ff ff ff"), "4294967295");
  EXPECT_EQ(One("cf 7f ff ff ff ff ff ff ff"), "9223372036854775807");
  EXPECT_EQ(One("cf ff ff ff ff ff ff ff ff"), "18446744073709551615u");
  EXPECT_EQ(One("d0 80"), "-128");
  EXPECT_EQ(One("d1 80 00"), "-32768");
  EXPECT_EQ(One("d2 80 00 00 00"), "-2147483648");
  EXPECT_EQ(One("d3 80 00 00 00 00 00 00 00"), "-9223372036854775808");
  EXPECT_EQ(One("a2 68 69"), "'hi'");
  EXPECT_EQ(One("d9 02 68 69"), "'hi'");
  EXPECT_EQ(One("da 00 02 68 69"), "'hi'");
  EXPECT_EQ(One("db 00 00 00 02 68 69"), "'hi'");
  EXPECT_EQ(One("a0"), "NULL");
  EXPECT_EQ(One("c4 02 68 69"), "'hi'");
  EXPECT_EQ(One("c5 00 02 68 69"), "'hi'");
  EXPECT_EQ(One("c6 00 00 00 02 68 69"), "'hi'");
  EXPECT_EQ(One("c7 02 05 68 69"), "'hi'");
  EXPECT_EQ(One("c8 00 02 05 68 69"), "'hi'");
  EXPECT_EQ(One("c9 00 00 00 02 05 68 69"), "'hi'");
  EXPECT_EQ(One("d4 05 68"), "'h'");
  EXPECT_EQ(One("d5 05 68 69"), "'hi'");
  EXPECT_EQ(One("d6 05 68 69 68 69"), "'hihi'");
  EXPECT_EQ(One("92 01 02"), "[1, 2]");
  EXPECT_EQ(One("dc 00 02 01 02"), "[1, 2]");
  EXPECT_EQ(One("dd 00 00 00 02 01 02"), "[1, 2]");
  EXPECT_EQ(One("80"), "NULL");
  EXPECT_EQ(ExtractText(MsgpackMessageType(), Bytes("de 00 01 a1 61 05"), {"/a"}), "5");
  EXPECT_EQ(ExtractText(MsgpackMessageType(), Bytes("df 00 00 00 01 a1 61 05"), {"/a"}), "5");
}

TEST(MsgpackMessageTypeTest, TimestampsAreSeconds) {
  EXPECT_EQ(One("d6 ff 00 00 00 0a"), "10d");
  EXPECT_EQ(One("d7 ff 77 35 94 00 00 00 00 0a"), "10.5d");
  EXPECT_EQ(One("c7 0c ff 1d cd 65 00 ff ff ff ff ff ff ff f6"), "-9.5d");
  EXPECT_EQ(One("d4 ff 00"), "malformed");
}

TEST(MsgpackMessageTypeTest, TextMayBeAnyBytes) { EXPECT_EQ(One("a2 ff fe"), "'\xff\xfe'"); }

TEST(MsgpackMessageTypeTest, Malformed) {
  const MsgpackMessageType type;
  for (const char* hex : {"", "c1", "cc", "cd 00", "cb 00", "a2 68", "d9", "d9 05 68", "c4 02 68",
                          "c7 02 05 68", "d8 05", "92 01", "dc 00", "dd ff ff ff ff 01 01 01 01",
                          "df ff ff ff ff 01 01", "81 a1 62", "01 01"}) {
    EXPECT_EQ(One(hex), std::string_view(hex) == "01 01" ? "1" : "malformed") << hex;
    EXPECT_NE(ParseError(type, Map(Bytes(hex))), "") << hex;
  }
  // Not a map.
  for (const char* hex : {"", "01", "90", "c0", "91 81 a1 61 01"}) {
    EXPECT_EQ(ExtractText(type, Bytes(hex), {"/a"}), "malformed") << hex;
    EXPECT_EQ(ParseError(type, Bytes(hex)), "a MessagePack body is a map at 0") << hex;
  }
  EXPECT_EQ(ParseError(type, Map(Bytes("01 01"))), "more behind the map at 4");
  EXPECT_EQ(ParseError(type, Map(Bytes("c1"))),
            "value that is cut short or of no known format at 3");
}

// {"a": 1, 7: {"x": [[2]]}, [1, {2: 3}]: 4, "o": {"c": [1, {"d": 2}, [3, 4], "y"]}, "a": 9}
std::string Nested() {
  return Bytes(
      "85 a1 61 01  07 81 a1 78 91 91 02  92 01 81 02 03 04"
      "a1 6f 81 a1 63 94 01 81 a1 64 02 92 03 04 a1 79  a1 61 09");
}

TEST(MsgpackMessageTypeTest, PathsIntoMapsAndArrays) {
  const MsgpackMessageType type;
  EXPECT_EQ(ExtractText(type, Nested(), {"/o/c", "/o/c/d", "/o", "/x", "/7/x"}),
            "[1, NULL, 3, 4, 'y'] 2 NULL NULL NULL");
  EXPECT_EQ(ExtractText(type, Nested(), {"/o/c[0]", "/o/c[1]/d", "/o/c[2]", "/o/c[2][1]"}),
            "1 2 [3, 4] 4");
  EXPECT_EQ(ExtractText(type, Nested(), {"/o/c[3]", "/o/c[4]", "/a[0]", "/a[1]", "/o[0]/c[0]"}),
            "'y' NULL 1 NULL 1");
}

TEST(MsgpackMessageTypeTest, WhatIsNoArrayIsItsOwnElementZero) {
  const MsgpackMessageType type;
  // {"a": 5, "o": {"b": 7}, "l": [5, 6], "n": [[5], {"b": 7}]}
  const std::string body =
      Bytes("84 a1 61 05  a1 6f 81 a1 62 07  a1 6c 92 05 06  a1 6e 92 91 05 81 a1 62 07");
  EXPECT_EQ(ExtractText(type, body, {"/a[0]", "/a[1]", "/a[0][0][0]", "/a[0][1]", "/a[1][0]"}),
            "5 NULL 5 NULL NULL");
  EXPECT_EQ(ExtractText(type, body, {"/o[0]/b", "/o[1]/b", "/o[0][0]/b", "/o[0][1]/b"}),
            "7 NULL 7 NULL");
  EXPECT_EQ(ExtractText(type, body, {"/l[1][0]", "/l[1][1]", "/l[0][0][0]", "/l"}),
            "6 NULL 5 [5, 6]");
  EXPECT_EQ(ExtractText(type, body, {"/n[0][0][0]", "/n[1][0]/b", "/n[1][0][0]/b", "/n[1][1]/b"}),
            "5 7 7 NULL");
}

TEST(MsgpackMessageTypeTest, MapsInArraysKeepTheirPlaceAsNull) {
  const MsgpackMessageType type;
  EXPECT_EQ(ExtractText(type, Map(Bytes("93 80 02 81 a1 62 03")), {"/a", "/a[0]", "/a[1]", "/a/b"}),
            "[NULL, 2, NULL] NULL 2 3");
  EXPECT_EQ(ExtractText(type, Map(Bytes("92 81 a1 6f 80 81 a1 6f 80")), {"/a/o", "/a/o/x"}),
            "[NULL, NULL] NULL");
}

TEST(MsgpackMessageTypeTest, OfKeysWithOneNameTheFirstCounts) {
  EXPECT_EQ(ExtractText(MsgpackMessageType(), Nested(), {"/a"}), "1");
}

TEST(MsgpackMessageTypeTest, UntouchedValuesAreWrittenByteForByte) {
  const MsgpackMessageType type;
  EXPECT_EQ(Rewritten(type, Nested()), Nested());
  // Not in their shortest form, of every kind; and a key that begins with an impossible byte.
  const std::string body = Bytes(
      "86 a1 61 d3 00 00 00 00 00 00 00 01  a1 62 ca 3f c0 00 00  a1 63 da 00 01 78"
      "a1 64 c7 02 05 68 69  a1 65 c0  a2 c1 00 01");
  EXPECT_EQ(Rewritten(type, body), body);
}

TEST(MsgpackMessageTypeTest, NewValuesInTheirShortestForm) {
  const MsgpackMessageType type;
  const auto written = [&](const Value& value) {
    const std::string body = SerializeText(type, {{"/a", value}});
    return body.starts_with(Map("")) ? body.substr(3) : body;
  };
  EXPECT_EQ(written(Value::Int(127)), Bytes("7f"));
  EXPECT_EQ(written(Value::Int(128)), Bytes("cc 80"));
  EXPECT_EQ(written(Value::Int(256)), Bytes("cd 01 00"));
  EXPECT_EQ(written(Value::Int(65536)), Bytes("ce 00 01 00 00"));
  EXPECT_EQ(written(Value::Uint(UINT64_MAX)), Bytes("cf ff ff ff ff ff ff ff ff"));
  EXPECT_EQ(written(Value::Int(-32)), Bytes("e0"));
  EXPECT_EQ(written(Value::Int(-33)), Bytes("d0 df"));
  EXPECT_EQ(written(Value::Int(-129)), Bytes("d1 ff 7f"));
  EXPECT_EQ(written(Value::Int(-32769)), Bytes("d2 ff ff 7f ff"));
  EXPECT_EQ(written(Value::Int(-2147483649)), Bytes("d3 ff ff ff ff 7f ff ff ff"));
  EXPECT_EQ(written(Value::Double(1.5)), Bytes("cb 3f f8 00 00 00 00 00 00"));
  EXPECT_EQ(written(Value::String("hi")), Bytes("a2 68 69"));
  EXPECT_EQ(written(Value::String("\xff")), Bytes("c4 01 ff"));
  EXPECT_EQ(written(Value::Null()), Bytes("c0"));
  EXPECT_EQ(written(Value::Bool(true)), Bytes("c3"));
}

TEST(MsgpackMessageTypeTest, ANameThatLooksLikeASpelledKeyIsText) {
  EXPECT_EQ(SerializeText(MsgpackMessageType(), {{"/\xc1\x93", Value::Int(1)}}),
            Bytes("81 a2 c1 93 01"));
}

TEST(MsgpackMessageTypeTest, DeltasGoKeyByKey) {
  const MsgpackMessageType type;
  const std::string before = Bytes("83 a1 61 cc 01 a1 6f 82 a1 78 01 a1 79 02 07 05");
  const std::string after = Bytes("83 a1 61 cc 01 a1 6f 82 a1 78 01 a1 79 03 07 05");
  const std::string delta = Bytes("81 a1 6f 81 a1 79 03");
  std::string merged;
  ASSERT_TRUE(type.Merge(before, delta, merged).ok());
  EXPECT_EQ(merged, after);
  std::string difference;
  bool changed = false;
  ASSERT_TRUE(type.Diff(before, after, {}, difference, changed).ok());
  EXPECT_TRUE(changed);
  EXPECT_EQ(difference, delta);
}

TEST(MsgpackMessageTypeTest, DepthLimit) {
  const MsgpackMessageType type({.depth_max = 5});
  const auto deep = [](int depth) {
    std::string body;
    for (int i = 0; i < depth; ++i) body += Bytes("81 a1 61");
    return body + '\1';
  };
  EXPECT_EQ(ExtractText(type, deep(5), {"/a/a/a/a/a"}), "1");
  EXPECT_EQ(ParseError(type, deep(5)), "");
  EXPECT_EQ(ParseError(type, deep(6)), "nested deeper than 5 at 16");
  EXPECT_EQ(ExtractText(type, Map(Bytes("91 91 91 91 01")), {"/a"}), "1");
  EXPECT_EQ(ExtractText(type, Map(Bytes("91 91 91 91 91 01")), {"/a"}), "malformed");
}

TEST(MsgpackMessageTypeTest, WhatIsPassedOverMayBeAsDeepAsItLikes) {
  const std::string deep(1'000'000, '\x91');
  EXPECT_EQ(
      ExtractText(MsgpackMessageType(), Bytes("82 a1 62") + deep + Bytes("01 a1 61 05"), {"/a"}),
      "5");
}

TEST(MsgpackMessageTypeTest, FieldsLimit) {
  const MsgpackMessageType type({.fields_max = 3});
  EXPECT_EQ(ParseError(type, Map(Bytes("92 01 02"))), "");
  EXPECT_EQ(ParseError(type, Map(Bytes("93 01 02 03"))), "more fields than allowed at 6");
}

TEST(MsgpackMessageTypeTest, ElementsLimit) {
  const MsgpackMessageType type({.elements_max = 3});
  EXPECT_EQ(ExtractText(type, Map(Bytes("93 01 02 03")), {"/a"}), "[1, 2, 3]");
  EXPECT_EQ(ExtractText(type, Map(Bytes("94 01 02 03 04")), {"/a"}), "malformed");
  EXPECT_EQ(ExtractText(type, Map(Bytes("93 80 80 80")), {"/a"}), "[NULL, NULL, NULL]");
  EXPECT_EQ(ExtractText(type, Map(Bytes("94 80 80 80 80")), {"/a"}), "malformed");
}

std::vector<std::pair<std::string, Value>> Nested(int depth) {
  std::string path;
  for (int i = 0; i < depth; ++i) path += "/a";
  return {{path, Value::Int(1)}};
}

TEST(MsgpackMessageTypeTest, DepthLimitOfWrittenBodies) {
  const MsgpackMessageType type({.depth_max = 5});
  EXPECT_EQ(ParseError(type, SerializeText(type, Nested(5))), "");
  EXPECT_EQ(SerializeText(type, Nested(6)), "nested deeper than 5");
  const Value one = Value::Int(1);
  EXPECT_EQ(ParseError(type, SerializeText(type, {{"/a/a/a/a[0]", one}})), "");
  EXPECT_EQ(SerializeText(type, {{"/a/a/a/a/a[0]", one}}), "nested deeper than 5");
  EXPECT_EQ(SerializeText(MsgpackMessageType({.depth_max = UINT32_MAX}), Nested(1001)),
            "nested deeper than 1000");
}

TEST(MsgpackMessageTypeTest, AValueBesideMembersIsRefused) {
  const MsgpackMessageType type;
  const Value one = Value::Int(1);
  EXPECT_EQ(SerializeText(type, {{"/o", one}, {"/o/a", one}}),
            "a map with a value of its own cannot be written to a MessagePack body");
  EXPECT_EQ(SerializeText(type, {{"/o/a", one}, {"/o", one}}),
            "a map with a value of its own cannot be written to a MessagePack body");
  EXPECT_EQ(SerializeText(type, {{"/o", one}, {"/o[0]", one}}),
            "/o[0] cannot be both an array's element or a member and a value of its own");
}

TEST(MsgpackMessageTypeTest, FieldsLimitOfWrittenBodies) {
  const MsgpackMessageType type({.fields_max = 3});
  const Value one = Value::Int(1);
  EXPECT_EQ(ParseError(type, SerializeText(type, {{"/a[1]", one}})), "");
  EXPECT_NE(SerializeText(type, {{"/a[2]", one}}).find("more fields than allowed"),
            std::string::npos);
  const std::string base = SerializeText(type, {{"/a", one}, {"/b", one}});
  std::string merged = "x";
  EXPECT_TRUE(type.Merge(base, SerializeText(type, {{"/b", one}, {"/c", one}}), merged).ok());
  const std::string three = merged.substr(1);
  merged = "x";
  EXPECT_FALSE(type.Merge(three, SerializeText(type, {{"/d", one}}), merged).ok());
  EXPECT_EQ(merged, "x");
}

}  // namespace
}  // namespace fluxgate
