#include "core/message/bson_message_type.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "core/message/extract_testing.h"

namespace fluxgate {
namespace {

// A document of these elements.
std::string Doc(std::string_view elements) {
  std::string body(4, '\0');
  body += elements;
  body += '\0';
  body[0] = static_cast<char>(body.size() & 0xff);
  body[1] = static_cast<char>(body.size() >> 8 & 0xff);
  body[2] = static_cast<char>(body.size() >> 16 & 0xff);
  return body;
}

// One element: its type and value in hexadecimal digits.
std::string Element(std::string_view type, std::string_view name, std::string_view value) {
  return Bytes(type) + std::string(name) + '\0' + Bytes(value);
}

std::string One(std::string_view type, std::string_view value) {
  return ExtractText(BsonMessageType(), Doc(Element(type, "a", value)), {"/a"});
}

TEST(BsonMessageTypeTest, ReadsEveryType) {
  EXPECT_EQ(One("01", "00 00 00 00 00 00 f8 3f"), "1.5d");
  EXPECT_EQ(One("02", "03 00 00 00 68 69 00"), "'hi'");
  EXPECT_EQ(One("03", "05 00 00 00 00"), "NULL");
  EXPECT_EQ(One("04", "05 00 00 00 00"), "NULL");
  EXPECT_EQ(One("05", "02 00 00 00 00 68 69"), "'hi'");
  EXPECT_EQ(One("05", "06 00 00 00 02 02 00 00 00 68 69"), "'hi'");
  EXPECT_EQ(One("06", ""), "NULL");
  EXPECT_EQ(One("07", "00 11 22 33 44 55 66 77 88 99 aa ff"), "'00112233445566778899aaff'");
  EXPECT_EQ(One("08", "01"), "true");
  EXPECT_EQ(One("08", "00"), "false");
  EXPECT_EQ(One("09", "10 27 00 00 00 00 00 00"), "10000");
  EXPECT_EQ(One("0a", ""), "NULL");
  EXPECT_EQ(One("0b", "68 69 00 69 00"), "'hi'");
  EXPECT_EQ(One("0c", "02 00 00 00 63 00 00 11 22 33 44 55 66 77 88 99 aa ff"),
            "'00112233445566778899aaff'");
  EXPECT_EQ(One("0d", "03 00 00 00 68 69 00"), "'hi'");
  EXPECT_EQ(One("0e", "03 00 00 00 68 69 00"), "'hi'");
  EXPECT_EQ(One("0f", "10 00 00 00 03 00 00 00 68 69 00 05 00 00 00 00"), "'hi'");
  EXPECT_EQ(One("10", "fb ff ff ff"), "-5");
  EXPECT_EQ(One("11", "ff ff ff ff ff ff ff ff"), "18446744073709551615u");
  EXPECT_EQ(One("12", "ff ff ff ff ff ff ff 7f"), "9223372036854775807");
  EXPECT_EQ(One("7f", ""), "NULL");
  EXPECT_EQ(One("ff", ""), "NULL");
}

TEST(BsonMessageTypeTest, Decimal128IsTheNearestDouble) {
  // 15 * 10^-1, -1, the largest, the smallest, a number of 34 digits.
  EXPECT_EQ(One("13", "0f 00 00 00 00 00 00 00 00 00 00 00 00 00 3e 30"), "1.5d");
  EXPECT_EQ(One("13", "01 00 00 00 00 00 00 00 00 00 00 00 00 00 40 b0"), "-1d");
  EXPECT_EQ(One("13", "ff ff ff ff 63 8e 8d 37 c0 87 ad be 09 ed ff 5f"), "infd");
  EXPECT_EQ(One("13", "01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"), "0d");
  EXPECT_EQ(One("13", "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 78"), "infd");
  EXPECT_EQ(One("13", "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 f8"), "-infd");
  EXPECT_EQ(One("13", "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 7c"), "nand");
  EXPECT_EQ(One("13", "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 6c"), "0d");
}

TEST(BsonMessageTypeTest, EmptyTextIsNull) { EXPECT_EQ(One("02", "01 00 00 00 00"), "NULL"); }

TEST(BsonMessageTypeTest, MalformedValues) {
  for (const auto& [type, value] : std::vector<std::pair<std::string, std::string>>{
           {"01", "00 00 00 00 00 00 f8"},              // a byte short
           {"02", "02 00 00 00 68 69 00"},              // text that does not end where it says
           {"02", "00 00 00 00"},                       // no room for the final zero
           {"02", "ff ff ff ff 68 69 00"},              // negative length
           {"02", "7f 00 00 00 68 69 00"},              // length behind the end
           {"02", "02 00 00 00 ff 00"},                 // not UTF-8
           {"03", "04 00 00 00"},                       // too short for a document
           {"03", "06 00 00 00 00"},                    // length behind the end
           {"05", "ff ff ff ff 00"},                    // negative length
           {"05", "03 00 00 00 00 68 69"},              // length behind the end
           {"05", "06 00 00 00 02 03 00 00 00 68 69"},  // inner length is another
           {"05", "02 00 00 00 02 68 69"},              // no inner length
           {"08", "02"},
           {"0b", "68 69 00 69"},  // no end of the options
           {"0f", "11 00 00 00 03 00 00 00 68 69 00 05 00 00 00 00"},
           {"13", "00"},
           {"14", ""},  // no such type
           {"80", "00"},
       }) {
    EXPECT_EQ(One(type, value), "malformed") << type << " " << value;
    EXPECT_NE(ParseError(BsonMessageType(), Doc(Element(type, "a", value))), "") << value;
  }
}

TEST(BsonMessageTypeTest, MalformedDocuments) {
  const BsonMessageType type;
  const std::string good = Doc(Element("10", "a", "01 00 00 00"));
  ASSERT_EQ(ExtractText(type, good, {"/a"}), "1");
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(ExtractText(type, good.substr(0, size), {"/a"}), "malformed") << size;
    EXPECT_NE(ParseError(type, good.substr(0, size)), "") << size;
  }
  EXPECT_EQ(ExtractText(type, good + '\0', {"/a"}), "malformed");
  std::string no_end = good;
  no_end.back() = '\1';
  EXPECT_EQ(ExtractText(type, no_end, {"/a"}), "malformed");
  EXPECT_EQ(ParseError(type, no_end), "BSON document whose length or end is wrong at 0");
  EXPECT_EQ(ParseError(type, Doc(Element("14", "a", ""))),
            "BSON element that is cut short or of no known type at 7");
  EXPECT_EQ(ParseError(type, Doc(Element("0a", "\xff", ""))), "name that is not UTF-8 at 5");
}

// {a: 1, o: {b: 'x', c: [1, {d: 2}, [3, 4], 'y']}, a: 9}
std::string Nested() {
  const std::string pair =
      Doc(Element("10", "0", "03 00 00 00") + Element("10", "1", "04 00 00 00"));
  const std::string object = Doc(Element("10", "d", "02 00 00 00"));
  const std::string array =
      Doc(Element("10", "0", "01 00 00 00") + Element("03", "1", "") + object +
          Element("04", "2", "") + pair + Element("02", "3", "02 00 00 00 79 00"));
  const std::string inner =
      Doc(Element("02", "b", "02 00 00 00 78 00") + Element("04", "c", "") + array);
  return Doc(Element("10", "a", "01 00 00 00") + Element("03", "o", "") + inner +
             Element("10", "a", "09 00 00 00"));
}

TEST(BsonMessageTypeTest, PathsIntoDocumentsAndArrays) {
  const BsonMessageType type;
  EXPECT_EQ(ExtractText(type, Nested(), {"/o/b", "/o/c", "/o/c/d", "/o", "/b"}),
            "'x' [1, NULL, 3, 4, 'y'] 2 NULL NULL");
  EXPECT_EQ(ExtractText(type, Nested(), {"/o/c[0]", "/o/c[1]/d", "/o/c[2]", "/o/c[2][1]"}),
            "1 2 [3, 4] 4");
  EXPECT_EQ(ExtractText(type, Nested(), {"/o/c[3]", "/o/c[4]", "/a[0]", "/a[1]", "/o[0]/b"}),
            "'y' NULL 1 NULL 'x'");
}

TEST(BsonMessageTypeTest, WhatIsNoArrayIsItsOwnElementZero) {
  const BsonMessageType type;
  const std::string five = Element("10", "0", "05 00 00 00");
  const std::string six = Element("10", "1", "06 00 00 00");
  // {a: 5, o: {b: 7}, l: [5, 6], n: [[5], {b: 7}]}
  const std::string object = Doc(Element("10", "b", "07 00 00 00"));
  const std::string body =
      Doc(Element("10", "a", "05 00 00 00") + Element("03", "o", "") + object +
          Element("04", "l", "") + Doc(five + six) + Element("04", "n", "") +
          Doc(Element("04", "0", "") + Doc(five) + Element("03", "1", "") + object));
  EXPECT_EQ(ExtractText(type, body, {"/a[0]", "/a[1]", "/a[0][0][0]", "/a[0][1]", "/a[1][0]"}),
            "5 NULL 5 NULL NULL");
  EXPECT_EQ(ExtractText(type, body, {"/o[0]/b", "/o[1]/b", "/o[0][0]/b", "/o[0][1]/b"}),
            "7 NULL 7 NULL");
  EXPECT_EQ(ExtractText(type, body, {"/l[1][0]", "/l[1][1]", "/l[0][0][0]", "/l"}),
            "6 NULL 5 [5, 6]");
  EXPECT_EQ(ExtractText(type, body, {"/n[0][0][0]", "/n[1][0]/b", "/n[1][0][0]/b", "/n[1][1]/b"}),
            "5 7 7 NULL");
}

TEST(BsonMessageTypeTest, DocumentsInArraysKeepTheirPlaceAsNull) {
  const BsonMessageType type;
  const std::string empty = Doc("");
  const std::string two = Element("10", "1", "02 00 00 00");
  const std::string objects = Element("03", "0", "") + empty + two + Element("03", "2", "") + empty;
  EXPECT_EQ(ExtractText(type, Doc(Element("04", "a", "") + Doc(objects)), {"/a", "/a[0]", "/a[1]"}),
            "[NULL, 2, NULL] NULL 2");
  // [{o: {}}, {o: {}}]
  const std::string inner = Doc(Element("03", "o", "") + empty);
  const std::string list = Doc(Element("03", "0", "") + inner + Element("03", "1", "") + inner);
  EXPECT_EQ(ExtractText(type, Doc(Element("04", "a", "") + list), {"/a/o", "/a/o/x"}),
            "[NULL, NULL] NULL");
}

TEST(BsonMessageTypeTest, OfElementsWithOneNameTheFirstCounts) {
  EXPECT_EQ(ExtractText(BsonMessageType(), Nested(), {"/a"}), "1");
}

TEST(BsonMessageTypeTest, WhatIsWrongBehindTheLastFieldIsNotLookedAt) {
  const std::string body =
      Doc(Element("10", "a", "01 00 00 00") + Element("02", "b", "00 00 00 00"));
  EXPECT_EQ(ExtractText(BsonMessageType(), body, {"/a"}), "1");
  EXPECT_EQ(ExtractText(BsonMessageType(), body, {"/a", "/c"}), "malformed");
}

TEST(BsonMessageTypeTest, UntouchedValuesAreWrittenByteForByte) {
  std::string all;
  for (const auto& [t, v] : std::vector<std::pair<std::string, std::string>>{
           {"01", "00 00 00 00 00 00 f8 7f"},
           {"02", "01 00 00 00 00"},
           {"05", "02 00 00 00 80 68 69"},
           {"05", "06 00 00 00 02 02 00 00 00 68 69"},
           {"06", ""},
           {"07", "00 11 22 33 44 55 66 77 88 99 aa ff"},
           {"09", "10 27 00 00 00 00 00 00"},
           {"0a", ""},
           {"0b", "68 69 00 69 00"},
           {"12", "01 00 00 00 00 00 00 00"},
           {"0f", "10 00 00 00 03 00 00 00 68 69 00 05 00 00 00 00"},
           {"7f", ""},
           {"ff", ""},
           {"13", "0f 00 00 00 00 00 00 00 00 00 00 00 00 00 3e 30"}}) {
    all += Element(t, "n" + t, v);
  }
  EXPECT_EQ(Rewritten(BsonMessageType(), Doc(all)), Doc(all));
  EXPECT_EQ(Rewritten(BsonMessageType(), Nested()), Nested());
}

TEST(BsonMessageTypeTest, NewValues) {
  const BsonMessageType type;
  EXPECT_EQ(SerializeText(type, {{"/a", Value::Int(1)}}), Doc(Element("10", "a", "01 00 00 00")));
  EXPECT_EQ(SerializeText(type, {{"/a", Value::Int(int64_t{1} << 31)}}),
            Doc(Element("12", "a", "00 00 00 80 00 00 00 00")));
  EXPECT_EQ(SerializeText(type, {{"/a", Value::Int(-(int64_t{1} << 31))}}),
            Doc(Element("10", "a", "00 00 00 80")));
  EXPECT_EQ(SerializeText(type, {{"/a", Value::String("hi")}}),
            Doc(Element("02", "a", "03 00 00 00 68 69 00")));
  EXPECT_EQ(SerializeText(type, {{"/a", Value::String("\xff")}}),
            Doc(Element("05", "a", "01 00 00 00 00 ff")));
  EXPECT_EQ(SerializeText(type, {{"/a", Value::Null()}, {"/b", Value::Bool(true)}}),
            Doc(Element("0a", "a", "") + Element("08", "b", "01")));
  EXPECT_EQ(SerializeText(type, {{"/a[0]", Value::Int(1)}}),
            Doc(Element("04", "a", "") + Doc(Element("10", "0", "01 00 00 00"))));
  EXPECT_EQ(SerializeText(type, {{"/a", Value::Uint(UINT64_MAX)}}),
            "BSON has no integer for 18446744073709551615");
  const std::string zero("/a\0b", 4);
  EXPECT_EQ(SerializeText(type, {{zero, Value::Int(1)}}), "a BSON name cannot have a zero byte");
}

TEST(BsonMessageTypeTest, DeltasGoElementByElement) {
  const BsonMessageType type;
  const std::string before =
      Doc(Element("10", "id", "01 00 00 00") + Element("12", "qty", "05 00 00 00 00 00 00 00") +
          Element("09", "at", "01 00 00 00 00 00 00 00"));
  const std::string delta = Doc(Element("10", "qty", "06 00 00 00"));
  const std::string after =
      Doc(Element("10", "id", "01 00 00 00") + Element("10", "qty", "06 00 00 00") +
          Element("09", "at", "01 00 00 00 00 00 00 00"));
  std::string merged;
  ASSERT_TRUE(type.Merge(before, delta, merged).ok());
  EXPECT_EQ(merged, after);
  std::string difference;
  bool changed = false;
  ASSERT_TRUE(type.Diff(before, after, {}, difference, changed).ok());
  EXPECT_TRUE(changed);
  EXPECT_EQ(difference, delta);
}

std::string Deep(int depth) {
  std::string body = Doc(Element("10", "a", "01 00 00 00"));
  for (int i = 1; i < depth; ++i) body = Doc(Element("03", "a", "") + body);
  return body;
}

TEST(BsonMessageTypeTest, DepthLimit) {
  const BsonMessageType type({.depth_max = 5});
  std::string path;
  for (int i = 0; i < 5; ++i) path += "/a";
  EXPECT_EQ(ExtractText(type, Deep(5), {path}), "1");
  EXPECT_EQ(ParseError(type, Deep(5)), "");
  EXPECT_EQ(ParseError(type, Deep(6)), "nested deeper than 5 at 35");
  // Arrays count as well.
  std::string arrays = Doc(Element("10", "0", "01 00 00 00"));
  for (int i = 1; i < 5; ++i) arrays = Doc(Element("04", "0", "") + arrays);
  EXPECT_EQ(ExtractText(type, arrays, {"/0"}), "1");
  EXPECT_EQ(ExtractText(type, Doc(Element("04", "0", "") + arrays), {"/0"}), "malformed");
}

TEST(BsonMessageTypeTest, FieldsLimit) {
  const BsonMessageType type({.fields_max = 3});
  const std::string one = Element("0a", "a", "");
  EXPECT_EQ(ParseError(type, Doc(one + one + one)), "");
  EXPECT_EQ(ParseError(type, Doc(one + one + one + one)), "more fields than allowed at 14");
}

TEST(BsonMessageTypeTest, ElementsLimit) {
  const BsonMessageType type({.elements_max = 3});
  const std::string one = Element("10", "0", "01 00 00 00");
  EXPECT_EQ(ExtractText(type, Doc(Element("04", "a", "") + Doc(one + one + one)), {"/a"}),
            "[1, 1, 1]");
  EXPECT_EQ(ExtractText(type, Doc(Element("04", "a", "") + Doc(one + one + one + one)), {"/a"}),
            "malformed");
  const std::string object = Element("03", "0", "") + Doc("");
  EXPECT_EQ(ExtractText(type, Doc(Element("04", "a", "") + Doc(object + object + object)), {"/a"}),
            "[NULL, NULL, NULL]");
  EXPECT_EQ(ExtractText(type, Doc(Element("04", "a", "") + Doc(one + one + one + object)), {"/a"}),
            "malformed");
}

std::vector<std::pair<std::string, Value>> Nested(int depth) {
  std::string path;
  for (int i = 0; i < depth; ++i) path += "/a";
  return {{path, Value::Int(1)}};
}

TEST(BsonMessageTypeTest, DepthLimitOfWrittenBodies) {
  const BsonMessageType type({.depth_max = 5});
  EXPECT_EQ(ParseError(type, SerializeText(type, Nested(5))), "");
  EXPECT_EQ(SerializeText(type, Nested(6)), "nested deeper than 5");
  const Value one = Value::Int(1);
  EXPECT_EQ(ParseError(type, SerializeText(type, {{"/a/a/a/a[0]", one}})), "");
  EXPECT_EQ(SerializeText(type, {{"/a/a/a/a/a[0]", one}}), "nested deeper than 5");
  EXPECT_EQ(SerializeText(BsonMessageType({.depth_max = UINT32_MAX}), Nested(1001)),
            "nested deeper than 1000");
}

TEST(BsonMessageTypeTest, AValueBesideMembersIsRefused) {
  const BsonMessageType type;
  const Value one = Value::Int(1);
  EXPECT_EQ(SerializeText(type, {{"/o", one}, {"/o/a", one}}),
            "o cannot be both a document and a value of its own in BSON");
  EXPECT_EQ(SerializeText(type, {{"/o/a", one}, {"/o", one}}),
            "o cannot be both a document and a value of its own in BSON");
  EXPECT_EQ(SerializeText(type, {{"/o", one}, {"/o[0]", one}}),
            "/o[0] cannot be both an array's element or a member and a value of its own");
}

TEST(BsonMessageTypeTest, FieldsLimitOfWrittenBodies) {
  const BsonMessageType type({.fields_max = 3});
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
