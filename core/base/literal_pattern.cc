#include "core/base/literal_pattern.h"

#include <algorithm>
#include <cstring>

namespace fluxgate {
namespace {

// Stands for itself in every regular expression.
bool IsPlain(char c) {
  constexpr std::string_view kSpecial = "\\^$.|?*+()[]{}";
  return c >= ' ' && c <= '~' && kSpecial.find(c) == std::string_view::npos;
}

}  // namespace

bool LiteralPattern::Matches(std::string_view subject) const {
  if (at_begin) return at_end ? subject == text : subject.starts_with(text);
  if (at_end) return subject.ends_with(text);
  if (text.empty()) return true;
  // In linear time, which std::string_view::find does not promise.
  return memmem(subject.data(), subject.size(), text.data(), text.size()) != nullptr;
}

std::optional<LiteralPattern> FindLiteral(std::string_view pattern) {
  LiteralPattern literal;
  literal.at_begin = pattern.starts_with('^');
  if (literal.at_begin) pattern.remove_prefix(1);
  literal.at_end = pattern.ends_with('$');
  if (literal.at_end) pattern.remove_suffix(1);
  if (!std::all_of(pattern.begin(), pattern.end(), IsPlain)) return std::nullopt;
  literal.text = pattern;
  return literal;
}

std::string_view FindPrefix(std::string_view pattern) {
  // An alternative need not have the anchor.
  if (!pattern.starts_with('^') || pattern.find('|') != std::string_view::npos) return {};
  pattern.remove_prefix(1);
  const auto end = std::find_if_not(pattern.begin(), pattern.end(), IsPlain);
  size_t size = static_cast<size_t>(end - pattern.begin());
  // What may be left out altogether.
  if (end != pattern.end() && (*end == '*' || *end == '?' || *end == '{') && size > 0) --size;
  return pattern.substr(0, size);
}

}  // namespace fluxgate
