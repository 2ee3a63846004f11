#include "gateway/config/xml_source.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "fmt/format.h"

namespace fluxgate::config {
namespace {

// Escapes stay as they are: TextOf decodes them and refuses what pugixml would let through.
constexpr unsigned kParseOptions = pugi::parse_cdata | pugi::parse_eol | pugi::parse_doctype |
                                   pugi::parse_declaration | pugi::parse_fragment;

constexpr std::string_view kNoDoctype =
    "document type declarations (DOCTYPE, and with it entities) are not allowed";

struct Entity {
  std::string_view name;
  char character;
};
constexpr Entity kEntities[] = {
    {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};

std::string_view WhatIsMalformed(pugi::xml_parse_status status) {
  switch (status) {
    case pugi::status_bad_comment:
      return "a comment does not end";
    case pugi::status_bad_cdata:
      return "a CDATA section does not end";
    case pugi::status_bad_doctype:
      return kNoDoctype;
    case pugi::status_bad_pi:
      return "a processing instruction is malformed";
    case pugi::status_bad_attribute:
      return "an attribute is malformed";
    case pugi::status_end_element_mismatch:
    case pugi::status_bad_end_element:
      return "an element is not closed, or closed under another name";
    default:
      return "is not well-formed XML";
  }
}

bool IsXmlSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// XML 1.0 section 2.2, Char.
bool IsXmlCharacter(uint32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

void AppendUtf8(uint32_t c, std::string& out) {
  const auto byte = [&out](uint32_t value) { out += static_cast<char>(value); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | (c >> 6));
    byte(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    byte(0xE0 | (c >> 12));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  } else {
    byte(0xF0 | (c >> 18));
    byte(0x80 | ((c >> 12) & 0x3F));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  }
}

// `name` is what stands between & and ;. False when it is no entity.
bool AppendEntity(std::string_view name, std::string& out) {
  if (name.starts_with('#')) {
    const bool hex = name.starts_with("#x");
    const std::string_view digits = name.substr(hex ? 2 : 1);
    const char* end = digits.data() + digits.size();
    uint32_t character = 0;
    const auto [stop, error] = std::from_chars(digits.data(), end, character, hex ? 16 : 10);
    if (digits.empty() || error != std::errc() || stop != end || !IsXmlCharacter(character)) {
      return false;
    }
    AppendUtf8(character, out);
    return true;
  }
  for (const Entity& entity : kEntities) {
    if (entity.name != name) continue;
    out += entity.character;
    return true;
  }
  return false;
}

absl::Status AppendDecoded(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const size_t start = text.find('&');
    out += text.substr(0, start);
    if (start == std::string_view::npos) break;
    text.remove_prefix(start + 1);
    const size_t end = text.find(';');
    const std::string_view name = text.substr(0, end);
    if (end == std::string_view::npos || !AppendEntity(name, out)) {
      return MakeError(ErrorCode::kBadOption,
                       fmt::format("has the unknown entity {}; write &amp; for & itself",
                                   Quoted(fmt::format("&{}", name.substr(0, kQuotedBytesMax)))));
    }
    text.remove_prefix(end + 1);
  }
  return absl::OkStatus();
}

bool IsUtf8Name(std::string_view encoding) {
  std::string lower(encoding);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower.empty() || lower == "utf-8" || lower == "us-ascii";
}

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

absl::StatusOr<std::string> ReadConfigFile(const std::string& path) {
  const auto failed = [&path](std::string_view why) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("cannot read the configuration file {}: {}", path, why));
  };
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) return failed(std::strerror(errno));
  // One byte more than allowed tells a file at the limit from one above it.
  std::string bytes(kFileBytesMax + 1, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
  if (std::ferror(file.get()) != 0) return failed(std::strerror(errno));
  if (bytes.size() > kFileBytesMax) {
    return failed(fmt::format("it is larger than {} bytes", kFileBytesMax));
  }
  return bytes;
}

XmlSource::XmlSource(std::string_view xml, ConfigErrors& errors) {
  if (xml.starts_with("\xEF\xBB\xBF")) xml.remove_prefix(3);
  if (!CheckBytes(xml, errors)) return;
  const pugi::xml_parse_result result =
      document_.load_buffer(xml.data(), xml.size(), kParseOptions, pugi::encoding_utf8);
  if (!result && result.status != pugi::status_no_document_element) {
    const size_t offset = std::min(static_cast<size_t>(std::max<ptrdiff_t>(result.offset, 0)),
                                   xml.empty() ? 0 : xml.size() - 1);
    errors.Add(LineAt(offset), "", {std::string(WhatIsMalformed(result.status)), "", false});
    return;
  }
  if (!CheckTree(errors)) root_ = pugi::xml_node();
}

uint32_t XmlSource::LineAt(size_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<uint32_t>(next - line_starts_.begin());
}

uint32_t XmlSource::LineOf(pugi::xml_node node) const {
  const ptrdiff_t offset = node.offset_debug();
  if (offset < 0) return 0;
  // Character data starts right behind the tag before it: count from its first word.
  const std::string_view value = node.value();
  const std::string_view blank = value.substr(0, value.find_first_not_of(" \t\r\n"));
  return LineAt(static_cast<size_t>(offset)) +
         static_cast<uint32_t>(std::count(blank.begin(), blank.end(), '\n'));
}

bool XmlSource::CheckBytes(std::string_view xml, ConfigErrors& errors) {
  if (xml.size() > kFileBytesMax) {
    errors.Add(0, "", {fmt::format("is larger than {} bytes", kFileBytesMax), "", false});
    return false;
  }
  line_starts_.push_back(0);
  for (size_t i = 0; i < xml.size(); ++i) {
    if (xml[i] == '\n') line_starts_.push_back(i + 1);
  }
  for (size_t line = 0; line < line_starts_.size(); ++line) {
    const size_t start = line_starts_[line];
    const size_t end = line + 1 < line_starts_.size() ? line_starts_[line + 1] : xml.size();
    const std::string_view text = xml.substr(start, end - start);
    const auto number = static_cast<uint32_t>(line + 1);
    if (!IsValidUtf8(text)) {
      errors.Add(number, "", {"is not valid UTF-8", "", false});
      return false;
    }
    if (std::any_of(text.begin(), text.end(), [](char c) {
          return static_cast<unsigned char>(c) < 0x20 && !IsXmlSpace(c);
        })) {
      errors.Add(number, "", {"has a control character", "", false});
      return false;
    }
  }
  return true;
}

bool XmlSource::CheckTree(ConfigErrors& errors) {
  const auto fail = [&](pugi::xml_node node, std::string_view what) {
    errors.Add(LineOf(node), node.type() == pugi::node_element ? node.name() : "",
               {std::string(what), "", false});
    return false;
  };
  for (pugi::xml_node node : document_.children()) {
    switch (node.type()) {
      case pugi::node_element:
        if (root_) return fail(node, "is a second root element; a file has one");
        root_ = node;
        break;
      case pugi::node_doctype:
        return fail(node, kNoDoctype);
      case pugi::node_declaration:
        if (!IsUtf8Name(node.attribute("encoding").value())) {
          return fail(node, "declares an encoding other than UTF-8");
        }
        break;
      default:
        return fail(node, "text outside the root element");
    }
  }
  if (!root_) {
    errors.Add(0, "", {"has no element", "", false});
    return false;
  }
  // Not recursive: depth is what is being limited.
  uint32_t depth = 1;
  for (pugi::xml_node node = root_; node;) {
    if (node.type() == pugi::node_element && depth > kNestingMax) {
      return fail(node, fmt::format("elements nest deeper than {}", kNestingMax));
    }
    if (node.first_child()) {
      node = node.first_child();
      ++depth;
      continue;
    }
    while (node != root_ && !node.next_sibling()) {
      node = node.parent();
      --depth;
    }
    node = node == root_ ? pugi::xml_node() : node.next_sibling();
  }
  return true;
}

absl::StatusOr<std::string> TextOf(pugi::xml_node element) {
  std::string out;
  for (pugi::xml_node node : element.children()) {
    if (node.type() == pugi::node_cdata) {
      out += node.value();
    } else if (node.type() == pugi::node_pcdata) {
      if (absl::Status status = AppendDecoded(node.value(), out); !status.ok()) return status;
    }
  }
  return out;
}

bool HasText(pugi::xml_node element) {
  for (pugi::xml_node node : element.children()) {
    const bool text = node.type() == pugi::node_cdata || node.type() == pugi::node_pcdata;
    if (text && !Trimmed(node.value()).empty()) return true;
  }
  return false;
}

std::string EscapeXml(std::string_view text) {
  std::string out;
  for (char c : text) {
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
      default:
        out += c;
    }
  }
  return out;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsXmlSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsXmlSpace(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace fluxgate::config
