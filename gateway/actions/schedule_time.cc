#include "gateway/actions/schedule_time.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>

#include "core/base/units.h"

namespace fluxgate {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kDaySeconds = 24 * 3600;
constexpr uint64_t kIntervalMinNs = 10'000'000;  // the reactor's grain
constexpr uint64_t kIntervalMaxNs = 366ull * kDaySeconds * kSecondNs;
constexpr int kEpochWeekday = 4;  // 1970-01-01 was a Thursday
constexpr int kDaysPerWeek = 7;

constexpr std::string_view kDays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                      "thursday", "friday", "saturday"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// The next word, taken from `text`.
std::string_view NextWord(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

std::optional<int> TwoDigits(std::string_view text, int max) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.size() != 2 || error != std::errc() || end != text.data() + text.size() || number < 0 ||
      number > max) {
    return std::nullopt;
  }
  return number;
}

std::optional<int> SecondOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = TwoDigits(text.substr(0, 2), 23);
  const auto minutes = TwoDigits(text.substr(3), 59);
  if (!hours || !minutes) return std::nullopt;
  return (*hours * 60 + *minutes) * 60;
}

}  // namespace

std::optional<Schedule> ParseSchedule(std::string_view text) {
  const std::string lower = Lower(text);
  std::string_view rest = lower;
  Schedule schedule;
  std::string_view word = NextWord(rest);
  if (word == "every") word = NextWord(rest);
  const auto day = std::ranges::find(kDays, word);
  if (day != std::end(kDays) || word == "day") {
    if (word != "day") schedule.weekday = static_cast<int>(day - std::begin(kDays));
    if (NextWord(rest) != "at") return std::nullopt;
    word = NextWord(rest);
  } else {
    const std::string interval = std::string(word) + std::string(rest);
    if (const auto ns = ParseInterval(interval); ns.ok()) {
      if (*ns < kIntervalMinNs || *ns > kIntervalMaxNs) return std::nullopt;
      schedule.interval_ns = *ns;
      return schedule;
    }
  }
  const std::optional<int> second = SecondOfDay(word);
  if (!second || !NextWord(rest).empty()) return std::nullopt;
  schedule.second_of_day = *second;
  return schedule;
}

int64_t NextDueNs(const Schedule& schedule, int64_t wall_ns) {
  const int64_t now = wall_ns / kSecondNs;
  int64_t day = now / kDaySeconds;
  for (int tried = 0; tried <= kDaysPerWeek; ++tried, ++day) {
    const int64_t due = day * kDaySeconds + schedule.second_of_day;
    const int weekday = static_cast<int>((day + kEpochWeekday) % kDaysPerWeek);
    if (due > now && (schedule.weekday < 0 || schedule.weekday == weekday)) return due * kSecondNs;
  }
  return INT64_MAX;  // not reached: every weekday comes within a week
}

}  // namespace fluxgate
