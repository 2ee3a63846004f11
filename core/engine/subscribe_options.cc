#include "core/engine/subscribe_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/error.h"

namespace fluxgate {
namespace {

// Options of the protocol that ask for what is not built yet.
constexpr std::array<std::string_view, 20> kNotBuiltYet = {
    "bookmark",      "bookmark_not_found",
    "conflation",    "conflation_key",
    "fully_durable", "grouping",
    "live",          "max_backlog",
    "no_empties",    "oof",
    "pause",         "projection",
    "rate",          "rate_max_gap",
    "resume",        "select",
    "send_keys",     "skip_n",
    "timestamp",     "top_n",
};

// The next option of `text`, which it is cut off from.
std::string_view TakeOption(std::string_view& text) {
  int brackets = 0;
  size_t end = 0;
  for (; end < text.size(); ++end) {
    if (text[end] == '[') ++brackets;
    if (text[end] == ']') --brackets;
    if (text[end] == ',' && brackets <= 0) break;
  }
  std::string_view option = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  while (option.starts_with(' ')) option.remove_prefix(1);
  while (option.ends_with(' ')) option.remove_suffix(1);
  return option;
}

}  // namespace

absl::StatusOr<SubscribeOptions> ParseSubscribeOptions(std::string_view text) {
  SubscribeOptions options;
  while (!text.empty()) {
    const std::string_view option = TakeOption(text);
    const std::string_view name = option.substr(0, option.find('='));
    const bool has_value = name.size() != option.size();
    if (option.empty() || option == "none" || option == "no_sowkey") continue;
    if (name == "replace" && !has_value) {
      options.replace = true;
    } else if (name == "non_regex_topic" && !has_value) {
      options.literal_topic = true;
    } else if (std::ranges::find(kNotBuiltYet, name) != kNotBuiltYet.end()) {
      return MakeError(ErrorCode::kNotBuilt, fmt::format("option {} is not built yet", name));
    } else {
      return MakeError(ErrorCode::kBadOption, fmt::format("invalid options: {}", option));
    }
  }
  return options;
}

}  // namespace fluxgate
