#include "core/message/protobuf_message_type.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/message/extract_testing.h"
#include "core/message/message_testing.h"
#include "core/message/protobuf_testing.h"

namespace fluxgate {
namespace {

class ProtobufMessageTypeTest : public ::testing::Test {
 protected:
  std::unique_ptr<ProtobufMessageType> Make(const ProtobufTesting& files,
                                            const MessageLimits& limits = {}) {
    return *ProtobufMessageType::Make("orders", files.descriptor_set(), files.package() + "Order",
                                      limits);
  }
  // Of an Order in text form.
  std::string Extract3(const std::string& text, const std::vector<std::string>& paths) {
    return ExtractText(*type3_, files3_.Encode("Order", text), paths);
  }
  std::string Extract2(const std::string& text, const std::vector<std::string>& paths) {
    return ExtractText(*type2_, files2_.Encode("Order", text), paths);
  }
  // Written from these fields, in text form.
  std::string Serialized(const std::vector<std::pair<std::string, Value>>& fields) {
    return files3_.Decode("Order", SerializeText(*type3_, fields));
  }
  std::string SerializeError(const std::string& path, const Value& value) {
    return SerializeText(*type3_, {{path, value}});
  }

  const ProtobufTesting files3_{Proto3File()};
  const ProtobufTesting files2_{Proto2File()};
  const std::unique_ptr<ProtobufMessageType> type3_ = Make(files3_);
  const std::unique_ptr<ProtobufMessageType> type2_ = Make(files2_);
};

TEST_F(ProtobufMessageTypeTest, ReadsEveryType) {
  EXPECT_EQ(Extract3("id: 'x' price: 1.5 rate: 0.5 i32: -1 i64: -2 u32: 4294967295 "
                     "u64: 18446744073709551615 s32: -3 s64: -4",
                     {"/id", "/price", "/rate", "/i32", "/i64", "/u32", "/u64", "/s32", "/s64"}),
            "'x' 1.5d 0.5d -1 -2 4294967295 18446744073709551615u -3 -4");
  EXPECT_EQ(Extract3("f32: 1 f64: 2 sf32: -3 sf64: -4 open: true blob: '\\377' side: SELL far: 'f'",
                     {"/f32", "/f64", "/sf32", "/sf64", "/open", "/blob", "/side", "/far"}),
            "1 2 -3 -4 true '\xff' 'SELL' 'f'");
}

TEST_F(ProtobufMessageTypeTest, MessagesRepeatedFieldsAndMaps) {
  const std::string text =
      "leg { symbol: 'l' inner { fills: 1 } } legs { symbol: 'a' price: 1 fills: [1, 2] } "
      "legs { symbol: 'b' fills: 3 } tags: ['t', 'u'] sizes: [-1, 2] sides: [SELL, SHORT] "
      "counts { key: 'k' value: 7 }";
  EXPECT_EQ(Extract3(text, {"/leg/symbol", "/leg/inner/fills", "/legs/symbol", "/legs/fills"}),
            "'l' 1 ['a', 'b'] [1, 2, 3]");
  EXPECT_EQ(Extract3(text, {"/legs[1]/symbol", "/legs[0]/fills[1]", "/tags[1]", "/sizes"}),
            "'b' 2 'u' [-1, 2]");
  EXPECT_EQ(Extract3(text, {"/sides", "/counts/key", "/counts/value", "/leg", "/none"}),
            "['SELL', 'SHORT'] 'k' 7 NULL NULL");
}

TEST_F(ProtobufMessageTypeTest, WhatIsNoArrayIsItsOwnElementZero) {
  const std::string text =
      "price: 5 leg { symbol: 'l' } tags: ['t', 'u'] legs { symbol: 'a' } legs { symbol: 'b' }";
  EXPECT_EQ(Extract3(text, {"/price[0]", "/price[1]", "/price[0][0][0]", "/price[0][1]"}),
            "5d NULL 5d NULL");
  EXPECT_EQ(Extract3(text, {"/leg[0]/symbol", "/leg[1]/symbol", "/leg[0][0]/symbol[0][0]",
                            "/leg[0][1]/symbol"}),
            "'l' NULL 'l' NULL");
  EXPECT_EQ(Extract3(text, {"/tags[1][0]", "/tags[1][1]", "/tags[0][0][0]", "/tags"}),
            "'u' NULL 't' ['t', 'u']");
  EXPECT_EQ(Extract3(text, {"/legs[1][0]/symbol", "/legs[0][0][0]/symbol", "/legs[1][1]/symbol"}),
            "'b' 'a' NULL");
}

TEST_F(ProtobufMessageTypeTest, MessagesInArraysKeepTheirPlaceAsNull) {
  const std::string text =
      "legs { inner { } } legs { inner { price: 2 } } legs { } counts { key: 'k' }";
  EXPECT_EQ(Extract3(text, {"/legs", "/legs[1]", "/legs/inner", "/legs/inner/price", "/counts"}),
            "[NULL, NULL, NULL] NULL [NULL, NULL] [0d, 2d] NULL");
  EXPECT_EQ(Extract2("id: 'x' Parts { a: 1 } Parts { a: 2 }", {"/parts", "/parts/a"}),
            "[NULL, NULL] [1, 2]");
}

TEST_F(ProtobufMessageTypeTest, OfAOneofTheLastMemberCounts) {
  const std::string body = files3_.Encode("Order", "choice_leg { symbol: 'a' }") +
                           files3_.Encode("Order", "choice_leg { price: 1 }") +
                           files3_.Encode("Order", "number: 5");
  EXPECT_EQ(ExtractText(*type3_, body, {"/choice_leg/symbol", "/choice_leg/price", "/number"}),
            "NULL NULL 5");
  EXPECT_EQ(ExtractText(*type3_, body + files3_.Encode("Order", "choice_leg { price: 2 }"),
                        {"/choice_leg/symbol", "/choice_leg/price", "/number"}),
            "NULL 2d NULL");
}

// A message M with int32 fields of these numbers, named f and their number.
std::string MessageWithNumbers(const std::vector<int>& numbers) {
  google::protobuf::FileDescriptorSet files;
  auto* const file = files.add_file();
  file->set_name("m.proto");
  auto* const message = file->add_message_type();
  message->set_name("M");
  for (const int number : numbers) {
    auto* const field = message->add_field();
    field->set_name(fmt::format("f{}", number));
    field->set_number(number);
    field->set_type(google::protobuf::FieldDescriptorProto::TYPE_INT32);
    field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
  }
  return files.SerializeAsString();
}

TEST_F(ProtobufMessageTypeTest, FieldsWithHighNumbersInAnyOrder) {
  const auto type =
      *ProtobufMessageType::Make("m", MessageWithNumbers({90000, 63, 500, 1, 64, 65, 1000}), "M");
  // 1: 1, 63: 2, 64: 3, 65: 4, 66: 5 (not declared), 500: 6, 1000: 7, 90000: 8
  const std::string body =
      Bytes("08 01 f8 03 02 80 04 03 88 04 04 90 04 05 a0 1f 06 c0 3e 07 80 f9 2b 08");
  EXPECT_EQ(ExtractText(*type, body,
                        {"/f1000", "/f64", "/f90000", "/f1", "/f500", "/f63", "/f65", "/f66"}),
            "7 3 8 1 6 2 4 NULL");
  EXPECT_EQ(ExtractText(*type, body, {"/f500"}), "6");
  EXPECT_EQ(SerializeText(*type, {{"/f65", Value::Int(4)}, {"/f1", Value::Int(1)}}),
            Bytes("88 04 04 08 01"));
}

TEST_F(ProtobufMessageTypeTest, AbsentFieldsWithoutPresenceAreTheirDefaults) {
  EXPECT_EQ(Extract3("", {"/price", "/open", "/side", "/id", "/tags", "/leg/price"}),
            "0d false 'BUY' NULL NULL NULL");
  EXPECT_EQ(Extract3("leg {}", {"/leg/price", "/leg/note"}), "0d NULL");
  EXPECT_EQ(Extract3("", {"/maybe", "/number", "/text"}), "NULL NULL NULL");
  EXPECT_EQ(Extract3("maybe: 0 number: 0", {"/maybe", "/number"}), "0 0");
  // All of proto2 has presence.
  EXPECT_EQ(Extract2("id: 'x'", {"/qty", "/side", "/leg/price"}), "NULL NULL NULL");
}

TEST_F(ProtobufMessageTypeTest, TheLastValueOfASingularFieldCountsAndMessagesAreMerged) {
  const std::string twice =
      files3_.Encode("Order", "price: 1 leg { symbol: 'a' price: 1 fills: 1 } number: 5") +
      files3_.Encode("Order", "price: 2 leg { price: 2 fills: 2 } text: 'x'");
  EXPECT_EQ(ExtractText(*type3_, twice, {"/price", "/leg/symbol", "/leg/price", "/leg/fills"}),
            "2d 'a' 2d [1, 2]");
  EXPECT_EQ(ExtractText(*type3_, twice, {"/number", "/text"}), "NULL 'x'");
  EXPECT_EQ(ExtractText(*type3_, twice, {"/number"}), "NULL");
}

TEST_F(ProtobufMessageTypeTest, PackedOrNotRepeatedFieldsAreRead) {
  const std::string packed = Bytes("a2 01 02 02 04");
  const std::string unpacked = Bytes("a0 01 02 a0 01 04");
  EXPECT_EQ(ExtractText(*type3_, packed + unpacked, {"/sizes"}), "[1, 2, 1, 2]");
  EXPECT_EQ(ExtractText(*type3_, Bytes("a2 01 02 02 84"), {"/sizes"}), "malformed");
}

TEST_F(ProtobufMessageTypeTest, EnumerationsWithoutAName) {
  // proto3: the number. proto2: an unknown field.
  EXPECT_EQ(ExtractText(*type3_, Bytes("80 01 4d"), {"/side"}), "77");
  EXPECT_EQ(ExtractText(*type2_, Bytes("18 4d 20 01 20 4d"), {"/side", "/sides"}), "NULL 'BUY'");
}

TEST_F(ProtobufMessageTypeTest, Groups) {
  EXPECT_EQ(Extract2("id: 'x' Part { a: 1 b: ['x', 'y'] } Parts { a: 2 } Parts { a: 3 }",
                     {"/part/a", "/part/b", "/parts/a"}),
            "1 ['x', 'y'] [2, 3]");
}

TEST_F(ProtobufMessageTypeTest, AFieldOfAnotherWireTypeIsUnknown) {
  EXPECT_EQ(ExtractText(*type3_, Bytes("12 01 78"), {"/price"}), "0d");
  EXPECT_EQ(Rewritten(*type3_, Bytes("12 01 78")), Bytes("12 01 78"));
}

TEST_F(ProtobufMessageTypeTest, Malformed) {
  for (const char* hex : {"0a", "0a 02 78", "11 00", "20", "20 ff ff ff ff ff ff ff ff ff ff", "06",
                          "07", "00", "02 00", "0c", "0b", "0b 13 0c 14", "0a 01 ff"}) {
    EXPECT_EQ(ExtractText(*type3_, Bytes(hex), {"/id"}), "malformed") << hex;
    EXPECT_NE(ParseError(*type3_, Bytes(hex)), "") << hex;
  }
  EXPECT_EQ(ParseError(*type3_, Bytes("20 01 0a 02 78")),
            "field that is cut short or of no known wire type at 2");
  EXPECT_EQ(ParseError(*type3_, Bytes("0a 01 ff")), "field id is not UTF-8 at 1");
}

TEST_F(ProtobufMessageTypeTest, UnknownFieldsAreKept) {
  // Fields 100 (a varint) and 101 (bytes), a group 102.
  const std::string unknown = Bytes("a0 06 05 aa 06 01 78 b3 06 08 01 b4 06");
  EXPECT_EQ(Rewritten(*type3_, unknown), unknown);
  std::string merged;
  ASSERT_TRUE(
      type3_->Merge(files3_.Encode("Order", "id: 'x'") + unknown, Bytes("a0 06 06"), merged).ok());
  EXPECT_EQ(merged,
            files3_.Encode("Order", "id: 'x'") + Bytes("a0 06 06 aa 06 01 78 b3 06 08 01 b4 06"));
}

TEST_F(ProtobufMessageTypeTest, Deltas) {
  const std::string before =
      files3_.Encode("Order", "id: 'x' price: 1 leg { symbol: 'a' price: 1 } tags: 't'");
  const std::string delta = files3_.Encode("Order", "price: 2 leg { price: 2 } tags: 'u'");
  std::string merged;
  ASSERT_TRUE(type3_->Merge(before, delta, merged).ok());
  EXPECT_EQ(files3_.Decode("Order", merged),
            R"(id: "x" price: 2 leg { symbol: "a" price: 2 } tags: "u")");
  std::string difference;
  bool changed = false;
  ASSERT_TRUE(type3_->Diff(before, merged, {}, difference, changed).ok());
  EXPECT_EQ(difference, delta);
}

TEST_F(ProtobufMessageTypeTest, NewValues) {
  EXPECT_EQ(Serialized({{"/id", Value::String("x")},
                        {"/price", Value::Int(2)},
                        {"/i32", Value::Double(-5)},
                        {"/s64", Value::Int(INT64_MIN)},
                        {"/u64", Value::Uint(UINT64_MAX)},
                        {"/open", Value::Bool(true)},
                        {"/side", Value::String("SELL")},
                        {"/blob", Value::String("\xff")},
                        {"/maybe", Value::Null()}}),
            R"(id: "x" price: 2 i32: -5 u64: 18446744073709551615 s64: -9223372036854775808 )"
            R"(open: true blob: "\377" side: SELL)");
  const Value tags[] = {Value::String("a"), Value::String("b")};
  EXPECT_EQ(Serialized({{"/leg/inner/note", Value::Int(1)},
                        {"/legs[1]/price", Value::Int(1)},
                        {"/tags", Value::Array(tags)},
                        {"/sizes", Value::Int(-1)},
                        {"/sides", Value::Int(-5)},
                        {"/counts[0]/key", Value::String("k")},
                        {"/counts[0]/value", Value::Int(3)}}),
            R"(leg { inner { note: 1 } } legs { } legs { price: 1 } tags: "a" tags: "b" )"
            R"(sizes: -1 sides: SHORT counts { key: "k" value: 3 })");
}

TEST_F(ProtobufMessageTypeTest, NumbersThatAFloatDoesNotHaveAreRounded) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const auto& [number, text] :
       std::vector<std::pair<double, std::string>>{{0.1, "rate: 0.1"},
                                                   {1e300, "rate: inf"},
                                                   {-1e300, "rate: -inf"},
                                                   {kInfinity, "rate: inf"},
                                                   {-kInfinity, "rate: -inf"},
                                                   {std::nan(""), "rate: nan"},
                                                   {0x1.fffffep127, "rate: 3.40282347e+38"},
                                                   {0x1.fffffefp127, "rate: 3.40282347e+38"},
                                                   {-0x1.fffffefp127, "rate: -3.40282347e+38"},
                                                   {0x1.ffffffp127, "rate: inf"},
                                                   {-0x1.ffffffp127, "rate: -inf"}}) {
    EXPECT_EQ(Serialized({{"/rate", Value::Double(number)}}), text) << number;
  }
}

TEST_F(ProtobufMessageTypeTest, ValuesThatAFieldCannotHave) {
  for (const auto& [path, value] :
       std::vector<std::pair<std::string, Value>>{{"/i32", Value::Int(int64_t{INT32_MAX} + 1)},
                                                  {"/i32", Value::Int(int64_t{INT32_MIN} - 1)},
                                                  {"/i32", Value::Double(1.5)},
                                                  {"/i32", Value::String("1")},
                                                  {"/u32", Value::Int(-1)},
                                                  {"/u32", Value::Int(int64_t{UINT32_MAX} + 1)},
                                                  {"/i64", Value::Uint(uint64_t{1} << 63)},
                                                  {"/i64", Value::Double(9223372036854775808.0)},
                                                  {"/u64", Value::Double(18446744073709551616.0)},
                                                  {"/price", Value::String("1")},
                                                  {"/open", Value::Int(2)},
                                                  {"/side", Value::String("HOLD")},
                                                  {"/id", Value::Int(1)},
                                                  {"/id", Value::String("\xff")}}) {
    EXPECT_EQ(SerializeError(path, value),
              fmt::format("field {} cannot have that value", path.substr(1)));
  }
  EXPECT_EQ(SerializeError("/none", Value::Int(1)),
            "message fluxgate.testing3.Order has no field none");
  EXPECT_EQ(SerializeError("/17", Value::Int(1)),
            "message fluxgate.testing3.Order has no field 17");
  EXPECT_EQ(SerializeError("/leg", Value::Int(1)), "field leg is a message");
  EXPECT_EQ(SerializeError("/id/x", Value::Int(1)), "field id is no message");
  EXPECT_EQ(SerializeError("/id[1]", Value::String("x")), "field id is not repeated");
}

TEST_F(ProtobufMessageTypeTest, DescriptorSetsThatDoNotFit) {
  const auto error = [](std::string_view set, std::string_view message) {
    return ErrorText(ProtobufMessageType::Make("m", set, message).status());
  };
  EXPECT_EQ(error("", "m.M"), "is no descriptor set of protoc");
  EXPECT_EQ(error("\xff", "m.M"), "is no descriptor set of protoc");
  EXPECT_EQ(error(files3_.descriptor_set(), "fluxgate.testing3.Ordr"),
            "descriptor set without a message fluxgate.testing3.Ordr");
  google::protobuf::FileDescriptorSet files;
  files.add_file()->set_name("a.proto");
  files.mutable_file(0)->add_dependency("b.proto");
  EXPECT_EQ(error(files.SerializeAsString(), "m.M"),
            "descriptor set with an error (is it made with --include_imports?): a.proto: b.proto: "
            "Import \"b.proto\" has not been loaded.");
}

TEST_F(ProtobufMessageTypeTest, DepthLimit) {
  const auto type = Make(files3_, {.depth_max = 4});
  const std::string at = files3_.Encode("Order", "leg { inner { inner { price: 1 } } }");
  const std::string over = files3_.Encode("Order", "leg { inner { inner { inner { } } } }");
  EXPECT_EQ(ExtractText(*type, at, {"/leg/inner/inner/price"}), "1d");
  EXPECT_EQ(ParseError(*type, at), "");
  EXPECT_EQ(ParseError(*type, over), "nested deeper than 4 at 9");
}

TEST_F(ProtobufMessageTypeTest, DepthLimitOfWrittenBodies) {
  const auto type = Make(files3_, {.depth_max = 4});
  const Value one = Value::Int(1);
  EXPECT_EQ(ParseError(*type, SerializeText(*type, {{"/leg/inner/inner/price", one}})), "");
  EXPECT_EQ(SerializeText(*type, {{"/leg/inner/inner/inner/price", one}}),
            "message fluxgate.testing3.Leg is nested too deep");
}

TEST_F(ProtobufMessageTypeTest, AValueBesideMembersIsRefused) {
  const Value one = Value::Int(1);
  EXPECT_EQ(SerializeText(*type3_, {{"/leg/price", one}, {"/leg", one}}),
            "field leg is a message and has no value of its own");
}

TEST_F(ProtobufMessageTypeTest, GroupsInsideUnknownGroupsLimit) {
  const auto nested = [](size_t depth) {
    std::string body;
    for (size_t i = 0; i < depth; ++i) body += Bytes("a3 06");
    for (size_t i = 0; i < depth; ++i) body += Bytes("a4 06");
    return body;
  };
  EXPECT_EQ(ExtractText(*type3_, nested(kGroupDepthMax), {"/id"}), "NULL");
  EXPECT_EQ(ExtractText(*type3_, nested(kGroupDepthMax + 1), {"/id"}), "malformed");
}

TEST_F(ProtobufMessageTypeTest, FieldsLimit) {
  const auto type = Make(files3_, {.fields_max = 3});
  EXPECT_EQ(ParseError(*type, files3_.Encode("Order", "id: 'x' sizes: [1, 2]")), "");
  EXPECT_EQ(ParseError(*type, files3_.Encode("Order", "id: 'x' sizes: [1, 2, 3]")),
            "more fields than allowed at 8");
}

TEST_F(ProtobufMessageTypeTest, ElementsLimit) {
  const auto type = Make(files3_, {.elements_max = 3});
  EXPECT_EQ(ExtractText(*type, files3_.Encode("Order", "sizes: [1, 2, 3]"), {"/sizes"}),
            "[1, 2, 3]");
  EXPECT_EQ(ExtractText(*type, files3_.Encode("Order", "sizes: [1, 2, 3, 4]"), {"/sizes"}),
            "malformed");
  EXPECT_EQ(ExtractText(*type, files3_.Encode("Order", "legs {} legs {} legs {}"), {"/legs"}),
            "[NULL, NULL, NULL]");
  EXPECT_EQ(
      ExtractText(*type, files3_.Encode("Order", "legs {} legs {} legs {} legs {}"), {"/legs"}),
      "malformed");
}

TEST_F(ProtobufMessageTypeTest, PartsOfMergedMessagesLimit) {
  const auto type = Make(files3_, {.elements_max = 3});
  const std::string leg = Bytes("8a 01 00");
  const std::string choice = Bytes("d2 01 00");
  const std::string priced = files3_.Encode("Order", "leg { price: 2 }");
  const std::string at = leg + leg + leg + priced;
  // The first one does not count.
  EXPECT_EQ(ExtractText(*type, at, {"/leg/price"}), "2d");
  EXPECT_EQ(ExtractText(*type, leg + at, {"/leg/price"}), "malformed");
  // Of all messages together, also those in whose place another of their oneof came.
  const std::string text = files3_.Encode("Order", "text: 'x'");
  EXPECT_EQ(ExtractText(*type, leg + priced + choice + choice + choice + text,
                        {"/leg/price", "/choice_leg/price", "/text"}),
            "2d NULL 'x'");
  EXPECT_EQ(ExtractText(*type, leg + priced + choice + choice + choice + choice + text,
                        {"/leg/price", "/choice_leg/price", "/text"}),
            "malformed");
  // Not when nothing in it is asked for.
  EXPECT_EQ(ExtractText(*type, leg + at + text, {"/text"}), "'x'");
  // The next body begins anew.
  const auto extractor = NewExtractor(*type, {{"leg", "price"}});
  std::vector<Value> values(1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(extractor->Extract(PaddedBody(leg + at).view(), values));
    EXPECT_TRUE(extractor->Extract(PaddedBody(at).view(), values));
    EXPECT_EQ(ValueText(values[0]), "2d");
  }
}

}  // namespace
}  // namespace fluxgate
