// Names and text of XML 1.0 (Fifth Edition): what may stand in them, and how it is spelled.
#ifndef FLUXGATE_CORE_MESSAGE_XML_TEXT_H_
#define FLUXGATE_CORE_MESSAGE_XML_TEXT_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/message/text_scratch.h"

namespace fluxgate {

namespace xml_internal {

enum ByteClass : uint8_t {
  kName = 1,       // may stand in a name
  kNameStart = 2,  // may begin one
};

// Bytes of characters beyond ASCII count as letters; not all of those characters are.
inline constexpr auto kByteClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
    if (letter || c == '_' || c == ':') classes[static_cast<size_t>(c)] = kName | kNameStart;
    if ((c >= '0' && c <= '9') || c == '-' || c == '.') classes[static_cast<size_t>(c)] = kName;
  }
  return classes;
}();

inline bool HasClass(char c, ByteClass wanted) {
  return (kByteClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

}  // namespace xml_internal

inline bool IsXmlBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// The end of the name that begins at `p`; `p` itself if none does.
inline const char* SkipXmlName(const char* p, const char* end) {
  if (p >= end || !xml_internal::HasClass(*p, xml_internal::kNameStart)) return p;
  do ++p;
  while (p < end && xml_internal::HasClass(*p, xml_internal::kName));
  return p;
}

// Without blanks at its ends.
std::string_view TrimXml(std::string_view text);

enum class XmlSpelling : uint8_t { kText, kAttribute, kCData };

// What `spelled` says: references resolved, line ends as one line feed, and in attributes every
// blank character that is no reference as a space. `spelled` itself where it says what it spells,
// otherwise rewritten to `scratch`, never longer. Returns what is wrong, or nullptr.
const char* ReadXmlText(std::string_view spelled, XmlSpelling spelling, TextScratch& scratch,
                        std::string_view& text);

// Appends `text` as element text (kText) or within double quotes (kAttribute). False: it holds what
// no XML document can.
bool WriteXmlText(std::string_view text, XmlSpelling spelling, std::string& out);

bool IsXmlName(std::string_view name);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_XML_TEXT_H_
