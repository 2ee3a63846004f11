#include "core/filter/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fluxgate {
namespace {

constexpr std::array<std::string_view, 9> kAnnounced = {
    "DATE",  "DATE_UTC",  "DAY",          "MONTH", "TIMEZONEOFFSET",
    "TODAY", "TODAY_UTC", "VALUE_LOOKUP", "YEAR",
};

constexpr std::array kKeywords = {"AND",    "OR",   "NOT",  "IN", "BETWEEN", "LIKE",
                                  "BEGINS", "ENDS", "WITH", "IS", "NAN",     "MOD"};

}  // namespace

std::string Printable(std::string_view text) {
  constexpr size_t kShown = 32;
  std::string out;
  for (const char c : text.substr(0, kShown)) {
    if (c >= 0x20 && c < 0x7f) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  if (text.size() > kShown) out += "...";
  return out;
}

bool IsKeyword(const Token& token) {
  return std::any_of(kKeywords.begin(), kKeywords.end(),
                     [&](const char* keyword) { return IsWord(token, keyword); });
}

bool IsReservedWord(std::string_view upper) {
  constexpr std::array<std::string_view, 6> kOthers = {"TRUE", "FALSE", "NULL", "OF", "AS", "HINT"};
  return std::ranges::find(kOthers, upper) != kOthers.end() ||
         std::ranges::any_of(kKeywords, [&](const char* keyword) { return upper == keyword; });
}

bool IsAnnouncedFunction(std::string_view upper) {
  return std::find(kAnnounced.begin(), kAnnounced.end(), upper) != kAnnounced.end();
}

std::string Describe(const Token& token) {
  const std::string text = Printable(token.text);
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end";
    case TokenKind::kField:
      return "field " + text;
    case TokenKind::kNumber:
      return "number " + text;
    case TokenKind::kString:
      return "string " + text;
    default:
      return "'" + text + "'";
  }
}

}  // namespace fluxgate
