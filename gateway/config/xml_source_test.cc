#include "gateway/config/xml_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "core/base/error.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

std::string ErrorOf(std::string_view xml) {
  ConfigErrors errors("f");
  const XmlSource source(xml, errors);
  EXPECT_EQ(errors.empty(), static_cast<bool>(source.root()));
  return errors.empty() ? "" : ErrorText(errors.ToStatus());
}

// The text of the root element of `xml`.
std::string TextIn(std::string_view xml) {
  ConfigErrors errors("f");
  const XmlSource source(xml, errors);
  EXPECT_TRUE(errors.empty());
  const absl::StatusOr<std::string> text = TextOf(source.root());
  return text.ok() ? *text : "error: " + ErrorText(text.status());
}

std::string Nested(size_t depth) {
  std::string xml;
  for (size_t i = 0; i < depth; ++i) xml += "<a>";
  for (size_t i = 0; i < depth; ++i) xml += "</a>";
  return xml;
}

std::string TempFile(std::string_view name, std::string_view content) {
  const std::string path = testing::TempDir() + "/" + std::string(name);
  std::FILE* file = std::fopen(path.c_str(), "we");
  EXPECT_NE(file, nullptr);
  EXPECT_EQ(std::fwrite(content.data(), 1, content.size(), file), content.size());
  std::fclose(file);
  return path;
}

TEST(XmlSourceTest, LinesOfElements) {
  ConfigErrors errors("f");
  const XmlSource source("<?xml version='1.0'?>\n<!-- a\ncomment -->\n<a><b/>\r\n\n<c>\n</c></a>\n",
                         errors);
  ASSERT_TRUE(errors.empty());
  EXPECT_EQ(source.LineOf(source.root()), 4u);
  EXPECT_EQ(source.LineOf(source.root().child("b")), 4u);
  EXPECT_EQ(source.LineOf(source.root().child("c")), 6u);
}

TEST(XmlSourceTest, AByteOrderMarkIsSkipped) { EXPECT_EQ(ErrorOf("\xEF\xBB\xBF<a/>"), ""); }

TEST(XmlSourceTest, MalformedXmlIsRefusedWithItsLine) {
  EXPECT_EQ(ErrorOf(""), "f: has no element");
  EXPECT_EQ(ErrorOf("<!-- only -->"), "f: has no element");
  EXPECT_EQ(ErrorOf("<a>\n<b>\n</a>"),
            "f:3: an element is not closed, or closed under another name");
  EXPECT_EQ(ErrorOf("<a>\n\n"), "f:2: an element is not closed, or closed under another name");
  EXPECT_EQ(ErrorOf("<a/>\n<!-- no end"), "f:2: a comment does not end");
  EXPECT_EQ(ErrorOf("<a>\n<![CDATA[ no end</a>"), "f:2: a CDATA section does not end");
  EXPECT_EQ(ErrorOf("<a>\n<b x></b></a>"), "f:2: an attribute is malformed");
  EXPECT_EQ(ErrorOf("<a>\n<1/></a>"), "f:2: is not well-formed XML");
  EXPECT_EQ(ErrorOf("<a>\n<?x"), "f:2: a processing instruction is malformed");
}

TEST(XmlSourceTest, OnlyOneRootAndNothingBesideIt) {
  EXPECT_EQ(ErrorOf("<a/>\n<b/>"), "f:2: <b>: is a second root element; a file has one");
  EXPECT_EQ(ErrorOf("<a/>\ntext"), "f:2: text outside the root element");
  EXPECT_EQ(ErrorOf("text\n<a/>"), "f:1: text outside the root element");
}

TEST(XmlSourceTest, DocumentTypesAreRefused) {
  const std::string what =
      "document type declarations (DOCTYPE, and with it entities) are not allowed";
  EXPECT_EQ(ErrorOf("\n<!DOCTYPE a>\n<a/>"), "f:2: " + what);
  EXPECT_EQ(ErrorOf("<!DOCTYPE a SYSTEM \"file:///etc/passwd\">\n<a/>"), "f:1: " + what);
  EXPECT_EQ(ErrorOf("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<a>&x;</a>"),
            "f:1: " + what);
  EXPECT_EQ(ErrorOf("<a>\n<!DOCTYPE a></a>"), "f:2: " + what);
  EXPECT_EQ(ErrorOf("<!DOCTYPE a ["), "f:1: " + what);
  EXPECT_EQ(ErrorOf("<a><!-- <!DOCTYPE a> --></a>"), "");
}

TEST(XmlSourceTest, OnlyUtf8) {
  EXPECT_EQ(ErrorOf("<a>\n\xff</a>"), "f:2: is not valid UTF-8");
  EXPECT_EQ(ErrorOf("<a>\xc3</a>"), "f:1: is not valid UTF-8");
  EXPECT_EQ(ErrorOf("\xff\xfe<\0a\0"), "f:1: is not valid UTF-8");
  EXPECT_EQ(ErrorOf("<?xml version='1.0' encoding='UTF-8'?><a/>"), "");
  EXPECT_EQ(ErrorOf("<?xml version='1.0' encoding='us-ascii'?><a/>"), "");
  EXPECT_EQ(ErrorOf("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"),
            "f:1: declares an encoding other than UTF-8");
}

TEST(XmlSourceTest, NoControlCharacters) {
  EXPECT_EQ(ErrorOf("<a>\n\x01</a>"), "f:2: has a control character");
  EXPECT_EQ(ErrorOf(std::string_view("<a>\0</a>", 8)), "f:1: has a control character");
  EXPECT_EQ(ErrorOf("<a>\t\r\n</a>"), "");
}

TEST(XmlSourceTest, NestingLimit) {
  EXPECT_EQ(ErrorOf(Nested(kNestingMax)), "");
  EXPECT_EQ(ErrorOf(Nested(kNestingMax + 1)), "f:1: <a>: elements nest deeper than 32");
  EXPECT_EQ(ErrorOf("<a>" + Nested(kNestingMax - 1) + Nested(kNestingMax - 1) + "</a>"), "");
  EXPECT_EQ(ErrorOf("<a>x\n<b/>" + Nested(kNestingMax) + "</a>"),
            "f:2: <a>: elements nest deeper than 32");
  EXPECT_EQ(ErrorOf(Nested(100'000)), "f:1: <a>: elements nest deeper than 32");
}

TEST(XmlSourceTest, SizeLimit) {
  std::string xml = "<a></a>";
  xml.insert(3, kFileBytesMax - xml.size(), ' ');
  EXPECT_EQ(ErrorOf(xml), "");
  EXPECT_EQ(ErrorOf(xml + " "), "f: is larger than 1048576 bytes");
}

TEST(XmlSourceTest, TextWithEntities) {
  EXPECT_EQ(TextIn("<a>plain</a>"), "plain");
  EXPECT_EQ(TextIn("<a/>"), "");
  EXPECT_EQ(TextIn("<a>&lt;&gt;&amp;&quot;&apos;</a>"), "<>&\"'");
  EXPECT_EQ(TextIn("<a>&#65;&#x42;&#xe4;&#x20AC;&#x1F600;</a>"),
            "AB\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(TextIn("<a>&amp;lt;</a>"), "&lt;");
  EXPECT_EQ(TextIn("<a>x<!-- c -->y<b>z</b>w</a>"), "xyw");
  EXPECT_EQ(TextIn("<a>1<![CDATA[<&amp;>]]>2</a>"), "1<&amp;>2");
}

TEST(XmlSourceTest, EntitiesThatAreNone) {
  const std::string hint = "; write &amp; for & itself";
  EXPECT_EQ(TextIn("<a>&x;</a>"), "error: has the unknown entity '&x'" + hint);
  EXPECT_EQ(TextIn("<a>a & b</a>"), "error: has the unknown entity '& b'" + hint);
  EXPECT_EQ(TextIn("<a>&</a>"), "error: has the unknown entity '&'" + hint);
  for (const char* reference : {"&#;", "&#x;", "&#0;", "&#7;", "&#xD800;", "&#xFFFE;", "&#x110000;",
                                "&#99999999999;", "&#-1;", "&#1z;", "&LT;"}) {
    EXPECT_EQ(TextIn("<a>" + std::string(reference) + "</a>").substr(0, 29),
              "error: has the unknown entity")
        << reference;
  }
  EXPECT_EQ(TextIn("<a>&#xD7FF;&#xE000;&#xFFFD;&#x10FFFF;</a>").size(), 13u);
}

TEST(XmlSourceTest, Helpers) {
  EXPECT_EQ(EscapeXml("a<b>&\"'"), "a&lt;b&gt;&amp;\"'");
  EXPECT_EQ(Trimmed(" \t\r\n a b \n"), "a b");
  EXPECT_EQ(Trimmed(" \n"), "");
  ConfigErrors errors("f");
  const XmlSource source("<a><b> \n </b><c><d/>x</c><d><![CDATA[x]]></d></a>", errors);
  EXPECT_FALSE(HasText(source.root()));
  EXPECT_FALSE(HasText(source.root().child("b")));
  EXPECT_TRUE(HasText(source.root().child("c")));
  EXPECT_TRUE(HasText(source.root().child("d")));
}

TEST(ReadConfigFileTest, ReadsAllOfIt) {
  EXPECT_EQ(ReadConfigFile(TempFile("a.xml", "<a/>\n")).value(), "<a/>\n");
  EXPECT_EQ(ReadConfigFile(TempFile("empty.xml", "")).value(), "");
}

TEST(ReadConfigFileTest, SizeLimit) {
  const std::string full(kFileBytesMax, 'x');
  EXPECT_EQ(ReadConfigFile(TempFile("full.xml", full)).value(), full);
  const std::string path = TempFile("over.xml", full + "x");
  EXPECT_EQ(ErrorText(ReadConfigFile(path).status()),
            "cannot read the configuration file " + path + ": it is larger than 1048576 bytes");
}

TEST(ReadConfigFileTest, FilesThatCannotBeRead) {
  const std::string missing = testing::TempDir() + "/missing.xml";
  const absl::Status status = ReadConfigFile(missing).status();
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kBadOption);
  EXPECT_EQ(ErrorText(status),
            "cannot read the configuration file " + missing + ": No such file or directory");
  EXPECT_EQ(ErrorText(ReadConfigFile(testing::TempDir()).status()),
            "cannot read the configuration file " + testing::TempDir() + ": Is a directory");
  const std::string path = TempFile("closed.xml", "<a/>");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  const absl::StatusOr<std::string> closed = ReadConfigFile(path);
  // The superuser may read everything.
  if (geteuid() == 0) {
    EXPECT_EQ(closed.value(), "<a/>");
  } else {
    EXPECT_EQ(ErrorText(closed.status()),
              "cannot read the configuration file " + path + ": Permission denied");
  }
}

}  // namespace
}  // namespace fluxgate::config
