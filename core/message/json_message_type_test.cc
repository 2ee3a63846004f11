#include "core/message/json_message_type.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/message/json_testing.h"
#include "core/message/message_testing.h"

namespace fluxgate {
namespace {

std::string One(std::string_view json_value) {
  return ExtractJson(fmt::format(R"({{"a":{}}})", json_value), {{"a"}});
}

TEST(JsonExtractorTest, ReadsEveryKindOfScalar) {
  EXPECT_EQ(One("1"), "1");
  EXPECT_EQ(One("1.5"), "1.5d");
  EXPECT_EQ(One("\"x\""), "'x'");
  EXPECT_EQ(One("true"), "true");
  EXPECT_EQ(One("false"), "false");
  EXPECT_EQ(One("null"), "NULL");
  EXPECT_EQ(One("\"\""), "NULL");
  EXPECT_EQ(One("{}"), "NULL");
  EXPECT_EQ(One("[]"), "NULL");
}

TEST(JsonExtractorTest, Integers) {
  EXPECT_EQ(One("0"), "0");
  EXPECT_EQ(One("-0"), "0");
  EXPECT_EQ(One("12345678"), "12345678");
  EXPECT_EQ(One("123456789"), "123456789");
  EXPECT_EQ(One("1234567890123456"), "1234567890123456");
  EXPECT_EQ(One("123456789012345678"), "123456789012345678");
  EXPECT_EQ(One("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(One("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(One("9223372036854775808"), "9223372036854775808u");
  EXPECT_EQ(One("18446744073709551615"), "18446744073709551615u");
}

TEST(JsonExtractorTest, IntegersBeyond64BitsAreDoubles) {
  EXPECT_EQ(One("18446744073709551616"), "1.8446744073709552e+19d");
  EXPECT_EQ(One("-9223372036854775809"), "-9.223372036854776e+18d");
  EXPECT_EQ(One(std::string(400, '9')), "infd");
  EXPECT_EQ(One("-" + std::string(400, '9')), "-infd");
}

TEST(JsonExtractorTest, Doubles) {
  EXPECT_EQ(One("0.1"), "0.1d");
  EXPECT_EQ(One("-0.0"), "-0d");
  EXPECT_EQ(One("1e2"), "100d");
  EXPECT_EQ(One("1E+2"), "100d");
  EXPECT_EQ(One("25e-2"), "0.25d");
  EXPECT_EQ(One("1.7976931348623157e308"), "1.7976931348623157e+308d");
  EXPECT_EQ(One("5e-324"), "5e-324d");
  EXPECT_EQ(One("2.2250738585072011e-308"), "2.225073858507201e-308d");
  EXPECT_EQ(One("9007199254740993.0"), "9007199254740992d");
  EXPECT_EQ(One("123456789012345678901234567890.5e-10"), "1.2345678901234567e+19d");
  EXPECT_EQ(One("1e999"), "infd");
  EXPECT_EQ(One("-1e999"), "-infd");
  EXPECT_EQ(One("1e-999"), "0d");
  EXPECT_EQ(One("0e99999999999999999999"), "0d");
  EXPECT_EQ(One("0." + std::string(400, '0') + "1e401"), "1d");
}

TEST(JsonExtractorTest, NumbersOfEveryLengthAndPlaceOfTheDot) {
  const std::string digits = "9073218456109237854612";
  for (size_t size = 1; size <= digits.size(); ++size) {
    for (size_t dot = 1; dot < size; ++dot) {
      const std::string text = digits.substr(0, dot) + "." + digits.substr(dot, size - dot);
      EXPECT_EQ(One(text), fmt::format("{}d", std::stod(text)));
      EXPECT_EQ(One("-" + text), fmt::format("{}d", std::stod("-" + text)));
      EXPECT_EQ(One("0" + text), "malformed");
      EXPECT_EQ(One(text + "."), "malformed");
      EXPECT_EQ(One("0." + text), "malformed");
    }
    if (size < 19) {
      EXPECT_EQ(One(digits.substr(0, size)), digits.substr(0, size));
    }
    const std::string fraction = "0." + digits.substr(0, size);
    EXPECT_EQ(One(fraction), fmt::format("{}d", std::stod(fraction)));
  }
}

TEST(JsonExtractorTest, WhatIsNoNumberIsMalformed) {
  for (std::string_view text : {"-",
                                "+1",
                                "01",
                                "-01",
                                "00",
                                "1.",
                                ".5",
                                "1.e5",
                                "1e",
                                "1e+",
                                "1e+-5",
                                "0x10",
                                "1_000",
                                "1 2",
                                "12a",
                                "1.5.5",
                                "1e5e5",
                                "Infinity",
                                "NaN",
                                "--1",
                                "1-",
                                "-a",
                                "9223372036854775807x"}) {
    EXPECT_EQ(One(text), "malformed") << text;
  }
}

TEST(JsonExtractorTest, WhatIsNoLiteralIsMalformed) {
  for (std::string_view text : {"tru", "truee", "True", "fals", "nul", "nulll", "undefined", "'x'",
                                "true false", "/", "\\", "@"}) {
    EXPECT_EQ(One(text), "malformed") << text;
  }
}

TEST(JsonExtractorTest, Escapes) {
  EXPECT_EQ(One(R"("\"\\\/\b\f\n\r\t")"), "'\"\\/\b\f\n\r\t'");
  EXPECT_EQ(One(R"("a\u0041b")"), "'aAb'");
  EXPECT_EQ(One(R"("\u00e9\u20AC")"), "'\u00e9\u20ac'");
  EXPECT_EQ(One(R"("\ud83d\ude00")"), "'\U0001F600'");
  EXPECT_EQ(One(R"("\u0000")"), std::string("'\0'", 3));
  EXPECT_EQ(One(R"("\\\"")"), "'\\\"'");
  EXPECT_EQ(One(R"("\\\\")"), "'\\\\'");
}

TEST(JsonExtractorTest, BadEscapesAreMalformed) {
  for (std::string_view text :
       {R"("\x")", R"("\u")", R"("\u12")", R"("\u12g4")", R"("\ud83d")", R"("\ud83dx")",
        R"("\ude00")", R"("\ud83d\u0041")", R"("\ud83d\ud83d")", R"("\ud83d\n")", R"("\U0041")"}) {
    EXPECT_EQ(One(text), "malformed") << text;
  }
}

TEST(JsonExtractorTest, StringsHoldNoControlCharactersNorBareQuotes) {
  EXPECT_EQ(One("\"a\nb\""), "malformed");
  EXPECT_EQ(One("\"a\x01\""), "malformed");
  EXPECT_EQ(One("\"\\n\x1f\""), "malformed");
  EXPECT_EQ(One("\"\x7f\""), "'\x7f'");
  EXPECT_EQ(One("\"a\" \"b\""), "malformed");
  EXPECT_EQ(One("\"a\"b\"c\""), "malformed");
  EXPECT_EQ(One("\"\\n\" \"b\""), "malformed");
}

TEST(JsonExtractorTest, StringsAreUtf8) {
  EXPECT_EQ(One("\"Z\u00fcrich \u20ac \U0001F600\""), "'Z\u00fcrich \u20ac \U0001F600'");
  for (std::string_view bytes :
       {"\x80", "\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_EQ(One(fmt::format("\"{}\"", bytes)), "malformed");
    EXPECT_EQ(One(fmt::format("\"\\n{}\"", bytes)), "malformed");
  }
}

TEST(JsonExtractorTest, LongStringsAreCheckedToTheirEnd) {
  for (size_t size = 1; size < 200; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(One("\"" + text + "\""), "'" + text + "'");
    EXPECT_EQ(One("\"" + text + "\n\""), "malformed");
    EXPECT_EQ(One("\"" + text + "\\n\""), "'" + text + "\n'");
    EXPECT_EQ(One("\"" + text + "\u00e9\""), "'" + text + "\u00e9'");
  }
}

TEST(JsonExtractorTest, SeveralFieldsInAnyOrder) {
  const std::string text = R"({"a":1,"b":"two","c":3.5,"d":true})";
  EXPECT_EQ(ExtractJson(text, {{"a"}, {"b"}, {"c"}, {"d"}}), "1 'two' 3.5d true");
  EXPECT_EQ(ExtractJson(text, {{"d"}, {"x"}, {"a"}}), "true NULL 1");
  EXPECT_EQ(ExtractJson(text, {{"x"}}), "NULL");
}

TEST(JsonExtractorTest, SamePathMayBeAskedForTwice) {
  EXPECT_EQ(ExtractJson(R"({"a":1,"b":2})", {{"a"}, {"a"}, {"b"}}), "1 1 2");
}

TEST(JsonExtractorTest, BlanksAreAllowedEverywhere) {
  EXPECT_EQ(ExtractJson(" \t\r\n{ \n\"a\" \t: \r1 , \"b\"\n:\n\"x\" }\n ", {{"a"}, {"b"}, {"c"}}),
            "1 'x' NULL");
  EXPECT_EQ(ExtractJson(R"({ "a" : { "b" : [ 5 , 6 ] } , "c" : [ ] , "d" : 7 } )",
                        {{"a", "b"}, {"c"}, {"d"}}),
            "[5, 6] NULL 7");
  EXPECT_EQ(ExtractJson("{\"a\"\f:1}", {{"a"}}), "malformed");
  EXPECT_EQ(ExtractJson("{\"a\":\v1}", {{"a"}}), "malformed");
}

TEST(JsonExtractorTest, NestedObjectsByPath) {
  const std::string text = R"({"o":{"x":1,"p":{"y":"deep"}},"x":2})";
  EXPECT_EQ(ExtractJson(text, {{"o", "x"}, {"o", "p", "y"}, {"x"}, {"o"}, {"o", "p"}}),
            "1 'deep' 2 NULL NULL");
  EXPECT_EQ(ExtractJson(text, {{"x", "y"}, {"o", "x", "z"}, {"p"}, {"y"}}), "NULL NULL NULL NULL");
}

TEST(JsonExtractorTest, ParentAndChildOfOnePath) {
  EXPECT_EQ(ExtractJson(R"({"a":{"b":1}})", {{"a"}, {"a", "b"}}), "NULL 1");
  EXPECT_EQ(ExtractJson(R"({"a":5})", {{"a"}, {"a", "b"}}), "5 NULL");
}

TEST(JsonExtractorTest, FirstMemberOfANameCounts) {
  EXPECT_EQ(ExtractJson(R"({"a":1,"a":2,"b":3})", {{"a"}, {"b"}}), "1 3");
  EXPECT_EQ(ExtractJson(R"({"a":null,"a":2,"b":3})", {{"a"}, {"b"}}), "NULL 3");
  EXPECT_EQ(
      ExtractJson(R"({"o":{"x":1},"o":{"x":2,"y":3},"b":4})", {{"o", "x"}, {"o", "y"}, {"b"}}),
      "1 NULL 4");
}

TEST(JsonExtractorTest, NamesWithEscapes) {
  EXPECT_EQ(ExtractJson(R"({"\u0061":1})", {{"a"}}), "1");
  EXPECT_EQ(ExtractJson(R"({"a\"b":1,"a\\b":2})", {{"a\"b"}, {"a\\b"}}), "1 2");
  EXPECT_EQ(ExtractJson(R"({"a\b":1})", {{"a\\b"}}), "NULL");
  EXPECT_EQ(ExtractJson(R"({"a\b":1})", {{"a\b"}}), "1");
  EXPECT_EQ(ExtractJson("{\"a\nb\":1,\"c\":2}", {{"c"}}), "2");  // not looked at
  EXPECT_EQ(ExtractJson(R"({"x":"\\","a":1,"\x":2,"b":3})", {{"b"}}), "malformed");
  EXPECT_EQ(ExtractJson(R"({"\u0061\u0062\u0063\u0064\u0065\u0066\u0067\u0068\u0069\u006a":1})",
                        {{"abcdefghij"}}),
            "1");
}

TEST(JsonExtractorTest, NamesOfEveryLength) {
  for (size_t size = 1; size < 100; ++size) {
    const std::string name(size, 'n');
    const std::string text = fmt::format(R"({{"{0}x":1,"{0}":2,"y{0}":3}})", name);
    EXPECT_EQ(ExtractJson(text, {{name}, {name + "x"}, {"y" + name}, {name + "z"}}), "2 1 3 NULL");
  }
}

TEST(JsonExtractorTest, ManyFields) {
  FieldPaths paths;
  std::string text = "{";
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    paths.push_back({fmt::format("some_field_number_{}", i)});
    text += fmt::format(R"("some_field_number_{}":{},)", i, i);
    expected += fmt::format("{}{}", i > 0 ? " " : "", i);
  }
  text.back() = '}';
  EXPECT_EQ(ExtractJson(text, paths), expected);
}

TEST(JsonExtractorTest, NotFurtherThanTheLastFieldNeeded) {
  EXPECT_EQ(ExtractJson(R"({"a":1,"b":2, this is no JSON)", {{"a"}, {"b"}}), "1 2");
  EXPECT_EQ(ExtractJson(R"({"a":1,"b":2, this is no JSON)", {{"a"}, {"c"}}), "malformed");
  EXPECT_EQ(ExtractJson(R"({"o":{"x":1,"y":2 no)", {{"o", "x"}}), "1");
}

TEST(JsonExtractorTest, StructureIsChecked) {
  for (std::string_view text : {"{",
                                "{\"b\"",
                                "{\"b\":",
                                "{\"b\":1",
                                "{\"b\":1,",
                                "{\"b\":1,}",
                                "{,}",
                                "{\"b\"}",
                                "{\"b\",1}",
                                "{b:1}",
                                "{\"b:1}",
                                "{\"b\":1]",
                                "{\"b\":}",
                                "{\"b\":,\"c\":1}",
                                "{\"b\":1:2}",
                                "{\"b\":1 \"c\":2}",
                                "{\"b\":{}{}}",
                                "{\"b\":[1}",
                                "{\"b\":1}}",
                                "{\"b\":1} x",
                                "{}{}",
                                "}",
                                "{]",
                                "{\"b\":1,,\"c\":2}",
                                "{{}}",
                                "{[]}",
                                "{1:2}",
                                "{\"b\":5{}}",
                                "{\"b\":[}",
                                "{ x }",
                                "{\":1}",
                                "{\"b\" 5:1}"}) {
    EXPECT_EQ(ExtractJson(text, {{"a"}}), "malformed") << text;
  }
}

TEST(JsonExtractorTest, StructureIsCheckedWhereFieldsAreRead) {
  for (std::string_view text :
       {"{\"a\":[1", "{\"a\":[1}", "{\"a\":[,1]}", "{\"a\":[1:2]}", "{\"a\":[}", "{\"a\":[",
        "{\"a\":", "{\"a\": }", "{\"a\":{", "{\"a\":{]}", "{\"a\":{\"b\":1]}", "{\"a\":[{}",
        "{\"a\":[{}}", "{\"a\":[[]", "{\"a\":x{}}", "{\"a\":[x[]]}"}) {
    EXPECT_EQ(ExtractJson(text, {{"a"}, {"a", "b"}, {"c"}}), "malformed") << text;
  }
}

TEST(JsonExtractorTest, BodyThatIsNoObjectHasNoFields) {
  for (std::string_view text : {"[1,2]", "[]", "5", "-1.5e3", "\"x\"", "true", "false", "null",
                                " [ {\"a\":1} ] ", " 5 ", "\"\\n\"", "[\"]\"]"}) {
    EXPECT_EQ(ExtractJson(text, {{"a"}, {"b"}}), "NULL NULL") << text;
  }
  for (std::string_view text : {"", " ", "\n", "[", "]", "[1", "[1]]", "[1] x", "x", "nul", "5 5",
                                "\"", "\"x", "a:b", ":", ",", "\xef\xbb\xbf{}", "<a/>", "8=FIX"}) {
    EXPECT_EQ(ExtractJson(text, {{"a"}, {"b"}}), "malformed") << text;
  }
}

TEST(JsonExtractorTest, EmptyObjects) {
  EXPECT_EQ(ExtractJson("{}", {{"a"}}), "NULL");
  EXPECT_EQ(ExtractJson(" { } ", {{"a"}}), "NULL");
  EXPECT_EQ(ExtractJson(R"({"a":{},"b":1})", {{"a", "x"}, {"b"}}), "NULL 1");
}

TEST(JsonExtractorTest, NothingAskedForStillTellsWhatIsNoJson) {
  EXPECT_TRUE(NewJsonExtractor({})->Extract(PaddedBody("{}").view(), {}));
  EXPECT_TRUE(NewJsonExtractor({})->Extract(PaddedBody(R"({"a":1})").view(), {}));
  EXPECT_FALSE(NewJsonExtractor({})->Extract(PaddedBody("").view(), {}));
  EXPECT_FALSE(NewJsonExtractor({})->Extract(PaddedBody("{").view(), {}));
}

TEST(JsonExtractorTest, DepthAtTheLimitAndOneMore) {
  const MessageLimits limits{.depth_max = 5};
  for (const char* open : {"[", R"({"x":)"}) {
    const char* close = *open == '[' ? "]" : "}";
    // Skipped, looked into, and as the whole body; the object around them is one level.
    for (size_t levels = 4; levels <= 5; ++levels) {
      const bool fits = levels == 4;
      const std::string value = NestedJson(levels, open, close);
      EXPECT_EQ(ExtractJson(fmt::format(R"({{"s":{},"a":1}})", value), {{"a"}}, limits),
                fits ? "1" : "malformed");
      EXPECT_EQ(
          ExtractJson(fmt::format(R"({{"s":{},"a":1}})", value), {{"s", "x", "y"}, {"a"}}, limits),
          fits ? "NULL 1" : "malformed");
      EXPECT_EQ(ExtractJson(fmt::format("[{}]", value), {{"a"}}, limits),
                fits ? "NULL" : "malformed");
      EXPECT_EQ(ExtractJson(fmt::format(R"({{"s":{},"a":1}})", value),
                            {{"s", "x", "x", "x", "x"}, {"a"}}, limits),
                !fits          ? "malformed"
                : *open == '[' ? "NULL 1"
                               : "1 1");
    }
  }
  EXPECT_EQ(ExtractJson(NestedJson(5, R"({"x":)", "}"), {{"x", "x", "x", "x", "x"}}, limits), "1");
  EXPECT_EQ(ExtractJson(NestedJson(6, R"({"x":)", "}"), {{"x", "x", "x", "x", "x", "x"}}, limits),
            "malformed");
}

TEST(JsonExtractorTest, DeepNestsAreRefusedFast) {
  const auto start = std::chrono::steady_clock::now();
  for (const char* open : {"[", R"({"x":)"}) {
    const char* close = *open == '[' ? "]" : "}";
    const std::string value = NestedJson(100'000, open, close);
    EXPECT_EQ(ExtractJson(value, {{"a"}}), "malformed");
    EXPECT_EQ(ExtractJson(value, {{"x", "x", "x"}}), "malformed");
    EXPECT_EQ(ExtractJson(fmt::format(R"({{"s":{},"a":1}})", value), {{"a"}}), "malformed");
    EXPECT_EQ(ExtractJson(std::string(value, 0, value.size() / 2), {{"a"}}), "malformed");
  }
  // Even without a sensible limit.
  const MessageLimits limits{.depth_max = UINT32_MAX};
  const std::vector<FieldStep> deep(100'000, "x");
  EXPECT_EQ(ExtractJson(NestedJson(100'000, R"({"x":)", "}"), {deep}, limits), "malformed");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(JsonExtractorTest, StringsStayValidUntilTheNextBody) {
  const auto extractor = NewJsonExtractor({{"a"}, {"b"}, {"c"}});
  std::vector<Value> values(3);
  const PaddedBody small(R"({"a":"\n1","b":"\n2","c":"\n3"})");
  const PaddedBody large(
      fmt::format(R"({{"a":"\n{0}","b":"\n{0}","c":"\n{0}"}})", std::string(5000, 'x')));
  for (const PaddedBody* body : {&small, &large, &small}) {
    ASSERT_TRUE(extractor->Extract(body->view(), values));
    const std::string tail = body == &large ? std::string(5000, 'x') : "";
    EXPECT_EQ(values[0].as_string(), "\n" + (body == &large ? tail : "1"));
    EXPECT_EQ(values[1].as_string(), "\n" + (body == &large ? tail : "2"));
    EXPECT_EQ(values[2].as_string(), "\n" + (body == &large ? tail : "3"));
  }
}

TEST(JsonExtractorTest, BackslashesAcrossBlocks) {
  // Runs of backslashes of every length at every place of a block.
  for (size_t before = 40; before < 140; ++before) {
    for (size_t run = 1; run < 7; ++run) {
      const std::string name(before, 'n');
      const bool open = run % 2 == 1;  // the last one escapes the quote
      const std::string text =
          fmt::format(R"({{"{}":"{}"{},"a":1}})", name, std::string(run, '\\'), open ? ":,\"" : "");
      EXPECT_EQ(ExtractJson(text, {{"a"}}), "1") << text;
    }
  }
}

TEST(JsonExtractorTest, SlotsNeedNotBeDense) {
  const auto extractor = JsonMessageType().NewExtractor({{{{"a"}}, 7}, {{{"b"}}, 2}});
  std::vector<Value> values(9, Value::Int(-1));
  const PaddedBody body(R"({"a":1,"b":2})");
  ASSERT_TRUE(extractor->Extract(body.view(), values));
  EXPECT_EQ(ValueText(values[7]), "1");
  EXPECT_EQ(ValueText(values[2]), "2");
  for (const size_t other : {0, 1, 3, 4, 5, 6, 8}) EXPECT_EQ(ValueText(values[other]), "-1");
}

TEST(JsonMessageTypeTest, Name) { EXPECT_EQ(JsonMessageType().name(), "json"); }

}  // namespace
}  // namespace fluxgate
