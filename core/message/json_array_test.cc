// What a path finds in arrays: every element, or the one that a subscript names.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/message/json_testing.h"

namespace fluxgate {
namespace {

std::string One(std::string_view json_value, const std::vector<FieldStep>& path = {"a"}) {
  return ExtractJson(fmt::format(R"({{"a":{}}})", json_value), {path});
}

TEST(JsonArrayTest, PathThatEndsInAnArrayHasAllItsElements) {
  EXPECT_EQ(One("[1,2]"), "[1, 2]");
  EXPECT_EQ(One(R"([1.5,"x",true,18446744073709551615])"),
            "[1.5d, 'x', true, 18446744073709551615u]");
  EXPECT_EQ(One(" [ 1 , 2 , 3 ] "), "[1, 2, 3]");
}

TEST(JsonArrayTest, OneElementIsTheValueItselfAndNoneIsNull) {
  EXPECT_EQ(One("[1]"), "1");
  EXPECT_EQ(One("[\"x\"]"), "'x'");
  EXPECT_EQ(One("[null]"), "NULL");
  EXPECT_EQ(One("[{\"x\":1}]"), "NULL");
  EXPECT_EQ(One("[]"), "NULL");
  EXPECT_EQ(One("[ ]"), "NULL");
}

TEST(JsonArrayTest, NullEmptyTextAndObjectsKeepTheirPlace) {
  EXPECT_EQ(One("[null,2]"), "[NULL, 2]");
  EXPECT_EQ(One("[1,\"\",3]"), "[1, NULL, 3]");
  EXPECT_EQ(One("[{\"a\":1},2,{}]"), "[NULL, 2, NULL]");
  EXPECT_EQ(One("[null,null]"), "[NULL, NULL]");
}

TEST(JsonArrayTest, NestedArraysAreOneListToAPlainPath) {
  EXPECT_EQ(One("[[1],2]"), "[1, 2]");
  EXPECT_EQ(One("[[1,2],[3,[4,5]],[]]"), "[1, 2, 3, 4, 5]");
  EXPECT_EQ(One("[[[[7]]]]"), "7");
  EXPECT_EQ(One("[[],[[]]]"), "NULL");
}

TEST(JsonArrayTest, PathLeadsThroughAnArrayIntoAllItsObjects) {
  const std::string text =
      R"({"l":[{"p":1,"q":"a"},{"q":"b"},{"p":3},5,{"p":null},[{"p":6}]],"c":4})";
  EXPECT_EQ(ExtractJson(text, {{"l", "p"}, {"l", "q"}, {"c"}}), "[1, 3, NULL, 6] ['a', 'b'] 4");
  EXPECT_EQ(ExtractJson(text, {{"c"}, {"l"}}), "4 [NULL, NULL, NULL, 5, NULL, NULL]");
  EXPECT_EQ(ExtractJson(R"({"a":[{"b":[7,8]},{"b":9}],"c":3})", {{"a", "b"}, {"c"}}),
            "[7, 8, 9] 3");
  EXPECT_EQ(ExtractJson(R"({"a":[],"c":3})", {{"a", "b"}, {"a"}, {"c"}}), "NULL NULL 3");
  EXPECT_EQ(ExtractJson(R"({"a":[{"b":{"x":1}},{"b":{"x":2}}]})", {{"a", "b", "x"}, {"a", "b"}}),
            "[1, 2] [NULL, NULL]");
}

TEST(JsonArrayTest, SubscriptNamesOneElement) {
  const FieldPaths paths = {{{"a", 0}}, {{"a", 1}}, {{"a", 2}}, {{"a", 3}}};
  EXPECT_EQ(ExtractJson(R"({"a":[10,null,30]})", paths), "10 NULL 30 NULL");
  EXPECT_EQ(ExtractJson(R"({"a":[]})", paths), "NULL NULL NULL NULL");
  EXPECT_EQ(ExtractJson(R"({"b":[1]})", paths), "NULL NULL NULL NULL");
}

TEST(JsonArrayTest, WhatIsNoArrayIsItsOwnElementZero) {
  EXPECT_EQ(One("5", {{"a", 0}}), "5");
  EXPECT_EQ(One("5", {{"a", 1}}), "NULL");
  EXPECT_EQ(One("5", {{"a", 0}, {"", 0}, {"", 0}}), "5");
  EXPECT_EQ(One("5", {{"a", 0}, {"", 1}}), "NULL");
  EXPECT_EQ(One(R"({"b":7})", {{"a", 0}, "b"}), "7");
  EXPECT_EQ(One(R"({"b":7})", {{"a", 1}, "b"}), "NULL");
  EXPECT_EQ(One("[5,6]", {{"a", 1}, {"", 0}}), "6");
  EXPECT_EQ(One("[5,6]", {{"a", 1}, {"", 1}}), "NULL");
}

TEST(JsonArrayTest, SubscriptInTheMiddleOfAPath) {
  const std::string text = R"({"l":[{"p":1},{"p":[2,3]},{"q":4}],"end":5})";
  EXPECT_EQ(ExtractJson(text, {{{"l", 0}, "p"}, {{"l", 1}, "p"}, {{"l", 2}, "p"}, {"end"}}),
            "1 [2, 3] NULL 5");
  EXPECT_EQ(ExtractJson(text, {{{"l", 1}, {"p", 1}}, {"l", {"p", 1}}, {"l", {"p", 0}}}),
            "3 3 [1, 2]");
}

TEST(JsonArrayTest, SubscriptsOfNestedArrays) {
  const std::string text = R"({"a":[[1,2],3,[[4],5]]})";
  EXPECT_EQ(ExtractJson(text, {{{"a", 0}}, {{"a", 0}, {"", 1}}, {{"a", 1}, {"", 0}}}),
            "[1, 2] 2 3");
  EXPECT_EQ(ExtractJson(text, {{{"a", 2}}, {{"a", 2}, {"", 0}}, {{"a", 2}, {"", 1}}}),
            "[4, 5] 4 5");
  // The second element of `a`, never the second one of an array in it.
  EXPECT_EQ(One("[[1,2],[3,4]]", {{"a", 1}}), "[3, 4]");
  EXPECT_EQ(One("[[1,2]]", {{"a", 1}}), "NULL");
  EXPECT_EQ(One("[[[1,2],[3,4]]]", {{"a", 0}, {"", 1}}), "[3, 4]");
}

TEST(JsonArrayTest, PlainAndSubscriptedPathsTogether) {
  const std::string text = R"({"a":[{"b":1,"c":[10,11]},{"b":2,"c":[20,21]}]})";
  EXPECT_EQ(ExtractJson(text, {{"a", "b"},
                               {{"a", 1}, "b"},
                               {{"a", 0}, "b"},
                               {"a", "c"},
                               {{"a", 1}, "c"},
                               {{"a", 1}, {"c", 0}},
                               {"a", {"c", 1}},
                               {"a"},
                               {{"a", 0}}}),
            "[1, 2] 2 1 [10, 11, 20, 21] [20, 21] 20 [11, 21] [NULL, NULL] NULL");
}

TEST(JsonArrayTest, FirstMemberOfANameCountsInEachObject) {
  EXPECT_EQ(One(R"([{"b":1,"b":2},{"b":3,"b":4}])", {"a", "b"}), "[1, 3]");
  EXPECT_EQ(One(R"([{"o":{"b":1,"b":2},"o":{"b":3}},{"o":{"b":4}}])", {"a", "o", "b"}), "[1, 4]");
  EXPECT_EQ(
      ExtractJson(R"({"a":[{"b":1},{"b":2}],"a":[{"b":3}],"c":4,"c":5})", {{"a", "b"}, {"c"}}),
      "[1, 2] 4");
}

TEST(JsonArrayTest, ArrayIsReadToItsEndAndNothingBehindIt) {
  EXPECT_EQ(ExtractJson(R"({"a":[1,2], no JSON)", {{"a"}}), "[1, 2]");
  EXPECT_EQ(ExtractJson(R"({"a":[{"b":1},{"b":2}], no JSON)", {{"a", "b"}}), "[1, 2]");
  EXPECT_EQ(ExtractJson(R"({"b":1,"a":[1,2], no JSON)", {{"a"}, {"b"}}), "[1, 2] 1");
  EXPECT_EQ(ExtractJson(R"({"a":[{"b":1},{"b":2)", {{"a", "b"}}), "malformed");
  EXPECT_EQ(ExtractJson(R"({"a":[{"b":1}] no)", {{"a", "b"}, {"c"}}), "malformed");
}

TEST(JsonArrayTest, ElementsNobodyAskedForAreNotChecked) {
  EXPECT_EQ(ExtractJson(R"({"a":[1,{"x":nonsense},[no JSON],3,nonsense],"b":2})",
                        {{{"a", 0}}, {{"a", 3}}, {"b"}}),
            "1 3 2");
}

TEST(JsonArrayTest, MalformedArrays) {
  for (std::string_view value :
       {"[1",    "[1,",   "[1,]",  "[,1]", "[1,,2]", "[1:2]",       "[1}",    "[1 2]",
        "[x]",   "[{}",   "[{},]", "[[1]", "[[1}]",  "[{]]",        "[x{}]",  "[x[]]",
        "[1{}]", "[\"x]", "[]]",   "[1]]", "[ , ]",  "[{\"b\" 1}]", "[{b:1}]"}) {
    EXPECT_EQ(ExtractJson(fmt::format(R"({{"a":{}}})", value), {{"a"}, {"a", "b"}, {"c"}}),
              "malformed")
        << value;
  }
}

TEST(JsonArrayTest, TextOfEveryElementStaysInPlace) {
  std::string text = R"({"a":[)";
  std::string expected = "[";
  for (int i = 0; i < 500; ++i) {
    text += fmt::format(R"({}"\t{}")", i > 0 ? "," : "", i);
    expected += fmt::format("{}'\t{}'", i > 0 ? ", " : "", i);
  }
  EXPECT_EQ(ExtractJson(text + "]}", {{"a"}}), expected + "]");
}

std::string Repeated(size_t count, std::string_view element) {
  std::string text = "[";
  for (size_t i = 0; i < count; ++i) text.append(i > 0 ? "," : "").append(element);
  return text + "]";
}

TEST(JsonArrayTest, ElementsAtTheLimitAndOneMore) {
  const MessageLimits limits{.elements_max = 6};
  const auto extract = [&](size_t count, std::string_view element, const FieldPaths& paths) {
    return ExtractJson(fmt::format(R"({{"a":{},"c":1}})", Repeated(count, element)), paths, limits);
  };
  EXPECT_EQ(extract(6, "5", {{"a"}, {"c"}}), "[5, 5, 5, 5, 5, 5] 1");
  EXPECT_EQ(extract(7, "5", {{"a"}, {"c"}}), "malformed");
  EXPECT_EQ(extract(7, "5", {{{"a", 6}}, {"c"}}), "5 1");
  EXPECT_EQ(extract(7, "5", {{"c"}}), "1");
  // Of all fields together.
  EXPECT_EQ(extract(3, R"({"x":1,"y":2})", {{"a", "x"}, {"a", "y"}}), "[1, 1, 1] [2, 2, 2]");
  EXPECT_EQ(extract(4, R"({"x":1,"y":2})", {{"a", "x"}, {"a", "y"}}), "malformed");
  EXPECT_EQ(extract(2, "[1,2,3]", {{"a"}}), "[1, 2, 3, 1, 2, 3]");
  EXPECT_EQ(extract(7, "{}", {{"a"}}), "malformed");
  // The next body begins anew.
  const auto extractor = NewJsonExtractor({{"a"}}, limits);
  std::vector<Value> values(1);
  const PaddedBody over(fmt::format(R"({{"a":{}}})", Repeated(7, "1")));
  const PaddedBody at(fmt::format(R"({{"a":{}}})", Repeated(6, "1")));
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(extractor->Extract(over.view(), values));
    EXPECT_TRUE(extractor->Extract(at.view(), values));
    EXPECT_EQ(values[0].as_array().size(), 6u);
  }
}

TEST(JsonArrayTest, DepthInArraysAtTheLimitAndOneMore) {
  const MessageLimits limits{.depth_max = 5};
  for (size_t levels = 4; levels <= 5; ++levels) {
    const std::string body = fmt::format(R"({{"a":{}}})", NestedJson(levels, "[", "]"));

    EXPECT_EQ(ExtractJson(body, {{"a"}}, limits), levels == 4 ? "1" : "malformed");
    EXPECT_EQ(ExtractJson(body, {{{"a", 0}, {"", 0}}}, limits), levels == 4 ? "1" : "malformed");
    EXPECT_EQ(ExtractJson(body, {{{"a", 7}}}, limits), levels == 4 ? "NULL" : "malformed");
    EXPECT_EQ(ExtractJson(body, {{"a", "b"}}, limits), levels == 4 ? "NULL" : "malformed");
  }
}

}  // namespace
}  // namespace fluxgate
