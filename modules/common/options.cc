#include "modules/common/options.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::optional<std::chrono::milliseconds> ParseTime(std::string_view text) {
  // Longer than any limit, short enough not to overflow when it becomes milliseconds.
  constexpr int64_t kCountMax = 1'000'000'000;
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = ParseNumber(text.substr(0, digits));
  const std::string_view unit = text.substr(digits);
  if (!count.has_value() || *count > kCountMax) return std::nullopt;
  if (unit == "ms") return std::chrono::milliseconds(*count);
  if (unit == "s") return std::chrono::seconds(*count);
  if (unit == "m") return std::chrono::minutes(*count);
  if (unit == "h") return std::chrono::hours(*count);
  return std::nullopt;
}

std::string NamesOf(OptionNames known) {
  if (known.empty()) return "it has none";
  std::string names = "known are ";
  for (size_t i = 0; i < known.size(); ++i) {
    if (i > 0) names += ", ";
    names += known[i].name;
  }
  return names;
}

}  // namespace

absl::StatusOr<Options> Options::Read(amps_module_options raw, OptionNames known) {
  Options options;
  for (; raw != nullptr && raw->key != nullptr; ++raw) {
    const std::string_view key = raw->key;
    const std::string_view value = raw->value == nullptr ? "" : raw->value;
    const auto name = std::find_if(known.begin(), known.end(),
                                   [&](const OptionName& one) { return one.name == key; });
    if (name == known.end()) {
      return Failure(fmt::format("unknown option '{}' ({})", Printable(key), NamesOf(known)));
    }
    if (!name->repeatable && options.Has(key)) {
      return Failure(fmt::format("option '{}' is given twice", key));
    }
    if (value.size() > kValueMax) {
      return Failure(fmt::format("option '{}' is longer than {} bytes", key, kValueMax));
    }
    options.values_.emplace_back(key, value);
  }
  return options;
}

Options Options::OverriddenBy(const Options& over) const {
  Options merged = over;
  for (const auto& value : values_) {
    if (!over.Has(value.first)) merged.values_.push_back(value);
  }
  return merged;
}

bool Options::Has(std::string_view name) const { return Find(name) != nullptr; }

std::string Options::Text(std::string_view name, std::string_view otherwise) {
  const std::string* const value = Find(name);
  return value == nullptr ? std::string(otherwise) : *value;
}

std::string Options::Required(std::string_view name) {
  const std::string* const value = Find(name);
  if (value == nullptr) {
    Wrong(name, "is missing");
    return "";
  }
  if (value->empty()) Wrong(name, "is empty");
  return *value;
}

bool Options::Flag(std::string_view name, bool otherwise) {
  const std::string* const value = Find(name);
  if (value == nullptr) return otherwise;
  if (*value == "true") return true;
  if (*value == "false") return false;
  Wrong(name, fmt::format("is '{}', not true or false", Printable(*value)));
  return otherwise;
}

int64_t Options::Number(std::string_view name, int64_t otherwise, int64_t least, int64_t most) {
  const std::string* const value = Find(name);
  if (value == nullptr) return otherwise;
  const auto number = ParseNumber(*value);
  if (number.has_value() && *number >= least && *number <= most) return *number;
  Wrong(name, fmt::format("is '{}', not a number from {} to {}", Printable(*value), least, most));
  return otherwise;
}

std::chrono::milliseconds Options::Time(std::string_view name, std::chrono::milliseconds otherwise,
                                        std::chrono::milliseconds least,
                                        std::chrono::milliseconds most) {
  const std::string* const value = Find(name);
  if (value == nullptr) return otherwise;
  const auto time = ParseTime(*value);
  if (time.has_value() && *time >= least && *time <= most) return *time;
  Wrong(name, fmt::format("is '{}', not a time from {} to {} (units are ms, s, m and h)",
                          Printable(*value), least, most));
  return otherwise;
}

std::string Options::Choice(std::string_view name,
                            std::initializer_list<std::string_view> choices) {
  const std::string* const value = Find(name);
  if (value == nullptr) return std::string(*choices.begin());
  if (std::find(choices.begin(), choices.end(), *value) != choices.end()) return *value;
  std::string all;
  for (const std::string_view choice : choices) {
    if (!all.empty()) all += ", ";
    all += choice;
  }
  Wrong(name, fmt::format("is '{}', not one of {}", Printable(*value), all));
  return std::string(*choices.begin());
}

std::vector<std::string> Options::All(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto& [key, value] : values_) {
    if (key == name) all.push_back(value);
  }
  return all;
}

void Options::Wrong(std::string_view name, std::string_view why) {
  if (status_.ok()) status_ = Failure(fmt::format("option '{}' {}", name, why));
}

const std::string* Options::Find(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace fluxgate::modules
