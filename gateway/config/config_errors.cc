#include "gateway/config/config_errors.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "fmt/format.h"

namespace fluxgate::config {

std::string Quoted(std::string_view text) {
  const bool cut = text.size() > kQuotedBytesMax;
  if (cut) {
    size_t end = kQuotedBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  const bool utf8 = IsValidUtf8(text);
  std::string out = "'";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8) ? '?' : c;
  }
  return out + (cut ? "...'" : "'");
}

void ConfigErrors::Add(uint32_t line, std::string_view element, const Problem& problem) {
  only_not_built_ = only_not_built_ && problem.not_built;
  if (lines_.size() >= kErrorsReportedMax) {
    ++unreported_;
    return;
  }
  std::string text = file_;
  if (line != 0) text += fmt::format(":{}", line);
  text += ": ";
  if (!element.empty()) {
    const std::string quoted = Quoted(element);
    text += fmt::format("<{}>: ", std::string_view(quoted).substr(1, quoted.size() - 2));
  }
  text += problem.what;
  if (!problem.allowed.empty()) text += fmt::format("; allowed: {}", problem.allowed);
  lines_.push_back({line, std::move(text)});
}

absl::Status ConfigErrors::ToStatus() const {
  std::vector<Line> lines = lines_;
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.line < b.line; });
  std::string text;
  for (const Line& line : lines) {
    if (!text.empty()) text += '\n';
    text += line.text;
  }
  if (unreported_ > 0) text += fmt::format("\n{}: and {} more", file_, unreported_);
  return MakeError(only_not_built_ ? ErrorCode::kNotBuilt : ErrorCode::kBadOption, text);
}

}  // namespace fluxgate::config
