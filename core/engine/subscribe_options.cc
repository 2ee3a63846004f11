#include "core/engine/subscribe_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/base/error.h"

namespace fluxgate {
namespace {

// Options of the protocol that ask for what is not built yet.
constexpr std::array<std::string_view, 9> kNotBuiltYet = {
    "bookmark", "bookmark_not_found", "fully_durable", "live", "max_backlog", "pause",
    "rate",     "rate_max_gap",       "resume",
};

absl::Status Invalid(std::string_view option) {
  return MakeError(ErrorCode::kBadOption, fmt::format("invalid options: {}", option));
}

struct Flag {
  std::string_view name;
  bool SubscribeOptions::*member;
};
constexpr Flag kFlags[] = {
    {"replace", &SubscribeOptions::replace},
    {"non_regex_topic", &SubscribeOptions::literal_topic},
    {"oof", &SubscribeOptions::out_of_focus},
    {"no_empties", &SubscribeOptions::no_empties},
    {"no_sowkey", &SubscribeOptions::no_sow_key},
    {"timestamp", &SubscribeOptions::timestamp},
};

struct List {
  std::string_view name;
  std::optional<std::string_view> SubscribeOptions::*member;
};
constexpr List kLists[] = {
    {"conflation_key", &SubscribeOptions::conflation_key},
    {"select", &SubscribeOptions::select},
    {"grouping", &SubscribeOptions::grouping},
    {"projection", &SubscribeOptions::projection},
};

bool TakeFlag(std::string_view option, SubscribeOptions& options) {
  for (const Flag& flag : kFlags) {
    if (flag.name != option) continue;
    options.*flag.member = true;
    return true;
  }
  // Says nothing, or what is always done: deltas have their keys.
  return option.empty() || option == "none" || option == "send_keys";
}

bool TakeList(std::string_view name, std::string_view value, SubscribeOptions& options) {
  for (const List& list : kLists) {
    if (list.name != name) continue;
    if (value.size() < 2 || value.front() != '[' || value.back() != ']') return false;
    options.*list.member = value.substr(1, value.size() - 2);
    return true;
  }
  return false;
}

bool TakeNumber(std::string_view name, std::string_view value, SubscribeOptions& options) {
  uint32_t number = 0;
  const auto result = std::from_chars(value.data(), value.data() + value.size(), number);
  if (result.ec != std::errc() || result.ptr != value.data() + value.size()) return false;
  if (name == "top_n") {
    options.top_n = number;
  } else if (name == "skip_n") {
    options.skip_n = number;
  } else {
    return false;
  }
  return true;
}

bool TakeConflation(std::string_view name, std::string_view value, SubscribeOptions& options) {
  if (name != "conflation") return false;
  if (value == "none") {
    options.conflation_ns = 0;
    return true;
  }
  const std::optional<int64_t> interval = ParseOptionInterval(value);
  if (!interval || *interval < SubscribeOptions::kConflationMinNs ||
      *interval > SubscribeOptions::kConflationMaxNs) {
    return false;
  }
  options.conflation_ns = *interval;
  return true;
}

}  // namespace

std::string_view TakeListItem(std::string_view& text, bool quotes) {
  int brackets = 0;
  char quote = 0;
  size_t end = 0;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (quote != 0) {
      if (c == '\\') {
        ++end;
      } else if (c == quote) {
        quote = 0;
      }
      continue;
    }
    // In a list of options only inside of brackets: elsewhere they are part of a name.
    if ((quotes || brackets > 0) && (c == '\'' || c == '"')) quote = c;
    if (c == '[' || c == '(') ++brackets;
    if (c == ']' || c == ')') --brackets;
    if (c == ',' && brackets <= 0) break;
  }
  end = std::min(end, text.size());
  std::string_view item = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  while (item.starts_with(' ')) item.remove_prefix(1);
  while (item.ends_with(' ')) item.remove_suffix(1);
  return item;
}

std::optional<int64_t> ParseOptionInterval(std::string_view text) {
  struct Unit {
    std::string_view name;
    double ns;
  };
  static constexpr Unit kUnits[] = {{"", 1e9},     {"ns", 1},      {"us", 1e3},
                                    {"ms", 1e6},   {"s", 1e9},     {"m", 60e9},
                                    {"h", 3600e9}, {"d", 86400e9}, {"w", 604800e9}};
  double number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || !(number >= 0)) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<size_t>(result.ptr - text.data()));
  for (const Unit& known : kUnits) {
    if (known.name != unit) continue;
    const double ns = std::round(number * known.ns);
    if (!(ns < 9e18)) return std::nullopt;
    return static_cast<int64_t>(ns);
  }
  return std::nullopt;
}

absl::StatusOr<SubscribeOptions> ParseSubscribeOptions(std::string_view text) {
  SubscribeOptions options;
  while (!text.empty()) {
    const std::string_view option = TakeListItem(text);
    const size_t equals = option.find('=');
    const std::string_view name = option.substr(0, equals);
    if (std::ranges::find(kNotBuiltYet, name) != kNotBuiltYet.end()) {
      return MakeError(ErrorCode::kNotBuilt, fmt::format("option {} is not built yet", name));
    }
    if (equals == std::string_view::npos) {
      if (!TakeFlag(option, options)) return Invalid(option);
      continue;
    }
    const std::string_view value = option.substr(equals + 1);
    if (name == "conflation" && value == "auto") {
      return MakeError(ErrorCode::kNotBuilt, "option conflation=auto is not built yet");
    }
    if (!TakeList(name, value, options) && !TakeNumber(name, value, options) &&
        !TakeConflation(name, value, options)) {
      return Invalid(option);
    }
  }
  if (options.skip_n.has_value() && !options.top_n.has_value()) {
    return MakeError(ErrorCode::kBadOption, "invalid options: skip_n without top_n");
  }
  if (options.conflation_key.has_value() && options.conflation_ns == 0) {
    return MakeError(ErrorCode::kBadOption, "invalid options: conflation_key without conflation");
  }
  if (options.grouping.has_value() != options.projection.has_value()) {
    return MakeError(ErrorCode::kBadOption,
                     "invalid options: grouping and projection belong together");
  }
  return options;
}

}  // namespace fluxgate
