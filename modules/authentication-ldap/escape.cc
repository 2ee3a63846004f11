#include "modules/authentication-ldap/escape.h"

#include <fmt/format.h>

namespace fluxgate::modules {
namespace {

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7f; }

}  // namespace

std::string EscapeDnValue(std::string_view text) {
  constexpr std::string_view kSpecial = "\"+,;<>\\=";
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    const bool edge_blank = letter == ' ' && (i == 0 || i + 1 == text.size());
    if (IsControl(static_cast<unsigned char>(letter))) {
      escaped += fmt::format("\\{:02x}", static_cast<unsigned char>(letter));
    } else if (edge_blank || (letter == '#' && i == 0) ||
               kSpecial.find(letter) != std::string_view::npos) {
      escaped += '\\';
      escaped += letter;
    } else {
      escaped += letter;
    }
  }
  return escaped;
}

std::string EscapeFilterValue(std::string_view text) {
  constexpr std::string_view kSpecial = "*()\\";
  std::string escaped;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (IsControl(byte) || kSpecial.find(letter) != std::string_view::npos) {
      escaped += fmt::format("\\{:02x}", byte);
    } else {
      escaped += letter;
    }
  }
  return escaped;
}

}  // namespace fluxgate::modules
