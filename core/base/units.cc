#include "core/base/units.h"

#include <charconv>
#include <span>

#include "core/base/error.h"
#include "core/base/quoted.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

struct Unit {
  std::string_view name;  // lower case; "" where a bare number is allowed
  std::string_view shown;
  uint64_t factor;
};

// Each list ascends by factor: formatting takes the last that divides.
constexpr Unit kCounts[] = {{"", "", 1}, {"k", "k", 1'000}, {"m", "M", 1'000'000}};
constexpr Unit kSizes[] = {{"", "", 1},
                           {"kb", "KB", 1ull << 10},
                           {"mb", "MB", 1ull << 20},
                           {"gb", "GB", 1ull << 30},
                           {"tb", "TB", 1ull << 40}};
constexpr Unit kIntervals[] = {{"ns", "ns", 1},
                               {"us", "us", 1'000},
                               {"ms", "ms", 1'000'000},
                               {"s", "s", 1'000'000'000},
                               {"m", "m", 60'000'000'000},
                               {"h", "h", 3'600'000'000'000},
                               {"d", "d", 86'400'000'000'000},
                               {"w", "w", 604'800'000'000'000}};
constexpr Unit kPercents[] = {{"%", "%", 1}};

bool EqualsLowered(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower[i]) return false;
  }
  return true;
}

absl::Status Bad(std::string_view text, std::string_view what) {
  return MakeError(ErrorCode::kBadOption, fmt::format("{} {}", Quoted(text), what));
}

absl::StatusOr<uint64_t> Parse(std::string_view text, std::span<const Unit> units) {
  if (text.empty()) return MakeError(ErrorCode::kBadOption, "is empty");
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument) return Bad(text, "is not a whole number");
  if (error == std::errc::result_out_of_range) return Bad(text, "is too large");
  std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  if (unit.starts_with('.') || unit.starts_with(',')) return Bad(text, "is not a whole number");
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const Unit& known : units) {
    if (!EqualsLowered(unit, known.name)) continue;
    uint64_t value = 0;
    if (__builtin_mul_overflow(number, known.factor, &value)) return Bad(text, "is too large");
    return value;
  }
  if (unit.empty()) return Bad(text, "has no unit");
  return Bad(text, fmt::format("has the unknown unit {}", Quoted(unit)));
}

std::string Format(uint64_t value, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) best = &unit;
  }
  return fmt::format("{}{}", value / best->factor, best->shown);
}

}  // namespace

absl::StatusOr<uint64_t> ParseCount(std::string_view text) { return Parse(text, kCounts); }
absl::StatusOr<uint64_t> ParseSize(std::string_view text) { return Parse(text, kSizes); }
absl::StatusOr<uint64_t> ParseInterval(std::string_view text) { return Parse(text, kIntervals); }
absl::StatusOr<uint64_t> ParsePercent(std::string_view text) { return Parse(text, kPercents); }

std::string FormatCount(uint64_t count) { return Format(count, kCounts); }
std::string FormatSize(uint64_t bytes) { return Format(bytes, kSizes); }
std::string FormatInterval(uint64_t ns) { return Format(ns, kIntervals); }
std::string FormatPercent(uint64_t percent) { return Format(percent, kPercents); }

}  // namespace fluxgate
