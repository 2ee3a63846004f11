#include "gateway/config/config_errors.h"

#include <algorithm>

#include "core/base/error.h"
#include "fmt/format.h"

namespace fluxgate::config {

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
