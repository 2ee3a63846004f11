#include "core/base/quoted.h"

#include "core/base/utf8.h"

namespace fluxgate {

std::string OneLine(std::string_view text, size_t bytes_max) {
  const bool cut = text.size() > bytes_max;
  if (cut) {
    size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  const bool utf8 = IsValidUtf8(text);
  std::string out;
  out.reserve(text.size() + 3);
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8) ? '?' : c;
  }
  if (cut) out += "...";
  return out;
}

std::string Quoted(std::string_view text) { return "'" + OneLine(text, kQuotedBytesMax) + "'"; }

}  // namespace fluxgate
