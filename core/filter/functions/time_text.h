// What writing a time as text and reading it share: UTC, English names, the same in every locale;
// the proleptic Gregorian calendar, years 0 to 9999, no leap seconds.
#ifndef FLUXGATE_CORE_FILTER_FUNCTIONS_TIME_TEXT_H_
#define FLUXGATE_CORE_FILTER_FUNCTIONS_TIME_TEXT_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fluxgate {

inline constexpr std::array<std::string_view, 7> kWeekdays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
inline constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
inline constexpr size_t kShortNameBytes = 3;  // of both

inline constexpr int64_t kSecondsMin = -62167219200;  // 0000-01-01
inline constexpr int64_t kSecondsEnd = 253402300800;  // 10000-01-01
inline constexpr int kDaySeconds = 86400;

inline std::chrono::sys_days FirstOfYear(int year) {
  return std::chrono::year(year) / std::chrono::January / std::chrono::day(1);
}

// What a conversion that stands for several others stands for; empty for the rest.
constexpr std::string_view CompositeConversion(char conversion) {
  switch (conversion) {
    case 'c':
      return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x':
      return "%m/%d/%y";
    case 'F':
      return "%Y-%m-%d";
    case 'r':
      return "%I:%M:%S %p";
    case 'R':
      return "%H:%M";
    case 'T':
    case 'X':
      return "%H:%M:%S";
    default:
      return {};
  }
}

inline constexpr size_t kTimeTextBytesMax = 128;

// One time as text, made by the conversions of strftime, %f (microseconds) and %01f to %06f (that
// many digits of the fraction, cut off).
class TimeWriter {
 public:
  // `seconds` from kSecondsMin, below kSecondsEnd; `microseconds` below a million.
  TimeWriter(int64_t seconds, int microseconds);

  // False when the text gets longer than kTimeTextBytesMax or `format` has an unknown conversion.
  bool Write(std::string_view format);
  std::string_view text() const { return {bytes_, size_}; }

 private:
  bool Put(std::string_view text);
  bool Number(int64_t number, int digits, char pad = '0');
  bool Fraction(int digits);
  bool Seconds();
  bool Convert(char conversion);
  void IsoWeek(int& year, int& week) const;

  int64_t seconds_;
  int microseconds_;
  std::chrono::year_month_day date_;
  int year_;
  int weekday_;      // from Sunday, 0
  int day_of_year_;  // from 0
  int second_of_day_;
  char bytes_[kTimeTextBytesMax];
  size_t size_ = 0;
};

// The seconds since 1970 that `text` says, all of it read by the conversions of strptime and those
// of TimeWriter. What the format does not ask for is that of 1970-01-01 00:00:00. nullopt when the
// text is not as the format wants it, or is no time.
std::optional<double> ReadTime(std::string_view text, std::string_view format);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FUNCTIONS_TIME_TEXT_H_
