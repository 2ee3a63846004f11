// One pass over an XML document, without building anything: well-formedness (XML 1.0, Fifth
// Edition) of everything but what stands in skipped text, skipped attribute values, comments and
// processing instructions. Document type declarations are refused, and with them entities.
#ifndef FLUXGATE_CORE_MESSAGE_XML_SCANNER_H_
#define FLUXGATE_CORE_MESSAGE_XML_SCANNER_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/message/byte_search.h"
#include "core/message/xml_text.h"

namespace fluxgate {

// Handler has
//   struct Element                                      what it keeps with an open element
//   Element Root()                                      stands around the root element
//   bool Start(const Element& parent, name, Element&)
//   bool Attribute(Element&, name, spelled)             before its text and its children
//   bool Opened(Element&, bool& wants_text)             behind the last attribute
//   bool End(Element&, text)                            trimmed; empty if not wanted
// False ends the scan. Names and spelled values are views of the body, text of the body or of the
// scanner's scratch, valid until the next scan. 31 bytes behind the body may be read.
template <typename Handler>
class XmlScanner {
 public:
  XmlScanner(Handler& handler, uint32_t depth_max) : handler_(handler), depth_max_(depth_max) {}

  // False: `error` says what is wrong at `error_at`, unless the handler ended it.
  bool Scan(std::string_view body) {
    end_ = body.data() + body.size();
    error_ = nullptr;
    has_root_ = false;
    open_.clear();
    segments_.clear();
    // Text is decoded once, and once more put together where it is in several pieces.
    scratch_.Reset(2 * body.size());
    const char* p = SkipProlog(body.data());
    while (p != nullptr) {
      if (!open_.empty() && (p = ReadLeaves(p)) == nullptr) return false;
      const char* const tag = FindByte(p, end_, '<');
      if (open_.empty()) {
        if (!std::all_of(p, tag, IsXmlBlank)) return Fail("text outside the root element", p);
        if (tag == end_) return has_root_ || Fail("no root element", p);
      } else {
        if (tag == end_) return Fail("an element that is not closed", open_.back().name.data());
        if (open_.back().wants_text && tag != p && !AddText(p, tag, XmlSpelling::kText)) {
          return false;
        }
      }
      switch (tag + 1 == end_ ? '\0' : tag[1]) {
        case '/':
          p = ReadEndTag(tag);
          break;
        case '!':
          p = ReadCommentOrCData(tag);
          break;
        case '?':
          p = ReadInstruction(tag);
          break;
        default:
          p = ReadStartTag(tag);
      }
    }
    return false;
  }

  const char* error() const { return error_; }
  const char* error_at() const { return error_at_; }

  // For handlers: what a spelled value says. False ends the scan.
  bool ReadAttribute(std::string_view spelled, std::string_view& text) {
    const char* const wrong = ReadXmlText(spelled, XmlSpelling::kAttribute, scratch_, text);
    return wrong == nullptr || Fail(wrong, spelled.data());
  }
  bool Fail(const char* what, const char* at) {
    error_ = what;
    error_at_ = at;
    return false;
  }

 private:
  struct Open {
    std::string_view name;
    size_t first_segment;
    bool wants_text;
    typename Handler::Element element;
  };

  const char* Refuse(const char* what, const char* at) {
    Fail(what, at);
    return nullptr;
  }

  bool StartsWith(const char* p, std::string_view text) const {
    return static_cast<size_t>(end_ - p) >= text.size() &&
           std::memcmp(p, text.data(), text.size()) == 0;
  }
  const char* SkipBlanks(const char* p) const {
    if (static_cast<unsigned char>(*p) > ' ' && p < end_) return p;
    while (p < end_ && IsXmlBlank(*p)) ++p;
    return p;
  }

  const char* SkipProlog(const char* p) {
    if (StartsWith(p, "\xEF\xBB\xBF")) p += 3;
    if (StartsWith(p, "<?xml") && p + 5 < end_ && IsXmlBlank(p[5])) return ReadDeclaration(p + 5);
    return p;
  }

  // Behind <?xml.
  const char* ReadDeclaration(const char* p) {
    enum { kVersion, kEncoding, kStandalone, kNothing } next = kVersion;
    for (;;) {
      const char* const at = SkipBlanks(p);
      if (next != kVersion && StartsWith(at, "?>")) return at + 2;
      std::string_view name;
      std::string_view value;
      if (at == p) return Refuse("an XML declaration that is none", at);
      p = ReadNameAndValue(at, name, value);
      if (p == nullptr) return nullptr;
      if (next == kVersion && name == "version" && IsVersion(value)) {
        next = kEncoding;
      } else if (next == kEncoding && name == "encoding") {
        if (!IsUtf8Name(value)) return Refuse("an encoding other than UTF-8", value.data());
        next = kStandalone;
      } else if ((next == kEncoding || next == kStandalone) && name == "standalone" &&
                 (value == "yes" || value == "no")) {
        next = kNothing;
      } else {
        return Refuse("an XML declaration that is none", at);
      }
    }
  }
  static bool IsVersion(std::string_view text) {
    return text.size() > 2 && text.starts_with("1.") &&
           text.find_first_not_of("0123456789", 2) == std::string_view::npos;
  }
  static bool EqualsNoCase(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
    });
  }
  static bool IsUtf8Name(std::string_view text) {
    return EqualsNoCase(text, "utf-8") || EqualsNoCase(text, "utf8") ||
           EqualsNoCase(text, "us-ascii");
  }

  // name="value", with either quote.
  const char* ReadNameAndValue(const char* p, std::string_view& name, std::string_view& value) {
    const char* const name_end = SkipXmlName(p, end_);
    if (name_end == p) return Refuse("no name of an attribute", p);
    name = {p, static_cast<size_t>(name_end - p)};
    // Mostly it is short and spelled name="value": then one look finds all of it at once.
    const uint32_t quotes = EqualBytes(p, '"');
    const uint32_t closing = quotes & (quotes - 1);
    if (closing != 0) {
      const char* const begin = p + std::countr_zero(quotes) + 1;
      const char* const closed = p + std::countr_zero(closing);
      const uint32_t before = (closing & -closing) - 1;
      if (name_end + 2 == begin && *name_end == '=' && closed < end_ &&
          (EqualBytes(p, '<') & before) == 0) {
        value = {begin, static_cast<size_t>(closed - begin)};
        return closed + 1;
      }
    }
    p = SkipBlanks(name_end);
    if (p == end_ || *p != '=') return Refuse("an attribute without a value", name.data());
    p = SkipBlanks(p + 1);
    if (p == end_ || (*p != '"' && *p != '\'')) return Refuse("a value without quotes", p);
    const char* const begin = p + 1;
    p = FindEither(begin, end_, *p, '<');
    if (p == end_) return Refuse("a value without an end", begin);
    if (*p == '<') return Refuse("< in the value of an attribute", begin);
    value = {begin, static_cast<size_t>(p - begin)};
    return p + 1;
  }

  const char* ReadStartTag(const char* tag) {
    const char* p = SkipXmlName(tag + 1, end_);
    if (p == tag + 1) return Refuse("no name of an element", tag);
    if (open_.size() >= depth_max_) return Refuse("elements nested too deep", tag);
    if (open_.empty() && has_root_) return Refuse("a second root element", tag);
    has_root_ = true;
    const std::string_view name(tag + 1, static_cast<size_t>(p - tag - 1));
    typename Handler::Element element;
    if (!handler_.Start(open_.empty() ? handler_.Root() : open_.back().element, name, element)) {
      return nullptr;
    }
    for (;;) {
      const char* const at = SkipBlanks(p);
      if (at == end_) return Refuse("a tag that is not closed", tag);
      if (*at == '>' || *at == '/') {
        bool wants_text = false;
        if (!handler_.Opened(element, wants_text)) return nullptr;
        if (*at == '>') {
          open_.push_back({name, segments_.size(), wants_text, element});
          return at + 1;
        }
        if (!StartsWith(at, "/>")) return Refuse("a tag that is not closed", tag);
        return handler_.End(element, {}) ? at + 2 : nullptr;
      }
      if (at == p) return Refuse("an attribute without a blank before it", at);
      std::string_view attribute;
      std::string_view value;
      p = ReadNameAndValue(at, attribute, value);
      if (p == nullptr || !handler_.Attribute(element, attribute, value)) return nullptr;
    }
  }

  // Elements at `p` that have no attributes and hold nothing but text: in most documents most of
  // them. Returns where something else stands.
  const char* ReadLeaves(const char* p) {
    const char* const end = end_;
    const Open parent = open_.back();
    if (open_.size() >= depth_max_) return p;
    for (;;) {
      const char* tag = p;
      if (*tag != '<' && !parent.wants_text) tag = FindByte(tag, end, '<');
      if (tag >= end || *tag != '<') return p;
      const char* const name_end = SkipXmlName(tag + 1, end);
      const size_t size = static_cast<size_t>(name_end - tag - 1);
      if (size == 0 || *name_end != '>') return p;
      // The next markup must be the end tag.
      const uint32_t next = EqualBytes(tag + 1, '<');
      const char* const closing =
          next != 0 ? tag + 1 + std::countr_zero(next) : FindByte(tag + 1 + kSearchBytes, end, '<');
      if (end - closing <= static_cast<ptrdiff_t>(size) + 2 || closing[1] != '/' ||
          closing[size + 2] != '>' || !SameBytes(closing + 2, tag + 1, size)) {
        return p;
      }
      typename Handler::Element element;
      bool wants_text = false;
      std::string_view text;
      if (!handler_.Start(parent.element, {tag + 1, size}, element)) return nullptr;
      if (!handler_.Opened(element, wants_text)) return nullptr;
      if (wants_text) {
        const std::string_view spelled(name_end + 1, static_cast<size_t>(closing - name_end - 1));
        if (const char* const wrong = ReadXmlText(spelled, XmlSpelling::kText, scratch_, text)) {
          return Refuse(wrong, spelled.data());
        }
        text = TrimXml(text);
      }
      if (!handler_.End(element, text)) return nullptr;
      p = closing + size + 3;
    }
  }

  const char* ReadEndTag(const char* tag) {
    if (open_.empty()) return Refuse("an end tag without a start tag", tag);
    Open& closed = open_.back();
    const char* p = tag + 2;
    if (static_cast<size_t>(end_ - p) < closed.name.size() ||
        !SameBytes(p, closed.name.data(), closed.name.size())) {
      return Refuse("an end tag of another element", tag);
    }
    p = SkipBlanks(p + closed.name.size());
    if (p == end_ || *p != '>') return Refuse("an end tag of another element", tag);
    const std::string_view text =
        closed.wants_text ? TakeText(closed.first_segment) : std::string_view();
    if (!handler_.End(closed.element, text)) return nullptr;
    open_.pop_back();
    return p + 1;
  }

  const char* ReadCommentOrCData(const char* tag) {
    if (StartsWith(tag, "<!--")) {
      const char* const dashes = FindText(tag + 4, "--");
      if (dashes == end_) return Refuse("a comment without an end", tag);
      if (!StartsWith(dashes, "-->")) return Refuse("-- in a comment", dashes);
      return dashes + 3;
    }
    if (StartsWith(tag, "<![CDATA[") && !open_.empty()) {
      const char* const begin = tag + 9;
      const char* const closing = FindText(begin, "]]>");
      if (closing == end_) return Refuse("a CDATA section without an end", tag);
      if (open_.back().wants_text && !AddText(begin, closing, XmlSpelling::kCData)) return nullptr;
      return closing + 3;
    }
    if (StartsWith(tag, "<!DOCTYPE")) return Refuse("a document type declaration", tag);
    return Refuse("no markup that XML has", tag);
  }

  const char* ReadInstruction(const char* tag) {
    const char* const name = tag + 2;
    const char* const name_end = SkipXmlName(name, end_);
    const char* const closing = FindText(name_end, "?>");
    if (name_end == name || closing == end_ || (closing != name_end && !IsXmlBlank(*name_end)) ||
        EqualsNoCase({name, static_cast<size_t>(name_end - name)}, "xml")) {
      return Refuse("a processing instruction that is none", tag);
    }
    return closing + 2;
  }

  const char* FindText(const char* p, std::string_view text) const {
    for (;;) {
      p = FindByte(p, end_, text[0]);
      if (p == end_ || StartsWith(p, text)) return p;
      ++p;
    }
  }

  bool AddText(const char* begin, const char* end, XmlSpelling spelling) {
    std::string_view text;
    const std::string_view spelled(begin, static_cast<size_t>(end - begin));
    if (const char* const wrong = ReadXmlText(spelled, spelling, scratch_, text)) {
      return Fail(wrong, begin);
    }
    segments_.push_back(text);
    return true;
  }

  // The text of the element that ends; that of its children has been taken before.
  std::string_view TakeText(size_t first) {
    std::string_view text;
    if (segments_.size() == first + 1) {
      text = segments_[first];
    } else if (segments_.size() > first) {
      char* const begin = scratch_.Room();
      size_t size = 0;
      for (size_t i = first; i < segments_.size(); ++i) {
        std::memcpy(begin + size, segments_[i].data(), segments_[i].size());
        size += segments_[i].size();
      }
      scratch_.Keep(size);
      text = {begin, size};
    }
    segments_.resize(first);
    return TrimXml(text);
  }

  Handler& handler_;
  const size_t depth_max_;
  const char* end_ = nullptr;
  const char* error_ = nullptr;
  const char* error_at_ = nullptr;
  bool has_root_ = false;
  std::vector<Open> open_;
  std::vector<std::string_view> segments_;  // of text, of all open elements that want it
  TextScratch scratch_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_XML_SCANNER_H_
