#include "core/message/xml_message_type.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/message/document_testing.h"
#include "core/message/extract_testing.h"
#include "core/message/message_testing.h"

namespace fluxgate {
namespace {

std::string Extract(std::string_view text, const FieldPaths& paths,
                    const MessageLimits& limits = {}) {
  return ExtractSteps(XmlMessageType(limits), text, paths);
}

std::string TextOf(const std::string& text) { return Extract("<a>" + text + "</a>", {{"a"}}); }
std::string AttributeOf(const std::string& quoted) {
  return Extract("<a b=" + quoted + "/>", {{"a", "@b"}});
}

constexpr std::string_view kOrder = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- an order -->
<order id="77" state='new'>
  <symbol>MSFT</symbol>
  <price currency="USD">187.25</price>
  <item sku="a1"><qty>3</qty></item>
  <item sku="b2"><qty>5</qty><qty>6</qty></item>
  <note/>
</order>
)";

TEST(XmlExtractorTest, ReadsElementsAndAttributes) {
  EXPECT_EQ(Extract(kOrder, {{"order", "symbol"}, {"order", "price"}}), "'MSFT' '187.25'");
  EXPECT_EQ(Extract(kOrder, {{"order", "@id"}, {"order", "price", "@currency"}}), "'77' 'USD'");
  EXPECT_EQ(Extract(kOrder, {{"order", "note"}, {"order", "none"}, {"order"}, {"order", "@x"}}),
            "NULL NULL NULL NULL");
}

TEST(XmlExtractorTest, APathBeginsWithTheRootElement) {
  EXPECT_EQ(Extract(kOrder, {{"symbol"}, {"trade", "symbol"}, {"@id"}}), "NULL NULL NULL");
  EXPECT_EQ(Extract("<a>x</a>", {{"a"}, {{"a", 0}}, {{"a", 1}}}), "'x' 'x' NULL");
}

TEST(XmlExtractorTest, RepeatedElementsAreAnArray) {
  EXPECT_EQ(Extract(kOrder, {{"order", "item", "qty"}, {"order", "item", "@sku"}}),
            "['3', '5', '6'] ['a1', 'b2']");
}

TEST(XmlExtractorTest, ASubscriptChoosesAmongElementsOfOneParent) {
  EXPECT_EQ(Extract(kOrder, {{"order", {"item", 1}, "qty"}, {"order", {"item", 0}, "@sku"}}),
            "['5', '6'] 'a1'");
  EXPECT_EQ(Extract(kOrder, {{"order", {"item", 1}, {"qty", 1}}, {"order", "item", {"qty", 0}}}),
            "'6' ['3', '5']");
  EXPECT_EQ(Extract(kOrder,
                    {{"order", {"item", 2}, "qty"}, {"order", {"@id", 0}}, {"order", {"@id", 1}}}),
            "NULL '77' NULL");
  EXPECT_EQ(Extract(kOrder, {{"order", {"item", 1}, {"", 0}, {"qty", 0}, {"", 0}},
                             {"order", {"item", 1}, {"", 1}, "qty"},
                             {"order", {"@id", 0}, {"", 0}}}),
            "'5' NULL '77'")
      << "what is there once is its own first repetition";
  EXPECT_EQ(Extract("<r><a><b>1</b></a><c><b>2</b></c><a><b>3</b><b>4</b></a></r>",
                    {{"r", "a", {"b", 0}}, {"r", "a", {"b", 1}}, {"r", {"a", 1}, "b"}}),
            "['1', '3'] '4' ['3', '4']");
}

TEST(XmlExtractorTest, ElementsOfOneNameInOneAnother) {
  const FieldPaths paths = {{"a"}, {"a", "a"}, {"a", "a", "a"}, {"a", {"a", 1}}};
  EXPECT_EQ(Extract("<a>1<a>2<a>3</a>4</a>5<a>6</a>7</a>", paths), "'157' ['24', '6'] '3' '6'");
}

TEST(XmlExtractorTest, BlanksAtTheEndsAreNoText) {
  EXPECT_EQ(TextOf(" \n\tx y\r\n "), "'x y'");
  EXPECT_EQ(TextOf(" \n "), "NULL");
  EXPECT_EQ(TextOf(""), "NULL");
  EXPECT_EQ(TextOf("<b/> x <b/> y <b/>"), "'x  y'");
  EXPECT_EQ(TextOf("&#32;x&#10;"), "'x'");
  EXPECT_EQ(AttributeOf("' x '"), "' x '");
  EXPECT_EQ(AttributeOf("''"), "NULL");
}

TEST(XmlExtractorTest, TextInPiecesIsPutTogether) {
  EXPECT_EQ(TextOf("a<b>no</b>b<!-- c -->c<?pi d?>d<![CDATA[<e>]]>f"), "'abcd<e>f'");
  EXPECT_EQ(TextOf("<![CDATA[]]>"), "NULL");
  EXPECT_EQ(TextOf("<![CDATA[]]]]>"), "']]'");
  EXPECT_EQ(TextOf("<![CDATA[a&amp;b]]>&amp;<![CDATA[>]]>"), "'a&amp;b&>'");
}

TEST(XmlExtractorTest, References) {
  EXPECT_EQ(TextOf("&lt;&gt;&amp;&apos;&quot;"), "'<>&'\"'");
  EXPECT_EQ(TextOf("&#65;&#x42;&#x0000043;&#00068;"), "'ABCD'");
  EXPECT_EQ(TextOf("&#xe9;&#x20AC;&#x1F600;&#x10fffd;"), "'\u00e9\u20ac\U0001F600\U0010FFFD'");
  EXPECT_EQ(AttributeOf("\"&lt;&quot;&#x41;\""), "'<\"A'");
  for (const char* text : {"&",
                           "&;",
                           "&lt",
                           "&LT;",
                           "&nbsp;",
                           "&#;",
                           "&#x;",
                           "&#0;",
                           "&#x0;",
                           "&#8;",
                           "&#xD800;",
                           "&#xDFFF;",
                           "&#xFFFE;",
                           "&#xFFFF;",
                           "&#x110000;",
                           "&#99999999999999999999;",
                           "&#4294967361;",
                           "&#X41;",
                           "&#4A;",
                           "&#xG;",
                           "& lt;",
                           "&lt ;",
                           "&lt&gt;",
                           "a&"}) {
    EXPECT_EQ(TextOf(text), "malformed") << text;
    EXPECT_EQ(AttributeOf("'" + std::string(text) + "'"), "malformed") << text;
  }
}

TEST(XmlExtractorTest, LineEndsAreLineFeeds) {
  EXPECT_EQ(TextOf("a\r\nb\rc\nd\r\r\ne"), "'a\nb\nc\nd\n\ne'");
  EXPECT_EQ(TextOf("<![CDATA[a\r\nb]]>"), "'a\nb'");
  EXPECT_EQ(TextOf("a&#13;b"), "'a\rb'");
  EXPECT_EQ(AttributeOf("'a\r\nb\nc\td&#9;e'"), "'a b c d\te'");
}

TEST(XmlExtractorTest, TextIsUtf8WithoutControlCharacters) {
  EXPECT_EQ(TextOf("Z\u00fcrich \u20ac \U0001F600"), "'Z\u00fcrich \u20ac \U0001F600'");
  for (const char* text : {"\x80", "\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xef\xbf\xbe",
                           "\xef\xbf\xbf", "\x01", "\x1f", "a\x0b", "]]>"}) {
    EXPECT_EQ(TextOf(text), "malformed") << text;
  }
  EXPECT_EQ(TextOf(std::string("a\0b", 3)), "malformed");
  EXPECT_EQ(AttributeOf("'\xff'"), "malformed");
  EXPECT_EQ(AttributeOf("']]>'"), "']]>'");
  EXPECT_EQ(TextOf("\x7f"), "'\x7f'");
}

TEST(XmlExtractorTest, WhatIsSkippedIsNotDecoded) {
  EXPECT_EQ(Extract("<a><b c='&x;'>&y;</b><d>z</d></a>", {{"a", "d"}}), "'z'");
}

TEST(XmlExtractorTest, TagsMayHoldBlanks) {
  EXPECT_EQ(Extract("<a  b = '1'\n\tc\n=\n\"2\"  >x</a \n>", {{"a"}, {"a", "@b"}, {"a", "@c"}}),
            "'x' '1' '2'");
  EXPECT_EQ(Extract("<a b='>' c=\"'\"\n/>", {{"a", "@b"}, {"a", "@c"}}), "'>' '''");
}

TEST(XmlExtractorTest, AttributesBehindEveryBlank) {
  EXPECT_EQ(Extract("<a b='1'\tc='2'\nd='3'  e='4'\r\nf=\"5\" g = \"6\"/>",
                    {{"a", "@b"}, {"a", "@c"}, {"a", "@d"}, {"a", "@e"}, {"a", "@f"}, {"a", "@g"}}),
            "'1' '2' '3' '4' '5' '6'");
  EXPECT_EQ(
      Extract("<a b='1' c='2'>3<b>4</b></a>",
              {{"a", " b"}, {"a", "@"}, {"a", "@@b"}, {"a", "@b", "c"}, {"a", "@ b"}, {"@a"}}),
      "NULL NULL NULL NULL NULL NULL");
  const std::string long_name(70, 'n');
  EXPECT_EQ(Extract("<a\n" + long_name + "=\"" + long_name + "\" b=\"<\"/>", {{"a"}}), "malformed");
  EXPECT_EQ(Extract("<a\n" + long_name + "=\"" + long_name + "\"/>", {{"a", "@" + long_name}}),
            "'" + long_name + "'");
}

TEST(XmlExtractorTest, APrefixIsPartOfTheName) {
  EXPECT_EQ(Extract("<x:a xmlns:x='u' x:b='1'><x:c>2</x:c><c>3</c></x:a>",
                    {{"x:a", "x:c"}, {"x:a", "@x:b"}, {"x:a", "c"}, {"a", "c"}}),
            "'2' '1' '3' NULL");
}

TEST(XmlExtractorTest, CommentsAndInstructionsAreSkippedEverywhere) {
  EXPECT_EQ(Extract("<!-- <a> --><?p?><a><!----><?php <b> ?><b>1</b></a><!-- x --><?q x?>\n",
                    {{"a", "b"}}),
            "'1'");
  EXPECT_EQ(Extract("\xEF\xBB\xBF<a>1</a>", {{"a"}}), "'1'");
}

TEST(XmlExtractorTest, DeclarationsMustSayUtf8) {
  for (const char* declaration :
       {"<?xml version='1.0'?>", "<?xml version='1.1'?>",
        "<?xml version=\"1.0\" encoding='utf-8'?>", "<?xml version='1.0' encoding='UTF8'?>",
        "<?xml version='1.0' encoding='US-ASCII' standalone='yes' ?>",
        "<?xml version='1.0' standalone='no'?>\n"}) {
    EXPECT_EQ(Extract(std::string(declaration) + "<a>1</a>", {{"a"}}), "'1'") << declaration;
  }
  for (const char* declaration :
       {"<?xml?>", "<?xml ?>", "<?xml version='2.0'?>", "<?xml version='1.'?>",
        "<?xml version=1.0?>", "<?xml encoding='UTF-8'?>",
        "<?xml version='1.0' encoding='ISO-8859-1'?>", "<?xml version='1.0' encoding='UTF-16'?>",
        "<?xml version='1.0'encoding='UTF-8'?>", "<?xml version='1.0' standalone='maybe'?>",
        "<?xml version='1.0' other='x'?>", "<?xml version='1.0' standalone='no' encoding='UTF-8'?>",
        " <?xml version='1.0'?>", "<?XML version='1.0'?>", "<?xml version='1.0'>",
        "<?xml version='1.0'?"}) {
    EXPECT_EQ(Extract(std::string(declaration) + "<a>1</a>", {{"a"}}), "malformed") << declaration;
  }
}

TEST(XmlExtractorTest, WhatIsNotWellFormedIsMalformed) {
  for (std::string_view text : {"",
                                " ",
                                "x",
                                "<",
                                "<a",
                                "<a>",
                                "<a/",
                                "<a/ >",
                                "<a><",
                                "<a></",
                                "<a></a",
                                "</a>",
                                "<a></b>",
                                "<a></ab>",
                                "<ab></a>",
                                "<a><b></a></b>",
                                "<a><b></a>",
                                "<a/><b/>",
                                "<a/>x",
                                "x<a/>",
                                "< a/>",
                                "<a></ a>",
                                "<1/>",
                                "<-a/>",
                                "<a b/>",
                                "<a b=1/>",
                                "<a b='1/>",
                                "<a b='1'c='2'/>",
                                "<a b='<'/>",
                                "<a ='1'/>",
                                "<a 1='1'/>",
                                "<a b='1' / >",
                                "<!DOCTYPE a><a/>",
                                "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
                                "<a><!DOCTYPE a></a>",
                                "<!ELEMENT a><a/>",
                                "<!-- -- --><a/>",
                                "<!---><a/>",
                                "<!-- --->",
                                "<a><!-- </a>",
                                "<a><![CDATA[</a>",
                                "<a><![CDATA]]></a>",
                                "<![CDATA[x]]><a/>",
                                "<a/><![CDATA[x]]>",
                                "<a><?xml version='1.0'?></a>",
                                "<a><?\?></a>",
                                "<a><?x</a>",
                                "<a><? x?></a>",
                                "<a><?x>y</a>",
                                "<!><a/>",
                                "<a><!x></a>",
                                "<a.b></a.c>",
                                "<a>&</a>",
                                "<a\x01/>",
                                "<a b=\"1'/>"}) {
    EXPECT_EQ(Extract(text, {{"a"}}), "malformed") << text;
  }
}

TEST(XmlExtractorTest, NamesAndTextOfEverySize) {
  for (size_t size = 1; size < 100; ++size) {
    const std::string name(size, 'n');
    const std::string text(size, 't');
    const std::string element = "<" + name + " x='" + text + "'>" + text + "</" + name + ">";
    EXPECT_EQ(Extract("<a>" + element + "</a>", {{"a", name}, {"a", name, "@x"}}),
              "'" + text + "' '" + text + "'");
    EXPECT_EQ(Extract("<a " + name + "='" + text + "'/>", {{"a", "@" + name}}), "'" + text + "'");
    EXPECT_EQ(Extract("<" + name + "></" + name + "n>", {{"a"}}), "malformed");
    EXPECT_EQ(Extract("<" + name + "></" + name.substr(1) + "m>", {{"a"}}), "malformed");
  }
}

std::string Nested(size_t depth) {
  std::string text;
  for (size_t i = 0; i < depth; ++i) text += "<a>";
  for (size_t i = 0; i < depth; ++i) text += "</a>";
  return text;
}

TEST(XmlExtractorTest, DepthIsLimited) {
  const MessageLimits limits{.depth_max = 3};
  const FieldPaths deep = {{"a", "a", "a"}, {"a", "a", "a", "@b"}};
  EXPECT_EQ(Extract("<a><a><a b='y'>x</a></a></a>", deep, limits), "'x' 'y'");
  EXPECT_EQ(Extract("<a><a><a><a/></a></a></a>", deep, limits), "malformed");
  EXPECT_EQ(Extract(Nested(3), {{"b"}}, limits), "NULL");
  EXPECT_EQ(Extract(Nested(4), {{"b"}}, limits), "malformed");
  const MessageLimits boundless{.depth_max = UINT32_MAX - 1};
  EXPECT_EQ(Extract(Nested(1000), {{"b"}}, boundless), "NULL");
  EXPECT_EQ(Extract(Nested(1001), {{"b"}}, boundless), "malformed");
}

TEST(XmlExtractorTest, ElementsAreLimited) {
  const MessageLimits limits{.elements_max = 3};
  EXPECT_EQ(Extract("<a><b>1</b><b>2</b><b>3</b></a>", {{"a", "b"}}, limits), "['1', '2', '3']");
  EXPECT_EQ(Extract("<a><b>1</b><b>2</b><b>3</b><b/></a>", {{"a", "b"}}, limits), "malformed");
}

TEST(XmlExtractorTest, OneExtractorReadsManyBodies) {
  const auto extractor = XmlMessageType().NewExtractor({{{{"a", "b"}}, 0}, {{{"a", {"b", 1}}}, 1}});
  std::vector<Value> values(2);
  const auto read = [&](const std::string& text) {
    const PaddedBody body(text);
    if (!extractor->Extract(body.view(), values)) return std::string("malformed");
    return ValueText(values[0]) + " " + ValueText(values[1]);
  };
  EXPECT_EQ(read("<a><b>1</b><b>2&amp;</b></a>"), "['1', '2&'] '2&'");
  EXPECT_EQ(read("<a><b>1</b><b>2"), "malformed");
  EXPECT_EQ(read("<a><b>&lt;" + std::string(500, 'x') + "</b></a>"),
            "'<" + std::string(500, 'x') + "' NULL");
  EXPECT_EQ(read("<a/>"), "NULL NULL");
}

std::string Parsed(const std::string& text, const MessageLimits& limits = {}) {
  Document document;
  const absl::Status status = XmlMessageType(limits).Parse(text, document);
  if (status.ok()) return DocumentText(document.root());
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
  const int64_t at = ErrorOffsetOf(status);
  return ErrorText(status) + (at < 0 ? "" : " at " + std::to_string(at));
}

TEST(XmlParseTest, ElementsAreObjects) {
  EXPECT_EQ(Parsed("<a>x</a>"), "{a:{'x'}}");
  EXPECT_EQ(Parsed("<a/>"), "{a:{}}");
  EXPECT_EQ(Parsed("<a b='1'/>"), "{a:{@b:'1'}}");
  EXPECT_EQ(Parsed("<a b='1'> x <c>2</c><c d='&lt;'/></a>"), "{a:{'x' @b:'1' c:{'2'} c:{@d:'<'}}}");
}

TEST(XmlParseTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(Parsed("<a><b></c></a>"), "an end tag of another element at 6");
  EXPECT_EQ(Parsed("<a><b>&x;</b></a>"), "an unknown reference at 6");
  EXPECT_EQ(Parsed("<a b='&x;'/>"), "an unknown reference at 6");
  EXPECT_EQ(Parsed("<!DOCTYPE a><a/>"), "a document type declaration at 0");
  EXPECT_EQ(Parsed("<a>"), "an element that is not closed at 1");
  EXPECT_EQ(Parsed(""), "no root element at 0");
  EXPECT_EQ(Parsed("<a/> <b/>"), "a second root element at 5");
  EXPECT_EQ(Parsed("<\xff/>"),
            "the document is not UTF-8 or has characters in it that XML has not");
}

TEST(XmlParseTest, ChecksWhatExtractorsSkip) {
  const std::string characters =
      "the document is not UTF-8 or has characters in it that XML has not";
  for (const char* text : {"<a><!-- \x01 --></a>", "<?p \x01?><a/>", "<a b='\x01'/>",
                           "<a><!-- \xff --></a>", "<a><!-- \xef\xbf\xbf --></a>"}) {
    EXPECT_EQ(Parsed(text), characters) << text;
  }
  EXPECT_EQ(Parsed("<a b='&x;'/>"), "an unknown reference at 6");
}

TEST(XmlParseTest, AttributesAreThereOnce) {
  EXPECT_EQ(Parsed("<a b='1' c='2' b='3'/>"), "an attribute that is there twice at 15");
  EXPECT_EQ(Parsed("<a b='1' B='2'/>"), "{a:{@b:'1' @B:'2'}}");
}

TEST(XmlParseTest, FieldsAreLimited) {
  const MessageLimits limits{.fields_max = 3};
  EXPECT_EQ(Parsed("<a b='1'><c/></a>", limits), "{a:{@b:'1' c:{}}}");
  EXPECT_EQ(Parsed("<a b='1'><c/><d/></a>", limits),
            "more elements and attributes than allowed at 14");
  EXPECT_EQ(Parsed("<a b='1' c='2' d='3'/>", limits),
            "more elements and attributes than allowed at 15");
}

TEST(XmlParseTest, DepthIsLimited) {
  const MessageLimits limits{.depth_max = 2};
  EXPECT_EQ(Parsed(Nested(2), limits), "{a:{a:{}}}");
  EXPECT_EQ(Parsed(Nested(3), limits), "elements nested too deep at 6");
}

std::string Rewritten(const std::string& text) {
  Document document;
  std::string written;
  EXPECT_TRUE(XmlMessageType().Parse(text, document).ok());
  EXPECT_TRUE(XmlMessageType().Write(document, written).ok());
  return written;
}

TEST(XmlWriteTest, WritesWhatItParsed) {
  EXPECT_EQ(Rewritten("<?xml version='1.0'?>\n<a b='1'>\n  <c> x </c><!-- y -->\n  <d></d>\n</a>"),
            "<a b=\"1\"><c>x</c><d/></a>");
  EXPECT_EQ(Rewritten("<a b='&quot;&apos;&lt;>&amp;&#9;&#10;&#13;'><![CDATA[<&>\"']]>&#13;.</a>"),
            "<a b=\"&quot;'&lt;&gt;&amp;&#9;&#10;&#13;\">&lt;&amp;&gt;\"'&#13;.</a>");
}

std::string Serialized(const std::vector<FieldValue>& fields, const MessageLimits& limits = {}) {
  std::string body;
  const absl::Status status = XmlMessageType(limits).Serialize(fields, body);
  if (status.ok()) return body;
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
  return ErrorText(status);
}

TEST(XmlWriteTest, SerializesFields) {
  const Value sizes[] = {Value::String("s"), Value::Int(2)};
  EXPECT_EQ(Serialized({{{{"order", "@id"}}, Value::Int(77)},
                        {{{"order", "price"}}, Value::Double(187.25)},
                        {{{"order", {"item", 1}, "@sku"}}, Value::String("b&2")},
                        {{{"order", "size"}}, Value::Array(sizes)},
                        {{{"order", "open"}}, Value::Bool(false)},
                        {{{"order", "none"}}, Value::Null()}}),
            "<order id=\"77\"><price>187.25</price><item/><item sku=\"b&amp;2\"/>"
            "<size>s</size><size>2</size><open>false</open><none/></order>");
  EXPECT_EQ(Serialized({}), "");
  EXPECT_EQ(Serialized({{{{{"a", 0}, "b"}}, Value::Int(1)}}), "<a><b>1</b></a>");
}

TEST(XmlWriteTest, RefusesWhatItCannotWrite) {
  const Value x = Value::String("x");
  EXPECT_EQ(Serialized({{{{"a"}}, x}, {{{"b"}}, x}}), "an XML document has one root element");
  EXPECT_EQ(Serialized({{{{{"a", 1}}}, x}}), "an XML document has one root element");
  EXPECT_EQ(Serialized({{{{"a", "1"}}, x}}), "element 1 has a name that XML has not");
  EXPECT_EQ(Serialized({{{{"a b"}}, x}}), "element a b has a name that XML has not");
  EXPECT_EQ(Serialized({{{{"@a"}}, x}}), "element @a has a name that XML has not");
  EXPECT_EQ(Serialized({{{{"a", "@b", "c"}}, x}}),
            "element a has an attribute @b that XML has not");
  EXPECT_EQ(Serialized({{{{"a", "@b c"}}, x}}), "element a has an attribute @b c that XML has not");
  EXPECT_EQ(Serialized({{{{"a"}}, Value::String("\x01")}}),
            "element a holds characters that XML has not");
  EXPECT_EQ(Serialized({{{{"a", "@b"}}, Value::String("\xff")}}),
            "element a has an attribute @b that XML has not");
  EXPECT_EQ(Serialized({{{{"a", {"b", 0}, {"", 0}}}, x}}), "element b is an array of arrays");
  EXPECT_EQ(Serialized({{{{"a", "b"}}, x}}, {.depth_max = 2}), "<a><b>x</b></a>");
  EXPECT_EQ(Serialized({{{{"a", "b"}}, x}}, {.depth_max = 1}), "element b is nested too deep");
}

TEST(XmlDeltaTest, MergesDeltas) {
  std::string merged;
  ASSERT_TRUE(XmlMessageType()
                  .Merge("<a id='1'><b>1</b><c><d>2</d><e>3</e></c><f>x</f><f>y</f></a>",
                         "<a id='2'><c><e>4</e></c><f>z</f><g/></a>", merged)
                  .ok());
  EXPECT_EQ(merged, "<a id=\"2\"><b>1</b><c><d>2</d><e>4</e></c><f>z</f><g/></a>");
}

TEST(XmlDeltaTest, FindsDifferences) {
  const std::vector<FieldPath> keys = {{{"a", "@id"}}};
  std::string delta;
  bool changed = false;
  const std::string before = "<a id='1'><b>1</b><c><d>2</d><e>3</e></c></a>";
  ASSERT_TRUE(
      XmlMessageType()
          .Diff(before, "<a id='1'><b>1</b><c><d>2</d><e>4</e></c></a>", keys, delta, changed)
          .ok());
  EXPECT_TRUE(changed);
  EXPECT_EQ(delta, "<a id=\"1\"><c><e>4</e></c></a>");
  delta.clear();
  ASSERT_TRUE(XmlMessageType().Diff(before, before, {}, delta, changed).ok());
  EXPECT_FALSE(changed);
  EXPECT_EQ(delta, "");
}

std::string Merged(std::string_view base, std::string_view delta,
                   const MessageLimits& limits = {}) {
  std::string merged;
  const absl::Status status = XmlMessageType(limits).Merge(base, delta, merged);
  return status.ok() ? merged : ErrorText(status);
}

// With a '*' before it when something has changed.
std::string Difference(std::string_view before, std::string_view after,
                       const std::vector<FieldPath>& keys = {}) {
  std::string delta;
  bool changed = false;
  const absl::Status status = XmlMessageType().Diff(before, after, keys, delta, changed);
  if (!status.ok()) return ErrorText(status);
  return changed ? "*" + delta : delta;
}

TEST(XmlDeltaTest, TextAndAttributesChangeIndependently) {
  EXPECT_EQ(Difference("<o><item id='1'>x</item></o>", "<o><item id='1'>y</item></o>"),
            "*<o><item>y</item></o>");
  EXPECT_EQ(Merged("<o><item id='1'>x</item></o>", "<o><item>y</item></o>"),
            "<o><item id=\"1\">y</item></o>");
  EXPECT_EQ(Merged("<o><item>5</item></o>", "<o><item id='1'/></o>"),
            "<o><item id=\"1\">5</item></o>");
  EXPECT_EQ(Difference("<o><item>5</item></o>", "<o><item id='1'>5</item></o>"),
            "*<o><item id=\"1\"/></o>");
}

TEST(XmlDeltaTest, AnEmptyElementChangesNothing) {
  EXPECT_EQ(Merged("<order id='7'><a>1</a></order>", "<order/>"),
            "<order id=\"7\"><a>1</a></order>");
  EXPECT_EQ(Merged("<order><a>1</a></order>", "<order><a/></order>"), "<order><a>1</a></order>");
  EXPECT_EQ(Merged("<order/>", "<order><a/></order>"), "<order><a/></order>");
  EXPECT_EQ(Difference("<o><a>1</a></o>", "<o><a/></o>"), "");
  EXPECT_EQ(Difference("<o/>", "<o><a/></o>"), "*<o><a/></o>");
}

TEST(XmlDeltaTest, RepeatedElementsAreReplacedTogether) {
  EXPECT_EQ(Merged("<o><a id='1'>x</a><a>y</a></o>", "<o><a>z</a></o>"), "<o><a>z</a></o>");
  EXPECT_EQ(Merged("<o><a id='1'>x</a></o>", "<o><a>y</a><a/></o>"), "<o><a>y</a><a/></o>");
}

TEST(XmlDeltaTest, TextOfKeysIsAlwaysThere) {
  const std::vector<FieldPath> keys = {{{"o", "id"}}};
  EXPECT_EQ(Difference("<o><id>7</id><a>1</a></o>", "<o><id>7</id><a>2</a></o>", keys),
            "*<o><id>7</id><a>2</a></o>");
  EXPECT_EQ(Difference("<o><id>7</id></o>", "<o><id>7</id></o>", keys), "<o><id>7</id></o>");
}

TEST(XmlDeltaTest, FieldsOfTheMergedBodyAreLimited) {
  const MessageLimits limits{.fields_max = 4};
  EXPECT_EQ(Merged("<o a='1' b='2'/>", "<o><c/></o>", limits), "<o a=\"1\" b=\"2\"><c/></o>");
  EXPECT_EQ(Merged("<o a='1' b='2'/>", "<o c='3'><d/></o>", limits),
            "more elements and attributes than allowed");
}

TEST(XmlWriteTest, AnElementHasTextAndAttributesInWhateverOrderTheyAreGiven) {
  const Value text = Value::String("text");
  EXPECT_EQ(Serialized({{{{"o", "@id"}}, Value::Int(7)}, {{{"o"}}, text}}), "<o id=\"7\">text</o>");
  EXPECT_EQ(Serialized({{{{"o"}}, text}, {{{"o", "@id"}}, Value::Int(7)}}), "<o id=\"7\">text</o>");
  EXPECT_EQ(Serialized({{{{"o", {"a", 0}}}, text}, {{{"o", "a"}}, text}}),
            "/o/a cannot be both an array's element or a member and a value of its own");
}

}  // namespace
}  // namespace fluxgate
