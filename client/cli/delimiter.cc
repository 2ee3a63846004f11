#include "client/cli/delimiter.h"

#include <fmt/format.h>

#include <charconv>

#include "core/base/error.h"

namespace fluxgate::cli {

absl::StatusOr<std::string> ParseDelimiter(std::string_view text) {
  std::string delimiter;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      delimiter.push_back(text[i]);
      continue;
    }
    const char kind = ++i < text.size() ? text[i] : '\0';
    switch (kind) {
      case 'n':
        delimiter.push_back('\n');
        break;
      case 't':
        delimiter.push_back('\t');
        break;
      case 'r':
        delimiter.push_back('\r');
        break;
      case '0':
        delimiter.push_back('\0');
        break;
      case '\\':
        delimiter.push_back('\\');
        break;
      case 'x': {
        unsigned value = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const char* const end = digits.data() + digits.size();
        if (digits.size() == 2 && std::from_chars(digits.data(), end, value, 16).ptr == end) {
          delimiter.push_back(static_cast<char>(value));
          i += 2;
          break;
        }
        [[fallthrough]];
      }
      default:
        return MakeError(
            ErrorCode::kBadOption,
            fmt::format("delimiter '{}': \\n \\t \\r \\0 \\\\ and \\xNN are known", text));
    }
  }
  if (delimiter.empty()) return MakeError(ErrorCode::kBadOption, "the delimiter is empty");
  return delimiter;
}

bool MessageSplitter::Add(std::string_view bytes) {
  // Without the copy, as long as no message is cut.
  if (!rest_.empty()) {
    // A delimiter may begin in what was kept.
    size_t from = rest_.size() - std::min(rest_.size(), delimiter_.size() - 1);
    rest_.append(bytes);
    size_t at = rest_.find(delimiter_, from);
    if (at == std::string::npos) return true;
    const size_t used = at + delimiter_.size() - (rest_.size() - bytes.size());
    if (at != 0 && !take_(std::string_view(rest_).substr(0, at))) return false;
    rest_.clear();
    bytes.remove_prefix(used);
  }
  size_t at;
  while ((at = bytes.find(delimiter_)) != std::string_view::npos) {
    if (at != 0 && !take_(bytes.substr(0, at))) return false;
    bytes.remove_prefix(at + delimiter_.size());
  }
  rest_.assign(bytes);
  return true;
}

bool MessageSplitter::Finish() {
  if (rest_.empty()) return true;
  const std::string last = std::move(rest_);
  rest_.clear();
  return take_(last);
}

}  // namespace fluxgate::cli
