#include "core/filter/select_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/message/bson_message_type.h"
#include "core/message/extract_testing.h"
#include "core/message/fix_message_type.h"
#include "core/message/json_message_type.h"
#include "core/message/msgpack_message_type.h"
#include "core/message/protobuf_message_type.h"
#include "core/message/protobuf_testing.h"
#include "core/message/xml_message_type.h"

namespace fluxgate {
namespace {

// What is left; the error's text when there is one.
std::string Selected(const MessageType& type, std::string_view list, std::string_view body) {
  const auto parsed = SelectList::Parse(list);
  if (!parsed.ok()) return ErrorText(parsed.status());
  std::string out;
  const absl::Status status = (*parsed)->Apply(type, body, out);
  return status.ok() ? out : ErrorText(status);
}

std::string Json(std::string_view list, std::string_view body) {
  return Selected(JsonMessageType(), list, body);
}

std::string Canonical(std::string_view list) {
  const auto parsed = SelectList::Parse(list);
  return parsed.ok() ? (*parsed)->canonical() : ErrorText(parsed.status());
}

TEST(SelectListTest, TakesFieldsOut) {
  EXPECT_EQ(Json("-/a", R"({"a":1,"b":2})"), R"({"b":2})");
  EXPECT_EQ(Json("-/a,-/b", R"({"a":1,"b":2})"), "{}");
  EXPECT_EQ(Json("-/a", R"({"a":{"x":[1,{"y":2}]},"b":2})"), R"({"b":2})");
  EXPECT_EQ(Json("-/", R"({"a":1})"), "{}");
  EXPECT_EQ(Json("-/,+/b", R"({"a":1,"b":2,"c":3})"), R"({"b":2})");
  EXPECT_EQ(Json("-/,+/b", R"({"a":1})"), "{}");
}

TEST(SelectListTest, MostSpecificCounts) {
  const std::string body = R"({"a":{"b":{"c":1,"d":2},"e":3},"f":4})";
  EXPECT_EQ(Json("-/a,+/a/b", body), R"({"a":{"b":{"c":1,"d":2}},"f":4})");
  EXPECT_EQ(Json("+/a/b,-/a", body), R"({"a":{"b":{"c":1,"d":2}},"f":4})");
  EXPECT_EQ(Json("-/a,+/a/b,-/a/b/c", body), R"({"a":{"b":{"d":2}},"f":4})");
  EXPECT_EQ(Json("-/,+/a,-/a/b,+/a/b/c", body), R"({"a":{"b":{"c":1},"e":3}})");
  EXPECT_EQ(Json("-/,+/a/b/c", body), R"({"a":{"b":{"c":1}}})");
}

TEST(SelectListTest, OfTheSameTheFirstWins) {
  EXPECT_EQ(Json("-/a,+/a", R"({"a":1,"b":2})"), R"({"b":2})");
  EXPECT_EQ(Json("+/a,-/a", R"({"a":1,"b":2})"), R"({"a":1,"b":2})");
  EXPECT_EQ(Json("+/,-/", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(Json("-/,+/", R"({"a":1})"), "{}");
}

TEST(SelectListTest, WhatIsOutStaysOnlyAsTheWay) {
  EXPECT_EQ(Json("-/,+/a/b", R"({"a":{"c":1},"d":2})"), "{}");
  EXPECT_EQ(Json("-/a,+/a/b", R"({"a":{},"d":2})"), R"({"d":2})");
  EXPECT_EQ(Json("-/a,+/a/b", R"({"a":5,"d":2})"), R"({"d":2})");
  // What is in stays, even with nothing left in it.
  EXPECT_EQ(Json("-/a/b", R"({"a":{"b":1}})"), R"({"a":{}})");
}

TEST(SelectListTest, StepsGoIntoEveryElement) {
  const std::string body = R"({"lines":[{"sku":"a","qty":1},{"qty":2},{"sku":"b"}],"id":7})";
  EXPECT_EQ(Json("-/lines/qty", body), R"({"lines":[{"sku":"a"},{},{"sku":"b"}],"id":7})");
  EXPECT_EQ(Json("-/,+/lines/sku", body), R"({"lines":[{"sku":"a"},{"sku":"b"}]})");
  EXPECT_EQ(Json("-/,+/lines/none", body), "{}");
  EXPECT_EQ(Json("-/,+/a/b", R"({"a":[1,[{"b":2,"c":3},[]],{"c":4}]})"), R"({"a":[[{"b":2}]]})");
  EXPECT_EQ(Json("-/,+/a", R"({"a":[1,{"b":[]}],"c":0})"), R"({"a":[1,{"b":[]}]})");
}

TEST(SelectListTest, SpellingStays) {
  EXPECT_EQ(Json("-/a", R"({ "a":1, "b": 1.50 , "c":"\u0041" })"), R"({"b":1.50,"c":"\u0041"})");
}

TEST(SelectListTest, ABodyOfWhichNothingIsTakenIsCopied) {
  const std::string body = R"({ "b" : 1.50 })";
  for (const std::string_view list : {"-/a", "-/,+/b", "+/b", "-/b/c", "-/a,+/b/c"}) {
    EXPECT_EQ(Json(list, body), body) << list;
  }
  EXPECT_EQ(Json("-/", " { } "), " { } ");
}

TEST(SelectListTest, AListOfEverythingDoesNotLookIn) {
  EXPECT_EQ(Json("+/,-/", "no json"), "no json");
  EXPECT_TRUE((*SelectList::Parse("+/a"))->selects_all());
  EXPECT_FALSE((*SelectList::Parse("-/a"))->selects_all());
}

TEST(SelectListTest, AMalformedBodyIsAnErrorAndAddsNothing) {
  std::string out = "before";
  const absl::Status status = (*SelectList::Parse("-/a"))->Apply(JsonMessageType(), "{\"a\"", out);
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
  EXPECT_EQ(out, "before");
  ASSERT_TRUE((*SelectList::Parse("-/a"))->Apply(JsonMessageType(), "{\"a\":1}", out).ok());
  EXPECT_EQ(out, "before{}");
}

TEST(SelectListTest, ListsOneAfterTheOther) {
  const std::string body = R"({"a":1,"b":2,"c":3})";
  Document document;
  ASSERT_TRUE(JsonMessageType().Parse(body, document).ok());
  EXPECT_TRUE((*SelectList::Parse("-/a"))->Select(document));
  EXPECT_TRUE((*SelectList::Parse("-/,+/a,+/b"))->Select(document));
  EXPECT_FALSE((*SelectList::Parse("-/c"))->Select(document));
  std::string out;
  ASSERT_TRUE(JsonMessageType().Write(document, out).ok());
  EXPECT_EQ(out, R"({"b":2})");
}

TEST(SelectListTest, Fix) {
  const FixMessageType fix(FixMessageType::Names::kTags);
  EXPECT_EQ(Selected(fix, "-/55", "35=D\00155=A\00155=B\00138=5\001"), "35=D\00138=5\001");
  EXPECT_EQ(Selected(fix, "-/,+/38", "35=D\00155=A\00138=5\001"), "38=5\001");
  EXPECT_EQ(Selected(fix, "-/", "35=D\001"), "");
  // A data field and its length (95, 96) go together.
  const std::string data = "35=D\00195=3\00196=a\001b\00138=5\001";
  EXPECT_EQ(Selected(fix, "-/96", data), "35=D\00138=5\001");
  EXPECT_EQ(Selected(fix, "-/,+/96", data), "95=3\00196=a\001b\001");
  EXPECT_EQ(Selected(fix, "-/95", data), data);
}

TEST(SelectListTest, Nvfix) {
  const FixMessageType nvfix(FixMessageType::Names::kText);
  EXPECT_EQ(Selected(nvfix, "-/,+/symbol", "symbol=A\001qty=5\001"), "symbol=A\001");
}

TEST(SelectListTest, Xml) {
  const XmlMessageType xml;
  const std::string body =
      R"(<order id="7">text<line sku="a">1<qty>2</qty></line><line><qty>3</qty></line></order>)";
  EXPECT_EQ(Selected(xml, "-/order/line", body), R"(<order id="7">text</order>)");
  EXPECT_EQ(Selected(xml, "-/,+/order/@id", body), R"(<order id="7"/>)");
  EXPECT_EQ(Selected(xml, "-/order/line,+/order/line/@sku", body),
            R"(<order id="7">text<line sku="a"/></order>)");
  EXPECT_EQ(Selected(xml, "-/,+/order/line/qty", body),
            "<order><line><qty>2</qty></line><line><qty>3</qty></line></order>");
  // There is no XML without an element.
  EXPECT_EQ(Selected(xml, "-/", body), "");
  EXPECT_EQ(Selected(xml, "-/,+/trade", body), "");
}

TEST(SelectListTest, Msgpack) {
  // {"a": [{"b": 1, "c": 2}], "d": <extension 5>}
  const std::string body = Bytes("82 a1 61 91 82 a1 62 01 a1 63 02 a1 64 d4 05 68");
  EXPECT_EQ(Selected(MsgpackMessageType(), "-/a/b", body),
            Bytes("82 a1 61 91 81 a1 63 02 a1 64 d4 05 68"));
  EXPECT_EQ(Selected(MsgpackMessageType(), "-/,+/d", body), Bytes("81 a1 64 d4 05 68"));
  EXPECT_EQ(Selected(MsgpackMessageType(), "-/", body), Bytes("80"));
}

TEST(SelectListTest, Bson) {
  // {"a": [{"b": 1}, {"c": 2}]}: elements are named by their position.
  const std::string body = Bytes(
      "2b 00 00 00 04 61 00 23 00 00 00 03 30 00 0c 00 00 00 10 62 00 01 00 00 00 00 "
      "03 31 00 0c 00 00 00 10 63 00 02 00 00 00 00 00 00");
  ASSERT_EQ(
      ExtractText(BsonMessageType(), Selected(BsonMessageType(), "-/,+/a", body), {"/a/b", "/a/c"}),
      "1 2");
  EXPECT_EQ(ExtractText(BsonMessageType(), Selected(BsonMessageType(), "-/,+/a/c", body),
                        {"/a/b", "/a[0]/c"}),
            "NULL 2");
}

TEST(SelectListTest, Protobuf) {
  const ProtobufTesting files{Proto3File()};
  const auto type =
      *ProtobufMessageType::Make("orders", files.descriptor_set(), files.package() + "Order");
  const std::string body =
      files.Encode("Order",
                   "id: 'x' price: 2 leg { symbol: 'A' price: 1 inner { symbol: 'B' price: 3 } } "
                   "legs { symbol: 'C' price: 4 } legs { price: 5 }");
  const auto selected = [&](std::string_view list) {
    return files.Decode("Order", Selected(*type, list, body));
  };
  const auto same = [&](const std::string& text) {
    return files.Decode("Order", files.Encode("Order", text));
  };
  EXPECT_EQ(selected("-/,+/id"), same("id: 'x'"));
  EXPECT_EQ(selected("-/leg,+/leg/inner/symbol,-/legs/price"),
            same("id: 'x' price: 2 leg { inner { symbol: 'B' } } legs { symbol: 'C' } legs { }"));
  EXPECT_EQ(selected("-/,+/legs/symbol"), same("legs { symbol: 'C' }"));
}

TEST(SelectListTest, ListsThatMeanTheSameHaveOneText) {
  EXPECT_EQ(Canonical("-/,+/b,+/a/c"), "-/,+/a/c,+/b");
  EXPECT_EQ(Canonical(" +/a/c , +/b,\t-/"), "-/,+/a/c,+/b");
  EXPECT_EQ(Canonical("-/a,-/a/b,-/a,+/a"), "-/a");
  EXPECT_EQ(Canonical("-/a,-/a/b,+/a/b/c"), "-/a,+/a/b/c");
  EXPECT_EQ(Canonical("+/a,+/b/c,+/"), "");
  EXPECT_EQ(Canonical("-[/a,b/c],-[/@x]"), "-/@x,-[/a,b/c]");
  for (const std::string_view list : {"-/,+/a/c,+/b", "-/a,+/a/b/c", "-/@x,-[/a,b/c]"}) {
    EXPECT_EQ(Canonical(list), list);
  }
}

TEST(SelectListTest, NamesInBrackets) {
  EXPECT_EQ(Json("-[/a,b]", R"({"a,b":1,"c":2})"), R"({"c":2})");
  EXPECT_EQ(Json(R"(-[/a\]],-/c)", R"({"a]":1,"b":2,"c":3})"), R"({"b":2})");
}

TEST(SelectListTest, WrongEntries) {
  const auto error = [](std::string_view list) {
    const auto parsed = SelectList::Parse(list);
    EXPECT_EQ(ErrorCodeOf(parsed.status()), ErrorCode::kBadOption) << list;
    return ErrorText(parsed.status());
  };
  EXPECT_EQ(error(""), "select list: '': expected '+' or '-' and a field");
  EXPECT_EQ(error("-/a,"), "select list: '': expected '+' or '-' and a field");
  EXPECT_EQ(error("-/a,/b"), "select list: '/b': expected '+' or '-' and a field");
  EXPECT_NE(error("-/a,+b").find("'+b': expected a field like /name"), std::string::npos);
  EXPECT_NE(error("-/a/").find("'-/a/'"), std::string::npos);
  EXPECT_NE(error("-/a[0]").find("'-/a[0]': names an element"), std::string::npos);
  EXPECT_NE(error("-[t]./a").find("'-[t]./a'"), std::string::npos);
  EXPECT_NE(error("-[/a").find("'-[/a'"), std::string::npos);
  EXPECT_LT(error("x" + std::string(10000, 'a')).size(), 300U);
}

TEST(SelectListTest, FromFields) {
  const std::vector<FieldPath> fields = {{{"b"}}, {{"a", "c"}}};
  const auto list = SelectList::FromFields(fields);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ((*list)->canonical(), "-/,+/a/c,+/b");
  EXPECT_EQ((*SelectList::FromFields({}))->canonical(), "-/");
  const std::vector<FieldPath> envelope = {{{}, EnvelopeField::kTopicName}};
  EXPECT_EQ(ErrorCodeOf(SelectList::FromFields(envelope).status()), ErrorCode::kBadOption);
}

TEST(SelectListTest, Limits) {
  const SelectLimits limits{.text_bytes_max = 40, .entries_max = 3, .depth_max = 2};
  const auto code = [&limits](std::string_view list) {
    return ErrorCodeOf(SelectList::Parse(list, limits).status());
  };
  EXPECT_EQ(code("-/a,-/b,-/c"), ErrorCode::kNone);
  EXPECT_EQ(code("-/a,-/b,-/c,-/d"), ErrorCode::kBadOption);
  EXPECT_EQ(code("-/a/b"), ErrorCode::kNone);
  EXPECT_EQ(code("-/a/b/c"), ErrorCode::kBadOption);
  EXPECT_EQ(code("-/" + std::string(38, 'a')), ErrorCode::kNone);
  EXPECT_EQ(code("-/" + std::string(39, 'a')), ErrorCode::kBadOption);
  std::vector<FieldPath> fields = {{{"a"}}, {{"b"}}};
  EXPECT_TRUE(SelectList::FromFields(fields, limits).ok());
  fields.push_back({{"c"}});
  EXPECT_EQ(ErrorCodeOf(SelectList::FromFields(fields, limits).status()), ErrorCode::kBadOption);
}

TEST(SelectListTest, DefaultLimits) {
  std::string most = "-/f0";
  for (uint32_t i = 1; i < SelectLimits().entries_max; ++i) most += ",-/f" + std::to_string(i);
  EXPECT_EQ(std::count(most.begin(), most.end(), ',') + 1, 1024);
  EXPECT_EQ(Json(most, R"({"f0":1,"f1023":2,"f1024":3})"), R"({"f1024":3})");
  EXPECT_EQ(Canonical(most + ",-/x"), "select list: more than 1024 entries");
  std::string deep = "-";
  for (uint32_t i = 0; i < SelectLimits().depth_max; ++i) deep += "/a";
  EXPECT_EQ(Canonical(deep), deep);
  EXPECT_NE(Canonical(deep + "/a").find("deeper than 64 steps"), std::string::npos);
}

}  // namespace
}  // namespace fluxgate
