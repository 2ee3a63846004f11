#include "gateway/amps/amps_unescape.h"

#include <charconv>
#include <cstdint>

namespace fluxgate::amps {
namespace {

void AppendUtf8(uint32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | c >> 6));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | c >> 12));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | c >> 18));
    out->push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

// The four digits after \u, at `at`.
bool ReadHex(std::string_view text, size_t at, uint32_t* unit) {
  if (text.size() < 4 || at > text.size() - 4) return false;
  const char* const end = text.data() + at + 4;
  const auto [read, error] = std::from_chars(text.data() + at, end, *unit, 16);
  return error == std::errc() && read == end;
}

}  // namespace

DecodeError AppendUnescaped(std::string_view text, std::string* out) {
  size_t i = 0;
  while (i < text.size()) {
    const size_t backslash = text.find('\\', i);
    out->append(text.substr(i, backslash - i));
    if (backslash == std::string_view::npos) break;
    if (backslash + 1 == text.size()) return DecodeError::kSyntax;
    i = backslash + 2;
    switch (text[backslash + 1]) {
      case '"':
        out->push_back('"');
        break;
      case '\\':
        out->push_back('\\');
        break;
      case '/':
        out->push_back('/');
        break;
      case 'b':
        out->push_back('\b');
        break;
      case 'f':
        out->push_back('\f');
        break;
      case 'n':
        out->push_back('\n');
        break;
      case 'r':
        out->push_back('\r');
        break;
      case 't':
        out->push_back('\t');
        break;
      case 'u': {
        uint32_t c = 0;
        if (!ReadHex(text, i, &c)) return DecodeError::kSyntax;
        i += 4;
        if (c >= 0xDC00 && c <= 0xDFFF) return DecodeError::kNotUtf8;
        if (c >= 0xD800 && c <= 0xDBFF) {
          uint32_t low = 0;
          if (text.substr(i, 2) != "\\u" || !ReadHex(text, i + 2, &low) || low < 0xDC00 ||
              low > 0xDFFF) {
            return DecodeError::kNotUtf8;
          }
          i += 6;
          c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        }
        AppendUtf8(c, out);
        break;
      }
      default:
        return DecodeError::kSyntax;
    }
  }
  return DecodeError::kNone;
}

}  // namespace fluxgate::amps
