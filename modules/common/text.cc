#include "modules/common/text.h"

#include <fmt/format.h>
#include <string.h>

#include <cctype>
#include <cstdint>

namespace fluxgate::modules {
namespace {

constexpr size_t kPrintableMax = 200;

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7f; }

}  // namespace

std::string WrongUserName(std::string_view name) {
  if (name.empty()) return "no user name";
  if (name.size() > kUserNameMax) {
    return fmt::format("user name is longer than {} bytes", kUserNameMax);
  }
  for (const unsigned char byte : name) {
    if (IsControl(byte)) return "control character in the user name";
  }
  if (!IsUtf8(name)) return "user name is not UTF-8";
  return "";
}

std::string WrongPassword(std::string_view password) {
  if (password.size() <= kPasswordMax) return "";
  return fmt::format("password is longer than {} bytes", kPasswordMax);
}

bool ConstantTimeEqual(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  volatile unsigned char difference = 0;
  for (size_t i = 0; i < left.size(); ++i) {
    difference = difference | static_cast<unsigned char>(left[i] ^ right[i]);
  }
  return difference == 0;
}

void Wipe(std::string* secret) {
  explicit_bzero(secret->data(), secret->size());
  secret->clear();
}

std::string Printable(std::string_view text) {
  std::string printable;
  for (const unsigned char byte : text) {
    if (printable.size() >= kPrintableMax) return printable + "...";
    if (IsControl(byte)) {
      printable += fmt::format("\\x{:02x}", byte);
    } else {
      printable += static_cast<char>(byte);
    }
  }
  return printable;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const unsigned char byte : text) {
    const bool plain = byte < 0x80 && (std::isalnum(byte) != 0 || byte == '-' || byte == '.' ||
                                       byte == '_' || byte == '~');
    if (plain) {
      encoded += static_cast<char>(byte);
    } else {
      encoded += fmt::format("%{:02X}", byte);
    }
  }
  return encoded;
}

bool IsUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80   ? 1
                          : lead < 0xc2 ? 0
                          : lead < 0xe0 ? 2
                          : lead < 0xf0 ? 3
                          : lead < 0xf5 ? 4
                                        : 0;
    if (length == 0 || i + length > text.size()) return false;
    uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3f);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

std::string ReplaceAll(std::string_view text, std::string_view what, std::string_view with) {
  std::string replaced;
  for (size_t at = 0; at < text.size();) {
    const size_t found = text.find(what, at);
    if (found == std::string_view::npos) {
      replaced += text.substr(at);
      break;
    }
    replaced += text.substr(at, found - at);
    replaced += with;
    at = found + what.size();
  }
  return replaced;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  if (Trim(text).empty()) return pieces;
  while (true) {
    const size_t end = text.find(separator);
    pieces.emplace_back(Trim(text.substr(0, end)));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

}  // namespace fluxgate::modules
