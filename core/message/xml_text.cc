#include "core/message/xml_text.h"

#include <algorithm>
#include <cstring>

#include "core/base/utf8.h"

namespace fluxgate {
namespace {

constexpr const char* kNotText = "text that is not UTF-8, or characters that XML has not";

enum TextClass : uint8_t {
  kAmpersand = 1,
  kReturn = 2,
  kTabOrFeed = 4,
  kControl = 8,  // in no XML document
  kHigh = 16,
  kGreater = 32,
  kLess = 64,
  kQuote = 128,
};

constexpr auto kTextClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (size_t c = 0; c < 32; ++c) classes[c] = kControl;
  for (size_t c = 128; c < 256; ++c) classes[c] = kHigh;
  classes['\t'] = kTabOrFeed;
  classes['\n'] = kTabOrFeed;
  classes['\r'] = kReturn;
  classes['&'] = kAmpersand;
  classes['>'] = kGreater;
  classes['<'] = kLess;
  classes['"'] = kQuote;
  return classes;
}();

uint8_t ClassesIn(std::string_view text) {
  uint8_t classes = 0;
  for (const char c : text) classes |= kTextClasses[static_cast<unsigned char>(c)];
  return classes;
}

// Beyond ASCII all of Unicode may stand in a document but U+FFFE and U+FFFF.
bool IsHighTextAllowed(std::string_view text) {
  return IsValidUtf8(text) && text.find("\xEF\xBF\xBE") == std::string_view::npos &&
         text.find("\xEF\xBF\xBF") == std::string_view::npos;
}

bool IsAllowed(std::string_view text, uint8_t classes) {
  return (classes & kControl) == 0 && ((classes & kHigh) == 0 || IsHighTextAllowed(text));
}

bool IsXmlCharacter(uint32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c < 0xD800 || (c >= 0xE000 && c < 0xFFFE) || (c >= 0x10000 && c < 0x110000);
}

char* PutUtf8(uint32_t c, char* out) {
  const auto put = [&out](uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return out;
}

// The character that `name`, what stands between & and ;, refers to; 0 if none.
uint32_t Referred(std::string_view name) {
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "amp") return '&';
  if (name == "apos") return '\'';
  if (name == "quot") return '"';
  if (!name.starts_with('#')) return 0;
  name.remove_prefix(1);
  const bool hex = name.starts_with('x');
  if (hex) name.remove_prefix(1);
  uint32_t character = 0;
  for (const char c : name) {
    uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
    } else if (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
      digit = static_cast<uint32_t>((c | 0x20) - 'a' + 10);
    } else {
      return 0;
    }
    character = character * (hex ? 16 : 10) + digit;
    if (character > 0x10FFFF) return 0;
  }
  return IsXmlCharacter(character) ? character : 0;
}

}  // namespace

const char* xml_internal::ReadAnyXmlText(std::string_view spelled, XmlSpelling spelling,
                                         TextScratch& scratch, std::string_view& text) {
  const uint8_t classes = ClassesIn(spelled);
  if (classes == 0) return nullptr;
  if (!IsAllowed(spelled, classes)) return kNotText;
  if (spelling == XmlSpelling::kText && (classes & kGreater) != 0 &&
      spelled.find("]]>") != std::string_view::npos) {
    return "]]> in text";
  }
  const uint8_t rewritten = spelling == XmlSpelling::kCData  ? kReturn
                            : spelling == XmlSpelling::kText ? kAmpersand | kReturn
                                                             : kAmpersand | kReturn | kTabOrFeed;
  if ((classes & rewritten) == 0) return nullptr;

  const bool attribute = spelling == XmlSpelling::kAttribute;
  char* const begin = scratch.Room();
  char* out = begin;
  for (size_t i = 0; i < spelled.size(); ++i) {
    const char c = spelled[i];
    if (c == '&' && spelling != XmlSpelling::kCData) {
      const size_t semicolon = spelled.find_first_of(";&", i + 1);
      if (semicolon == std::string_view::npos) return "a reference without an end";
      const uint32_t character = Referred(spelled.substr(i + 1, semicolon - i - 1));
      if (character == 0 || spelled[semicolon] == '&') return "an unknown reference";
      out = PutUtf8(character, out);
      i = semicolon;
    } else if (c == '\r') {
      if (i + 1 < spelled.size() && spelled[i + 1] == '\n') ++i;
      *out++ = attribute ? ' ' : '\n';
    } else {
      *out++ = attribute && (c == '\n' || c == '\t') ? ' ' : c;
    }
  }
  text = {begin, static_cast<size_t>(out - begin)};
  scratch.Keep(text.size());
  return nullptr;
}

bool WriteXmlText(std::string_view text, XmlSpelling spelling, std::string& out) {
  uint8_t escaped = kAmpersand | kReturn | kGreater | kLess;
  if (spelling == XmlSpelling::kAttribute) escaped |= kTabOrFeed | kQuote;
  const uint8_t classes = ClassesIn(text);
  if (!IsAllowed(text, classes)) return false;
  if ((classes & escaped) == 0) {
    out.append(text);
    return true;
  }
  for (const char c : text) {
    if ((kTextClasses[static_cast<unsigned char>(c)] & escaped) == 0) {
      out += c;
      continue;
    }
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\t':
        out += "&#9;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += "&#13;";
    }
  }
  return true;
}

bool IsXmlText(std::string_view text) { return IsAllowed(text, ClassesIn(text)); }

bool IsXmlName(std::string_view name) {
  using xml_internal::HasClass;
  return !name.empty() && HasClass(name[0], xml_internal::kNameStart) &&
         std::ranges::all_of(name, [](char c) { return HasClass(c, xml_internal::kName); }) &&
         IsValidUtf8(name);
}

}  // namespace fluxgate
