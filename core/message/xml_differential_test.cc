// XML documents against pugixml, both ways: generated ones, the same damaged and cut, and ours read
// by it. Extractor against Parse, Parse against pugixml's tree.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <pugixml.hpp>
#include <random>
#include <string>
#include <vector>

#include "core/message/document_testing.h"
#include "core/message/message_testing.h"
#include "core/message/xml_message_type.h"

namespace fluxgate {
namespace {

using Random = std::mt19937_64;

std::string Trimmed(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) != text.npos) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != text.npos) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

std::string TextOrNull(const std::string& text) {
  return text.empty() ? "NULL" : fmt::format("'{}'", text);
}

// As DocumentText shows it.
std::string ShownElement(const pugi::xml_node& element) {
  std::string members;
  for (const pugi::xml_attribute& attribute : element.attributes()) {
    members += fmt::format(" @{}:{}", attribute.name(), TextOrNull(attribute.value()));
  }
  std::string text;
  for (const pugi::xml_node& child : element.children()) {
    if (child.type() == pugi::node_element) {
      members += fmt::format(" {}:{}", child.name(), ShownElement(child));
    } else {
      text += child.value();
    }
  }
  text = Trimmed(text);
  if (!text.empty()) return "{" + TextOrNull(text) + members + "}";
  return members.empty() ? "{}" : "{" + members.substr(1) + "}";
}

std::string ReadByPugixml(const std::string& text) {
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(
      text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata, pugi::encoding_utf8);
  if (!result) return "malformed";
  const pugi::xml_node root = document.document_element();
  return fmt::format("{{{}:{}}}", root.name(), ShownElement(root));
}

class XmlDifferentialTest : public testing::Test {
 protected:
  size_t Below(size_t n) { return random_() % n; }

  template <typename... T>
  std::string OneOf(T... choices) {
    const std::vector<std::string> all = {choices...};
    return all[Below(all.size())];
  }

  std::string Blank() { return Below(5) == 0 ? OneOf(" ", "\n", "\t", "\r\n", "   ") : ""; }
  std::string Name() {
    return Below(2) == 0 ? OneOf("a", "b", "c")
                         : OneOf("id", "name", "x:price", "customer_id", "customer-nm", "\u00fc",
                                 "a_rather_long_element_name_of_more_than_thirty_two_bytes");
  }
  std::string Characters(bool attribute) {
    std::string text;
    for (size_t i = Below(Below(8) == 0 ? 90 : 9); i > 0; --i) {
      text += Below(8) > 0 ? std::string(1, static_cast<char>('a' + Below(26)))
                           : OneOf("&lt;", "&amp;", "&#65;", "&#x20ac;", "\u20ac", ">", " ", "\n",
                                   "\r\n", "\t", "\r", attribute ? "]" : "] ", "-", "/", "=",
                                   "\U0001F600", "&quot;", attribute ? "]]>" : "\"'");
    }
    return text;
  }
  std::string Element(int depth) {
    const std::string name = Name();
    std::string text = "<" + name;
    std::vector<std::string> names;
    for (size_t i = Below(3); i > 0; --i) {
      const std::string attribute = Name();
      if (std::find(names.begin(), names.end(), attribute) != names.end()) continue;
      names.push_back(attribute);
      const std::string quote = OneOf("\"", "'");
      text +=
          " " + Blank() + attribute + Blank() + "=" + Blank() + quote + Characters(true) + quote;
    }
    text += Blank();
    if (Below(6) == 0) return text + "/>";
    text += ">";
    for (size_t i = Below(depth > 4 ? 2 : 6); i > 0; --i) {
      switch (Below(8)) {
        case 0:
          text += "<!-- " + OneOf("", "<x>", "&", "- -", "]]>") + " -->";
          break;
        case 1:
          text += "<?pi " + OneOf("", "<x>", "&", "?") + " ?>";
          break;
        case 2:
          text += "<![CDATA[" + OneOf("", "<x>", "&amp;", "]]", " x ", "a\r\nb") + "]]>";
          break;
        case 3:
        case 4:
          text += Characters(false);
          break;
        default:
          text += Blank() + (depth > 4 ? "" : Element(depth + 1));
      }
    }
    return text + "</" + name + Blank() + ">";
  }
  std::string Body() {
    return OneOf("", "", "<?xml version=\"1.0\"?>", "<!-- x -->\n") + Element(0) + Blank();
  }

  FieldPath Path(std::string_view root) {
    FieldPath path;
    path.steps.emplace_back(std::string(root));
    for (size_t i = Below(4); i > 0; --i) {
      path.steps.emplace_back(Below(2) == 0 ? OneOf("a", "b", "c") : Name(),
                              Below(4) == 0 ? static_cast<int32_t>(Below(3)) : FieldStep::kEvery);
    }
    if (Below(3) == 0) path.steps.emplace_back("@" + Name());
    return path;
  }

  // Extracts a few fields and compares them with the parsed document; if Parse refuses the body,
  // the extractor may have stopped at nothing that it looked at.
  void CompareExtractor(const std::string& body, const Document* document, std::string_view root) {
    std::vector<FieldRequest> requests;
    for (size_t i = Below(6) + 1; i > 0; --i) {
      requests.push_back({Path(root), static_cast<FieldSlot>(requests.size())});
    }
    const auto extractor = xml_.NewExtractor(requests);
    std::vector<Value> values(requests.size());
    const PaddedBody padded(body, "<>a\"' /-&"[Below(9)]);
    const bool ok = extractor->Extract(padded.view(), values);
    if (document == nullptr) return;
    ASSERT_TRUE(ok) << body;
    for (const FieldRequest& request : requests) {
      const std::string found = ValueText(values[request.slot]);
      ASSERT_EQ(found, FoundText(*document, request.path)) << request.path.ToString() << " in\n"
                                                           << body;
      found_ += found != "NULL" ? 1 : 0;
    }
  }

  const uint64_t seed_ = std::random_device()();
  Random random_{seed_};
  const XmlMessageType xml_;
  int found_ = 0;
};

TEST_F(XmlDifferentialTest, GeneratedDocuments) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  for (int i = 0; i < 10'000; ++i) {
    const std::string body = Body();
    Document document;
    const absl::Status status = xml_.Parse(body, document);
    ASSERT_TRUE(status.ok()) << status.message() << "\n" << body;
    ASSERT_EQ(DocumentText(document.root()), ReadByPugixml(body)) << body;
    CompareExtractor(body, &document, document.root().members[0].name);

    std::string written;
    ASSERT_TRUE(xml_.Write(document, written).ok()) << body;
    ASSERT_EQ(ReadByPugixml(written), DocumentText(document.root())) << body << "\n" << written;
    Document again;
    ASSERT_TRUE(xml_.Parse(written, again).ok()) << written;
    ASSERT_TRUE(SameContent(again.root(), document.root())) << body << "\n" << written;
  }
  EXPECT_GT(found_, 3'000);  // the generator does hit what is asked for
}

TEST_F(XmlDifferentialTest, DamagedAndCutDocuments) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  int accepted = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string body = Body();
    constexpr std::string_view kBytes = "<>/!?-[]&;='\" \r\nax:1\x01\xff";
    for (size_t damage = Below(3) + 1; damage > 0; --damage) {
      const size_t at = Below(body.size());
      switch (Below(4)) {
        case 0:
          body[at] = kBytes[Below(kBytes.size())];
          break;
        case 1:
          if (body.size() > 1) body.erase(at, 1);
          break;
        case 2:
          body.insert(at, 1, kBytes[Below(kBytes.size())]);
          break;
        default:
          if (Below(4) == 0) body.resize(at + 1);
      }
    }
    Document document;
    const bool ok = xml_.Parse(body, document).ok();
    CompareExtractor(body, ok ? &document : nullptr, ok ? document.root().members[0].name : "a");
    if (!ok) continue;
    ++accepted;
    // pugixml takes more than is well-formed, but nothing well-formed may it read differently.
    ASSERT_EQ(DocumentText(document.root()), ReadByPugixml(body)) << body;
  }
  EXPECT_GT(accepted, 3'000);
}

}  // namespace
}  // namespace fluxgate
