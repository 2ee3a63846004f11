// JSON bodies taken apart whole and written again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/message/json_testing.h"

namespace fluxgate {
namespace {

using Node = Document::Node;

// A body with nothing behind it that may be read, unlike those of the gateway.
struct ExactBody {
  explicit ExactBody(std::string_view text) : size(text.size()), bytes(new char[text.size()]) {
    std::copy(text.begin(), text.end(), bytes.get());
  }
  std::string_view view() const { return {bytes.get(), size}; }

  size_t size;
  std::unique_ptr<char[]> bytes;
};

// The body written again, or the error.
std::string Rewritten(std::string_view text, const MessageLimits& limits = {}) {
  const JsonMessageType json(limits);
  const ExactBody body(text);
  Document document;
  if (absl::Status status = json.Parse(body.view(), document); !status.ok()) {
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
    return ErrorText(status);
  }
  std::string written;
  const absl::Status status = json.Write(document, written);
  return status.ok() ? written : ErrorText(status);
}

TEST(JsonDocumentTest, HoldsMembersElementsAndValuesInOrder) {
  const ExactBody body(R"({"s":"x","n":-5,"d":1.50,"t":true,"z":null,"o":{"i":1},"a":[2,[3],{}]})");
  Document document;
  ASSERT_TRUE(JsonMessageType().Parse(body.view(), document).ok());
  const Node& root = document.root();
  std::string names;
  for (const Document::Member& member : root.members) names += member.name;
  EXPECT_EQ(names, "sndtzoa");
  EXPECT_EQ(ValueText(root.Find("s")->value), "'x'");
  EXPECT_EQ(ValueText(root.Find("n")->value), "-5");
  EXPECT_EQ(ValueText(root.Find("d")->value), "1.5d");
  EXPECT_EQ(root.Find("d")->raw, "1.50");
  EXPECT_EQ(ValueText(root.Find("t")->value), "true");
  EXPECT_EQ(ValueText(root.Find("z")->value), "NULL");
  EXPECT_EQ(ValueText(root.Find("o")->Find("i")->value), "1");
  const Node& array = *root.Find("a");
  ASSERT_EQ(array.elements.size(), 3u);
  EXPECT_EQ(array.kind, Node::Kind::kArray);
  EXPECT_EQ(ValueText(array.elements[1]->elements[0]->value), "3");
  EXPECT_EQ(array.elements[2]->kind, Node::Kind::kObject);
  EXPECT_EQ(root.Find("none"), nullptr);
}

TEST(JsonDocumentTest, IsAViewOfTheBody) {
  const ExactBody body(R"({"name":"some text","n":15})");
  Document document;
  ASSERT_TRUE(JsonMessageType().Parse(body.view(), document).ok());
  const auto is_inside = [&](std::string_view text) {
    return text.data() >= body.bytes.get() && text.data() < body.bytes.get() + body.size;
  };
  EXPECT_TRUE(is_inside(document.root().members[0].name));
  EXPECT_TRUE(is_inside(document.root().members[0].node->value.as_string()));
  EXPECT_TRUE(is_inside(document.root().members[1].node->raw));
}

TEST(JsonDocumentTest, EscapedTextAndNamesAreRead) {
  const ExactBody body(R"({"a\u0062\n":"x\"\ud83d\ude00","":"\\"})");
  Document document;
  ASSERT_TRUE(JsonMessageType().Parse(body.view(), document).ok());
  EXPECT_EQ(document.root().members[0].name, "ab\n");
  EXPECT_EQ(document.root().members[0].node->value.as_string(), "x\"\U0001F600");
  EXPECT_EQ(document.root().members[1].name, "");
  EXPECT_EQ(document.root().members[1].node->value.as_string(), "\\");
}

TEST(JsonDocumentTest, ParsingForgetsWhatTheDocumentHeld) {
  const JsonMessageType json;
  Document document;
  ASSERT_TRUE(json.Parse(R"({"a":1,"b":2})", document).ok());
  ASSERT_TRUE(json.Parse(R"({"c":3})", document).ok());
  std::string written = "before ";
  ASSERT_TRUE(json.Write(document, written).ok());
  EXPECT_EQ(written, R"(before {"c":3})");
}

TEST(JsonDocumentTest, WhatIsNotChangedIsWrittenAsItWas) {
  for (std::string_view text : {R"({})", R"({"a":1})", R"({"a":1.50,"b":1E+2,"c":-0,"d":0.10e-7})",
                                R"({"a":"\u0041\/","b":"","c":null,"d":true,"e":false})",
                                R"({"a":[],"b":{},"c":[[],{}],"d":[1,"x",{"y":[null]}]})",
                                R"({"n":123456789012345678901234567890,"x":1e999})",
                                R"({"a":1,"a":2})", R"({"":{"":0}})"}) {
    EXPECT_EQ(Rewritten(text), text);
  }
}

TEST(JsonDocumentTest, BlanksAreLeftOutAndNamesSpelledPlainly) {
  EXPECT_EQ(Rewritten(" \r\n{ \"a\" : [ 1 , { } , [ ] ] ,\t\"b\":\"x y\" } \n"),
            R"({"a":[1,{},[]],"b":"x y"})");
  EXPECT_EQ(Rewritten(R"({"\u0061\/\u0001\t":1})"), R"({"a/\u0001\t":1})");
}

TEST(JsonDocumentTest, ErrorsSayWhatAndWhere) {
  EXPECT_EQ(Rewritten(""), "JSON body: expected an object at byte 0");
  EXPECT_EQ(Rewritten("  [1]"), "JSON body: expected an object at byte 2");
  EXPECT_EQ(Rewritten("5"), "JSON body: expected an object at byte 0");
  EXPECT_EQ(Rewritten(R"({"a":1} x)"), "JSON body: expected the end at byte 8");
  EXPECT_EQ(Rewritten(R"({"a":1)"), "JSON body: not closed at byte 6");
  EXPECT_EQ(Rewritten(R"({"a":x})"), "JSON body: expected a value at byte 5");
  EXPECT_EQ(Rewritten(R"({"a":})"), "JSON body: expected a value at byte 5");
  EXPECT_EQ(Rewritten(R"({"a":[1,]})"), "JSON body: expected a value at byte 8");
  EXPECT_EQ(Rewritten(R"({"a":"\x"})"), "JSON body: expected valid text at byte 5");
  EXPECT_EQ(Rewritten("{\"a\":\"\xff\"}"), "JSON body: expected valid text at byte 5");
  EXPECT_EQ(Rewritten("{\"\xff\":1}"), "JSON body: expected a name in quotes and ':' at byte 1");
  EXPECT_EQ(Rewritten(R"({a:1})"), "JSON body: expected a name in quotes and ':' at byte 1");
  EXPECT_EQ(Rewritten(R"({"a":1,})"), "JSON body: expected a name in quotes and ':' at byte 7");
  EXPECT_EQ(Rewritten(R"({"a":[1}})"), "JSON body: expected ',' or ']' at byte 7");
  EXPECT_EQ(Rewritten(R"({"a":1])"), "JSON body: expected ',' or '}' at byte 6");
  EXPECT_EQ(Rewritten(R"({"a":{} 5,"b":1})"),
            "JSON body: expected ',' or a closing bracket at byte 7");
}

TEST(JsonDocumentTest, WhatIsNoJsonIsRefused) {
  for (std::string_view text : {" ",
                                "{",
                                "}",
                                "{}{}",
                                "{]",
                                "{,}",
                                "{1:2}",
                                "{\"b\"}",
                                "{\"b\",1}",
                                "{\"b:1}",
                                "{\"b\":,\"c\":1}",
                                "{\"b\":1:2}",
                                "{\"b\":1 \"c\":2}",
                                "{\"b\":1,,\"c\":2}",
                                "{\"b\":{}{}}",
                                "{{}}",
                                "{[]}",
                                "{\"b\":5{}}",
                                "{\"b\":[}",
                                "{ x }",
                                "{\":1}",
                                "{\"b\" 5:1}",
                                "{\"b\":[,1]}",
                                "{\"b\":[1:2]}",
                                "{\"b\":[1 2]}",
                                "{\"b\":[\"x\":1]}",
                                "{\"b\":01}",
                                "{\"b\":tru}",
                                "{\"b\":\"\n\"}",
                                "{\"b\n\":1}",
                                "\xef\xbb\xbf{}",
                                "[{}]",
                                "null",
                                "{\"b\":1}\v",
                                "{\"b\":[1]]",
                                "{\"b\":[[1]}"}) {
    EXPECT_TRUE(Rewritten(text).starts_with("JSON body: ")) << text;
    EXPECT_FALSE(JsonMessageType().Validate(text).ok()) << text;
  }
  EXPECT_TRUE(JsonMessageType().Validate(R"({"a":[1]})").ok());
}

TEST(JsonDocumentTest, DepthAtTheLimitAndOneMore) {
  const MessageLimits limits{.depth_max = 5};
  EXPECT_EQ(Rewritten(NestedJson(5, R"({"x":)", "}"), limits), NestedJson(5, R"({"x":)", "}"));
  EXPECT_EQ(Rewritten(NestedJson(6, R"({"x":)", "}"), limits),
            "JSON body: nested deeper than 5 at byte 25");
  EXPECT_EQ(Rewritten(R"({"a":)" + NestedJson(4, "[", "]") + "}", limits), R"({"a":[[[[1]]]]})");
  EXPECT_EQ(Rewritten(R"({"a":)" + NestedJson(5, "[", "]") + "}", limits),
            "JSON body: nested deeper than 5 at byte 9");
  // Even without a sensible limit.
  const MessageLimits none{.depth_max = std::numeric_limits<uint32_t>::max()};
  EXPECT_TRUE(Rewritten(R"({"a":)" + NestedJson(100'000, "[", "]") + "}", none)
                  .starts_with("JSON body: nested deeper than 1000"));
}

TEST(JsonDocumentTest, MembersAndElementsAtTheLimitAndOneMore) {
  const MessageLimits limits{.fields_max = 4};
  for (std::string_view text :
       {R"({"a":1,"b":2,"c":3,"d":4})", R"({"a":[1,2,3]})", R"({"a":{"b":[{}]},"c":0})"}) {
    EXPECT_EQ(Rewritten(text, limits), text);
  }
  EXPECT_EQ(Rewritten(R"({"a":1,"b":2,"c":3,"d":4,"e":5})", limits),
            "JSON body: more than 4 members and elements at byte 29");
  EXPECT_EQ(Rewritten(R"({"a":[1,2,3,4]})", limits),
            "JSON body: more than 4 members and elements at byte 12");
}

// A body with the one field `a`.
std::string Written(const Value& value) {
  std::string body;
  const FieldValue field{{.steps = {"a"}}, value};
  const absl::Status status = JsonMessageType().Serialize({&field, 1}, body);
  return status.ok() ? body : ErrorText(status);
}

TEST(JsonWriterTest, EveryKindOfValue) {
  EXPECT_EQ(Written(Value::Null()), R"({"a":null})");
  EXPECT_EQ(Written(Value::Bool(true)), R"({"a":true})");
  EXPECT_EQ(Written(Value::Bool(false)), R"({"a":false})");
  EXPECT_EQ(Written(Value::Int(-9223372036854775807 - 1)), R"({"a":-9223372036854775808})");
  EXPECT_EQ(Written(Value::Uint(18446744073709551615u)), R"({"a":18446744073709551615})");
  EXPECT_EQ(Written(Value::Double(1.5)), R"({"a":1.5})");
  EXPECT_EQ(Written(Value::String("x y")), R"({"a":"x y"})");
  const std::vector<Value> elements = {Value::Int(1), Value::Null(), Value::String("x")};
  EXPECT_EQ(Written(Value::Array(elements)), R"({"a":[1,null,"x"]})");
}

TEST(JsonWriterTest, DoublesStayDoublesAndReadBackTheSame) {
  EXPECT_EQ(Written(Value::Double(100)), R"({"a":100.0})");
  EXPECT_EQ(Written(Value::Double(-0.0)), R"({"a":-0.0})");
  for (const double number : {0.1, 1e23, 5e-324, -1.7976931348623157e308, 123456789.0, 2e15, 1e-7,
                              9007199254740993.0, 1.0 / 3}) {
    const std::string body = Written(Value::Double(number));
    EXPECT_EQ(ExtractJson(body, {{"a"}}), ValueText(Value::Double(number))) << body;
  }
}

TEST(JsonWriterTest, NumbersThatJsonHasNotAreNull) {
  EXPECT_EQ(Written(Value::Double(std::nan(""))), R"({"a":null})");
  EXPECT_EQ(Written(Value::Double(HUGE_VAL)), R"({"a":null})");
  EXPECT_EQ(Written(Value::Double(-HUGE_VAL)), R"({"a":null})");
}

TEST(JsonWriterTest, TextIsEscaped) {
  EXPECT_EQ(Written(Value::String("\"\\/\b\f\n\r\t")), R"({"a":"\"\\/\b\f\n\r\t"})");
  EXPECT_EQ(Written(Value::String("\x01\x1f\x7f")), "{\"a\":\"\\u0001\\u001f\x7f\"}");
  EXPECT_EQ(Written(Value::String({"x\0y", 3})), R"({"a":"x\u0000y"})");
  EXPECT_EQ(Written(Value::String("Z\u00fcrich \U0001F600")), "{\"a\":\"Z\u00fcrich \U0001F600\"}");
}

TEST(JsonWriterTest, TextThatIsNoUtf8IsNotWritten) {
  constexpr std::string_view kError = "text that is not UTF-8 cannot be written to a JSON body";
  EXPECT_EQ(Written(Value::String("\xff")), kError);
  EXPECT_EQ(Written(Value::String("\xed\xa0\x80")), kError);
  const JsonMessageType json;
  const FieldValue field{{.steps = {"ok", "\xff"}}, Value::Int(1)};
  std::string body = "as it was";
  EXPECT_EQ(ErrorText(json.Serialize({&field, 1}, body)), kError);
  EXPECT_EQ(body, "as it was");
}

TEST(JsonWriterTest, DepthAtTheLimitAndOneMore) {
  const JsonMessageType json({.depth_max = 3});
  std::string body;
  const FieldValue at{{.steps = {"a", "b", {"c"}}}, Value::Int(1)};
  EXPECT_TRUE(json.Serialize({&at, 1}, body).ok());
  EXPECT_EQ(body, R"({"a":{"b":{"c":1}}})");
  const FieldValue over{{.steps = {"a", "b", {"c", 0}}}, Value::Int(1)};
  EXPECT_EQ(ErrorText(json.Serialize({&over, 1}, body)), "nested too deep for a JSON body");
}

TEST(JsonWriterTest, SerializeBuildsObjectsAndArrays) {
  const std::vector<FieldValue> fields = {
      {{.steps = {"id"}}, Value::Int(7)},
      {{.steps = {"o", "x"}}, Value::String("one")},
      {{.steps = {{"l", 1}, "p"}}, Value::Double(2.5)},
      {{.steps = {"o", "y"}}, Value::Bool(true)},
      {{.steps = {{"m", 1}, {"", 0}}}, Value::Int(3)},
      {{.steps = {"id"}}, Value::Int(8)},
      {{.envelope = EnvelopeField::kTopicName}, Value::String("no place in a body")},
  };
  std::string body;
  ASSERT_TRUE(JsonMessageType().Serialize(fields, body).ok());
  EXPECT_EQ(body, R"({"id":8,"o":{"x":"one","y":true},"l":[null,{"p":2.5}],"m":[null,[3]]})");
}

TEST(JsonDocumentTest, AValueBesideMembersIsRefused) {
  const auto serialized = [](const std::vector<FieldValue>& fields) {
    std::string body = "before";
    const absl::Status status = JsonMessageType().Serialize(fields, body);
    EXPECT_EQ(body, "before");
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
    return ErrorText(status);
  };
  const Value one = Value::Int(1);
  const FieldPath plain{{"a"}};
  const FieldPath member{{"a", "b"}};
  const FieldPath element{{{"a", 0}}};
  EXPECT_EQ(serialized({{plain, one}, {member, one}}),
            "an object with a value of its own cannot be written to a JSON body");
  EXPECT_EQ(serialized({{member, one}, {plain, one}}),
            "an object with a value of its own cannot be written to a JSON body");
  EXPECT_EQ(serialized({{plain, one}, {element, one}}),
            "/a[0] cannot be both an array's element or a member and a value of its own");
  EXPECT_EQ(serialized({{element, one}, {plain, one}}),
            "/a cannot be both an array's element or a member and a value of its own");
}

}  // namespace
}  // namespace fluxgate
