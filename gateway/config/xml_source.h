// The bytes of one configuration file, checked and parsed, with line numbers. What the elements
// mean is not known here. Owns the parsed document. One thread.
//
// Refused before any element is looked at: files over kFileBytesMax, bytes that are not UTF-8,
// control characters, document type declarations (so external entities and entity expansion
// cannot happen), nesting over kNestingMax, text or a second element beside the root.
#ifndef FLUXGATE_GATEWAY_CONFIG_XML_SOURCE_H_
#define FLUXGATE_GATEWAY_CONFIG_XML_SOURCE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/config/config_errors.h"
#include "pugixml.hpp"

namespace fluxgate::config {

inline constexpr size_t kFileBytesMax = 1 << 20;
inline constexpr uint32_t kNestingMax = 32;  // elements inside each other, the root included

// The bytes of `path`. kBadOption in plain words for a missing or unreadable file, a directory, and
// one over kFileBytesMax.
absl::StatusOr<std::string> ReadConfigFile(const std::string& path);

class XmlSource {
 public:
  // Parses a copy of `xml`. Check `errors` before anything else is called: when there is one, there
  // is no root().
  XmlSource(std::string_view xml, ConfigErrors& errors);
  XmlSource(const XmlSource&) = delete;
  XmlSource& operator=(const XmlSource&) = delete;

  pugi::xml_node root() const { return root_; }

  // 1-based.
  uint32_t LineOf(pugi::xml_node node) const;

 private:
  uint32_t LineAt(size_t offset) const;
  bool CheckBytes(std::string_view xml, ConfigErrors& errors);
  bool CheckTree(ConfigErrors& errors);

  std::vector<size_t> line_starts_;
  pugi::xml_document document_;
  pugi::xml_node root_;
};

// The element's own text (character data and CDATA, child elements left out) with entities
// decoded. kBadOption for a & that starts none of the five predefined entities or a character
// reference, and for references to characters that XML does not allow.
absl::StatusOr<std::string> TextOf(pugi::xml_node element);

// Has character data other than white space.
bool HasText(pugi::xml_node element);

// `text` as character data: & < > as entities.
std::string EscapeXml(std::string_view text);

// Without white space (XML's four characters) at both ends.
std::string_view Trimmed(std::string_view text);

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_XML_SOURCE_H_
