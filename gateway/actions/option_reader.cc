#include "gateway/actions/option_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/units.h"

namespace fluxgate {

const std::string* OptionReader::Find(std::string_view name) {
  asked_.emplace(name);
  const std::string* found = nullptr;
  for (const auto& [option, value] : part_.options) {
    if (option != name) continue;
    if (found != nullptr) {
      Fail(name, "is there twice", "one");
      break;
    }
    found = &value;
  }
  return found;
}

bool OptionReader::Has(std::string_view name) const {
  return std::ranges::any_of(part_.options, [&](const auto& o) { return o.first == name; });
}

std::string OptionReader::Required(std::string_view name) {
  const std::string* const value = Find(name);
  if (value == nullptr) {
    Fail("", fmt::format("needs the option {}", name));
    return {};
  }
  if (value->empty()) Fail(name, "is empty");
  return *value;
}

std::string OptionReader::Optional(std::string_view name, std::string_view otherwise) {
  const std::string* const value = Find(name);
  return value == nullptr ? std::string(otherwise) : *value;
}

std::vector<std::string> OptionReader::All(std::string_view name) {
  asked_.emplace(name);
  std::vector<std::string> values;
  for (const auto& [option, value] : part_.options) {
    if (option == name) values.push_back(value);
  }
  return values;
}

bool OptionReader::Flag(std::string_view name) {
  const std::string* const value = Find(name);
  if (value == nullptr || *value == "false") return false;
  if (*value != "true") Fail(name, "is neither", "true, false");
  return *value == "true";
}

uint64_t OptionReader::Interval(std::string_view name, uint64_t min_ns, uint64_t otherwise_ns) {
  constexpr uint64_t kMaxNs = 366ull * 24 * 3600 * 1'000'000'000;
  const std::string* const value = Find(name);
  if (value == nullptr) return otherwise_ns;
  const auto interval = ParseInterval(*value);
  if (interval.ok() && *interval >= min_ns && *interval <= kMaxNs) return *interval;
  Fail(
      name, "is no interval",
      fmt::format("{} to {} ({})", FormatInterval(min_ns), FormatInterval(kMaxNs), kIntervalUnits));
  return otherwise_ns;
}

std::string OptionReader::Transport(std::string_view name) {
  std::string value = Required(name);
  const auto& transports = config_.transports;
  if (!value.empty() &&
      std::ranges::find(transports, value, &config::Transport::name) == transports.end()) {
    Fail(name, "is no transport of this configuration");
  }
  return value;
}

std::string OptionReader::MessageType() {
  std::string value = Required("MessageType");
  if (!value.empty() && !message_types_.empty() &&
      std::ranges::find(message_types_, value) == message_types_.end()) {
    std::string allowed;
    for (const std::string& name : message_types_) {
      allowed += (allowed.empty() ? "" : ", ") + name;
    }
    Fail("MessageType", "is unknown", allowed);
  }
  return value;
}

const config::Options& OptionReader::Everything() {
  everything_ = true;
  return part_.options;
}

void OptionReader::Fail(std::string_view name, std::string_view what, std::string_view allowed,
                        bool not_built) {
  problems_.push_back({0, std::string(name), {std::string(what), std::string(allowed), not_built}});
}

std::vector<config::ActionProblem> OptionReader::Finish() {
  std::string known;
  for (const std::string& name : asked_) known += (known.empty() ? "" : ", ") + name;
  for (const auto& [option, value] : part_.options) {
    if (everything_ || asked_.contains(option)) continue;
    Fail(option, fmt::format("is no option of {}", part_.module), known.empty() ? "none" : known);
  }
  return std::move(problems_);
}

}  // namespace fluxgate
