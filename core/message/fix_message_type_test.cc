#include "core/message/fix_message_type.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/message/message_testing.h"

namespace fluxgate {
namespace {

using Names = FixMessageType::Names;
using Paths = std::vector<std::vector<FieldStep>>;

// Bodies are written with '|' for the separator.
std::string Body(std::string text) {
  std::replace(text.begin(), text.end(), '|', '\x01');
  return text;
}
std::string Shown(std::string text) {
  std::replace(text.begin(), text.end(), '\x01', '|');
  return text;
}

std::string ExtractWith(const FixMessageType& type, std::string_view body, const Paths& paths) {
  std::vector<FieldRequest> requests;
  for (const auto& path : paths) {
    requests.push_back({{.steps = path}, static_cast<FieldSlot>(requests.size())});
  }
  const auto extractor = type.NewExtractor(requests);
  std::string first;
  for (const char padding : {'"', '=', '\x01', '1', '|'}) {
    std::vector<Value> values(paths.size(), Value::Int(-77));
    const PaddedBody padded(body, padding);
    std::string shown;
    const bool ok = extractor->Extract(padded.view(), values);
    for (const Value& value : values) {
      if (!ok) {
        EXPECT_TRUE(value.is_null());
      }
      if (!shown.empty()) shown += ' ';
      shown += ValueText(value);
    }
    if (!ok) shown = "malformed";
    if (first.empty()) first = shown;
    EXPECT_EQ(shown, first) << "with padding " << padding;
  }
  return Shown(first);
}

std::string Fix(const std::string& text, const Paths& paths, const MessageLimits& limits = {}) {
  return ExtractWith(FixMessageType(Names::kTags, {}, limits), Body(text), paths);
}
std::string Nvfix(const std::string& text, const Paths& paths) {
  return ExtractWith(FixMessageType(Names::kText), Body(text), paths);
}

TEST(FixExtractorTest, ReadsFieldsByTag) {
  const std::string order = "8=FIX.4.4|9=65|35=D|49=BUYER|55=MSFT|44=187.25|38=300|10=123|";
  EXPECT_EQ(Fix(order, {{"55"}}), "'MSFT'");
  EXPECT_EQ(Fix(order, {{"44"}, {"38"}, {"8"}, {"10"}}), "'187.25' '300' 'FIX.4.4' '123'");
  EXPECT_EQ(Fix(order, {{"5"}, {"555"}, {"0"}, {"x"}}), "NULL NULL NULL NULL");
}

TEST(FixExtractorTest, TheLastFieldNeedsNoSeparator) {
  EXPECT_EQ(Fix("55=MSFT|44=1", {{"55"}, {"44"}}), "'MSFT' '1'");
  EXPECT_EQ(Fix("55=", {{"55"}}), "NULL");
}

TEST(FixExtractorTest, AnEmptyBodyHasNoFields) { EXPECT_EQ(Fix("", {{"55"}}), "NULL"); }

TEST(FixExtractorTest, AnEmptyValueIsNull) {
  EXPECT_EQ(Fix("55=|44=1|", {{"55"}, {"44"}}), "NULL '1'");
}

TEST(FixExtractorTest, AValueMayHoldTheValueSeparator) {
  EXPECT_EQ(Fix("58=a=b==|55=x|", {{"58"}, {"55"}}), "'a=b==' 'x'");
}

TEST(FixExtractorTest, RepeatedTagsAreAnArrayInTheirOrder) {
  const std::string parties = "453=3|448=A|447=D|448=B|447=G|448=C|447=|";
  EXPECT_EQ(Fix(parties, {{"448"}}), "['A', 'B', 'C']");
  EXPECT_EQ(Fix(parties, {{"447"}}), "['D', 'G', NULL]");
  EXPECT_EQ(Fix(parties, {{{"448", 0}}, {{"448", 1}}, {{"448", 2}}, {{"448", 3}}}),
            "'A' 'B' 'C' NULL");
  EXPECT_EQ(Fix(parties, {{{"448", 1}}, {"448"}, {{"453", 0}}}), "'B' ['A', 'B', 'C'] '3'");
}

TEST(FixExtractorTest, PathsWithMoreThanOneNameAreNeverFound) {
  EXPECT_EQ(Fix("55=x|44=1|", {{"55", "44"}, {"44"}, {{"55", 0}, "44"}}), "NULL '1' NULL");
}

TEST(FixExtractorTest, WhatIsThereOnceIsItsOwnFirstRepetition) {
  EXPECT_EQ(Fix("448=A|448=B|", {{{"448", 1}, {"", 0}}, {{"448", 1}, {"", 1}}}), "'B' NULL");
}

TEST(FixExtractorTest, WhatIsNoFieldIsMalformed) {
  for (const char* text : {"55", "55|", "|", "=", "=x|", "55=x||44=1|", "a=1|", "5a=1|", "-5=1|",
                           " 55=1|", "055=1|", "0=1|", "55=x|44", "55=x|=", "55=x|4 4=1"}) {
    EXPECT_EQ(Fix(text, {{"55"}}), "malformed") << text;
  }
}

TEST(FixExtractorTest, TagsAndValuesOfEverySize) {
  for (size_t size = 1; size < 80; ++size) {
    const std::string tag(size, '7');
    const std::string value(size, 'v');
    EXPECT_EQ(Fix("1=a|" + tag + "=" + value + "|2=b|", {{tag}, {"2"}}), "'" + value + "' 'b'");
    EXPECT_EQ(Fix("1=a|" + tag + "x=" + value + "|2=b|", {{"2"}}), "malformed");
    EXPECT_EQ(Fix("1=a|" + tag + "|2=b|", {{"2"}}), "malformed");
  }
}

TEST(FixExtractorTest, DataFieldsAreAsLongAsAnnounced) {
  EXPECT_EQ(Fix("95=6|96=a|55=b|55=x|", {{"96"}, {"55"}}), "'a|55=b' 'x'");
  EXPECT_EQ(Fix("95=0|96=|55=x|", {{"96"}, {"55"}}), "NULL 'x'");
  EXPECT_EQ(Fix("95=2|96=|||", {{"96"}}), "'||'") << "the last separator is the field's own end";
  for (const FixDataField& field : kFixDataFields) {
    const std::string length = std::to_string(field.length_tag);
    const std::string data = std::to_string(field.data_tag);
    EXPECT_EQ(Fix(length + "=3|" + data + "=a|b|55=x", {{data}, {"55"}}), "'a|b' 'x'") << length;
  }
}

TEST(FixExtractorTest, ALengthHoldsForTheNextFieldOnly) {
  EXPECT_EQ(Fix("95=9|55=x|96=ab|", {{"96"}, {"55"}}), "'ab' 'x'");
  EXPECT_EQ(Fix("96=ab|55=x|", {{"96"}, {"55"}}), "'ab' 'x'");
  EXPECT_EQ(Fix("95=9|91=ab|55=x|", {{"91"}, {"55"}}), "'ab' 'x'");
}

TEST(FixExtractorTest, AWrongLengthIsMalformed) {
  for (const char* length : {"1", "3", "9", "", "x", "-1", "2x", "+2", "99999999999999999999999"}) {
    EXPECT_EQ(Fix("95=" + std::string(length) + "|96=ab|55=x|", {{"55"}}), "malformed") << length;
  }
  EXPECT_EQ(Fix("95=2|96=ab|55=x|", {{"55"}}), "'x'");
  EXPECT_EQ(Fix("95=2|96=ab", {{"96"}}), "'ab'");
  EXPECT_EQ(Fix("95=3|96=ab", {{"96"}}), "malformed");
}

TEST(FixExtractorTest, ValuesAreBytes) {
  EXPECT_EQ(Fix("58=\xfc\xff|", {{"58"}}), "'\xfc\xff'");
  EXPECT_EQ(Fix(std::string("58=a\0b|", 7), {{"58"}}), std::string("'a\0b'", 5));
}

TEST(FixExtractorTest, SeparatorsCanBeChosen) {
  const FixMessageType type(Names::kTags, {.field_separator = ';', .value_separator = ':'});
  EXPECT_EQ(ExtractWith(type, "55:a=b;44:1;95:3;96:x;y;", {{"55"}, {"44"}, {"96"}}),
            "'a=b' '1' 'x;y'");
}

TEST(FixExtractorTest, ElementsAreLimited) {
  const MessageLimits limits{.elements_max = 4};
  EXPECT_EQ(Fix("5=a|5=b|6=c|5=c|5=d|6=d|", {{"5"}}, limits), "['a', 'b', 'c', 'd']");
  EXPECT_EQ(Fix("5=a|5=b|6=c|5=c|5=d|5=e|", {{"5"}}, limits), "malformed");
}

TEST(FixExtractorTest, OneExtractorReadsManyBodies) {
  const auto extractor =
      FixMessageType(Names::kTags).NewExtractor({{{{"5"}}, 0}, {{{{"6", 1}}}, 1}});
  std::vector<Value> values(2);
  const auto read = [&](const std::string& text) {
    const PaddedBody body(Body(text));
    if (!extractor->Extract(body.view(), values)) return std::string("malformed");
    return ValueText(values[0]) + " " + ValueText(values[1]);
  };
  EXPECT_EQ(read("5=a|6=b|6=c|"), "'a' 'c'");
  EXPECT_EQ(read("5=a|5=b|6=c|"), "['a', 'b'] NULL");
  EXPECT_EQ(read("5=a|6=c|x"), "malformed");
  EXPECT_EQ(read("6=d|6=e|"), "NULL 'e'");
}

TEST(NvfixExtractorTest, ReadsFieldsByName) {
  const std::string order = "symbol=MSFT|price=187.25|a rather long field name=x|0=y|";
  EXPECT_EQ(Nvfix(order, {{"symbol"}, {"price"}, {"a rather long field name"}, {"0"}}),
            "'MSFT' '187.25' 'x' 'y'");
  EXPECT_EQ(Nvfix("leg=a|leg=b|", {{"leg"}, {{"leg", 1}}}), "['a', 'b'] 'b'");
  EXPECT_EQ(Nvfix("95=9|96=a|b=c|", {{"96"}, {"b"}}), "'a' 'c'") << "no lengths in nvfix";
  for (const char* text : {"=x|", "a", "a=b||", "a=b|c|"}) {
    EXPECT_EQ(Nvfix(text, {{"a"}}), "malformed") << text;
  }
}

// The fields as Parse sees them, then what Write makes of them.
std::string ParseAndWrite(const FixMessageType& type, const std::string& text) {
  Document document;
  if (const absl::Status status = type.Parse(Body(text), document); !status.ok()) {
    return ErrorText(status) + " at " + std::to_string(ErrorOffsetOf(status));
  }
  std::string shown;
  for (const Document::Member& member : document.root().members) {
    shown.append(member.name).append(ValueText(member.node->value)) += ' ';
  }
  std::string written;
  EXPECT_TRUE(type.Write(document, written).ok());
  return Shown(shown + "-> " + written);
}

TEST(FixMessageTypeTest, ParsesAndWritesWholeBodies) {
  const FixMessageType fix(Names::kTags);
  EXPECT_EQ(ParseAndWrite(fix, "8=FIX.4.4|448=A|448=B|58="),
            "8'FIX.4.4' 448'A' 448'B' 58NULL -> 8=FIX.4.4|448=A|448=B|58=|");
  EXPECT_EQ(ParseAndWrite(fix, "95=3|96=a|b|"), "95'3' 96'a|b' -> 95=3|96=a|b|");
  EXPECT_EQ(ParseAndWrite(fix, ""), "-> ");
  EXPECT_EQ(ParseAndWrite(fix, "5=a|x=b|"), "a tag that is no number at 4");
  EXPECT_EQ(ParseAndWrite(fix, "5=a|6"), "a field without a value separator at 4");
  EXPECT_EQ(ParseAndWrite(fix, "95=5|96=a|"),
            "a data field without a usable length before it at 5");
  EXPECT_EQ(ParseAndWrite(fix, "95=1|96=ab|"),
            "a data field that is not as long as announced at 5");
  EXPECT_EQ(ParseAndWrite(FixMessageType(Names::kText), "a=1|b=2|"), "a'1' b'2' -> a=1|b=2|");
}

TEST(FixMessageTypeTest, FieldsAreLimitedInParse) {
  const FixMessageType fix(Names::kTags, {}, {.fields_max = 3});
  EXPECT_TRUE(fix.Validate(Body("5=a|5=b|6=c|")).ok());
  const absl::Status status = fix.Validate(Body("5=a|5=b|6=c|7=d|"));
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
  EXPECT_EQ(ErrorText(status), "more fields than allowed");
}

std::string Serialized(const FixMessageType& type, const std::vector<FieldValue>& fields) {
  std::string body;
  const absl::Status status = type.Serialize(fields, body);
  if (status.ok()) return Shown(body);
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
  return ErrorText(status);
}

TEST(FixMessageTypeTest, SerializesFields) {
  const FixMessageType fix(Names::kTags);
  const Value legs[] = {Value::String("a"), Value::Int(2)};
  EXPECT_EQ(Serialized(fix, {{{{"55"}}, Value::String("MSFT")},
                             {{{"38"}}, Value::Int(300)},
                             {{{"44"}}, Value::Double(187.25)},
                             {{{"58"}}, Value::Null()},
                             {{{"43"}}, Value::Bool(true)},
                             {{{"600"}}, Value::Array(legs)},
                             {{{{"601", 1}}}, Value::String("second")},
                             {{{"60"}}, Value::Double(1e21)},
                             {{{"61"}}, Value::Uint(UINT64_MAX)}}),
            "55=MSFT|38=300|44=187.25|58=|43=true|600=a|600=2|601=|601=second|"
            "60=1000000000000000000000|61=18446744073709551615|");
}

TEST(FixMessageTypeTest, RefusesWhatItCannotWrite) {
  const FixMessageType fix(Names::kTags);
  const FixMessageType nvfix(Names::kText);
  const Value text = Value::String("x");
  EXPECT_EQ(Serialized(fix, {{{{"abc"}}, text}}), "field abc is no tag number");
  EXPECT_EQ(Serialized(fix, {{{{"55", "a"}}, text}}), "field 55 holds fields of its own");
  EXPECT_EQ(Serialized(fix, {{{{{"55", 0}, {"", 0}}}, text}}),
            "field 55 holds an array of arrays or objects");
  EXPECT_EQ(Serialized(fix, {{{{"55"}},
                              Value::String("a\x01"
                                            "b")}}),
            "field 55 holds a separator");
  EXPECT_EQ(Serialized(fix, {{{{"95"}}, Value::Int(2)}, {{{"96"}}, text}}),
            "field 96 is not as long as the field before it says");
  EXPECT_EQ(Serialized(nvfix, {{{{"a=b"}}, text}}),
            "field a=b has a name that is empty or holds a separator");
  EXPECT_EQ(Serialized(nvfix, {{{{"abc"}}, text}}), "abc=x|");
}

TEST(FixMessageTypeTest, MergesDeltas) {
  const FixMessageType fix(Names::kTags);
  std::string merged;
  ASSERT_TRUE(
      fix.Merge(Body("8=F|55=MSFT|44=1|448=A|448=B|"), Body("44=2|448=C|58=new|"), merged).ok());
  EXPECT_EQ(Shown(merged), "8=F|55=MSFT|44=2|448=C|58=new|");
}

TEST(FixMessageTypeTest, FindsDifferences) {
  const FixMessageType fix(Names::kTags);
  const std::vector<FieldPath> keys = {{{"55"}}};
  std::string delta;
  bool changed = false;
  ASSERT_TRUE(
      fix.Diff(Body("55=M|44=1|448=A|448=B|"), Body("55=M|44=1|448=A|448=C|"), keys, delta, changed)
          .ok());
  EXPECT_TRUE(changed);
  EXPECT_EQ(Shown(delta), "55=M|448=A|448=C|");
  delta.clear();
  ASSERT_TRUE(fix.Diff(Body("55=M|44=1|"), Body("55=M|44=1|"), {}, delta, changed).ok());
  EXPECT_FALSE(changed);
  EXPECT_EQ(delta, "");
}

std::string Merged(const std::string& base, const std::string& delta,
                   const MessageLimits& limits = {}) {
  std::string merged;
  const FixMessageType fix(Names::kTags, {}, limits);
  const absl::Status status = fix.Merge(Body(base), Body(delta), merged);
  return status.ok() ? Shown(merged) : ErrorText(status);
}

std::string Difference(const std::string& before, const std::string& after) {
  std::string delta;
  bool changed = false;
  const FixMessageType fix(Names::kTags);
  const absl::Status status = fix.Diff(Body(before), Body(after), {}, delta, changed);
  return status.ok() ? Shown(delta) : ErrorText(status);
}

TEST(FixDeltaTest, GroupsKeepTheirOrder) {
  const std::string one = "453=1|448=A|447=D|";
  const std::string two = "453=2|448=A|447=D|448=B|447=E|";
  EXPECT_EQ(Merged("35=D|55=M|", two), "35=D|55=M|" + two);
  EXPECT_EQ(Difference("35=D|", "35=D|" + two), two);
  EXPECT_EQ(Difference(one + "10=1|", two + "10=1|"), two);
  EXPECT_EQ(Merged(one + "10=1|", two), two + "10=1|");
  EXPECT_EQ(Merged(two + "10=1|", one), one + "10=1|");
  EXPECT_EQ(Merged(two + "10=1|", "447=X|447=Y|"), "453=2|448=A|447=X|448=B|447=Y|10=1|");
}

TEST(FixDeltaTest, ADataFieldComesWithItsLength) {
  EXPECT_EQ(Difference("95=3|96=a|b|55=M|", "95=3|96=c|d|55=M|"), "95=3|96=c|d|");
  EXPECT_EQ(Merged("95=3|96=a|b|55=M|", "95=3|96=c|d|"), "95=3|96=c|d|55=M|");
  EXPECT_EQ(Merged("95=3|96=a|b|55=M|", "95=1|96=c|"), "95=1|96=c|55=M|");
  EXPECT_EQ(Merged("55=M|", "95=1|96=a|95=2|96=bc|"), "55=M|95=1|96=a|95=2|96=bc|");
  EXPECT_EQ(Difference("55=M|", "55=M|95=1|96=a|95=2|96=b||"), "95=1|96=a|95=2|96=b||");
  EXPECT_EQ(Difference("95=1|96=a|", "95=1|96=a|354=1|355=||"), "354=1|355=||");
  EXPECT_EQ(Merged("95=1|96=a|95=1|96=b|55=M|", "95=2|96=|||"), "95=2|96=|||55=M|");
  for (const FixDataField& field : kFixDataFields) {
    const std::string pair = fmt::format("{}=2|{}=x||", field.length_tag, field.data_tag);
    EXPECT_EQ(Difference(fmt::format("{}=2|{}=y||", field.length_tag, field.data_tag), pair), pair);
  }
}

TEST(FixDeltaTest, FieldsOfTheMergedBodyAreLimited) {
  EXPECT_EQ(Merged("1=a|2=b|", "2=c|3=d|", {.fields_max = 3}), "1=a|2=c|3=d|");
  EXPECT_EQ(Merged("1=a|2=b|3=c|", "4=d|", {.fields_max = 3}), "more fields than allowed");
}

TEST(FixMessageTypeTest, ABodyStaysAsItWasWhenTheNextCannotBeWritten) {
  std::string body = "before";
  const FixMessageType fix(Names::kTags);
  const std::vector<FieldValue> fields = {{{{"55"}}, Value::Int(1)}, {{{"x"}}, Value::Int(2)}};
  EXPECT_FALSE(fix.Serialize(fields, body).ok());
  EXPECT_EQ(body, "before");
}

TEST(FixMessageTypeTest, SeparatorsMustDiffer) {
  const auto check = [](Names names, char field, char value) {
    return ErrorCodeOf(FixMessageType::CheckOptions(names, {field, value}));
  };
  EXPECT_EQ(check(Names::kTags, '\x01', '='), ErrorCode::kNone);
  EXPECT_EQ(check(Names::kTags, '=', '='), ErrorCode::kBadOption);
  EXPECT_EQ(check(Names::kTags, '5', '='), ErrorCode::kBadOption);
  EXPECT_EQ(check(Names::kTags, ';', '5'), ErrorCode::kBadOption);
  EXPECT_EQ(check(Names::kText, '5', '='), ErrorCode::kNone);
}

}  // namespace
}  // namespace fluxgate
