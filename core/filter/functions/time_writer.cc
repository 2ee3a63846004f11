#include <algorithm>
#include <cstring>

#include "core/filter/functions/time_text.h"

namespace fluxgate {
namespace {

using std::chrono::sys_days;

constexpr int kMicrosecondDigits = 6;

}  // namespace

TimeWriter::TimeWriter(int64_t seconds, int microseconds)
    : seconds_(seconds), microseconds_(microseconds) {
  const auto days = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds(std::chrono::seconds(seconds)));
  second_of_day_ = static_cast<int>(seconds - days.time_since_epoch().count() * kDaySeconds);
  date_ = days;
  weekday_ = static_cast<int>(std::chrono::weekday(days).c_encoding());
  year_ = static_cast<int>(date_.year());
  day_of_year_ = static_cast<int>((days - FirstOfYear(year_)).count());
}

bool TimeWriter::Write(std::string_view format) {
  while (!format.empty()) {
    const size_t plain = std::min(format.find('%'), format.size());
    if (!Put(format.substr(0, plain))) return false;
    format.remove_prefix(plain);
    if (format.empty()) return true;
    if (format.size() >= 4 && format[1] == '0' && format[3] == 'f') {
      const int digits = format[2] - '0';
      if (digits < 1 || digits > kMicrosecondDigits || !Fraction(digits)) return false;
      format.remove_prefix(4);
      continue;
    }
    if (format.size() < 2 || !Convert(format[1])) return false;
    format.remove_prefix(2);
  }
  return true;
}

bool TimeWriter::Put(std::string_view text) {
  if (text.size() > kTimeTextBytesMax - size_) return false;
  if (!text.empty()) std::memcpy(bytes_ + size_, text.data(), text.size());
  size_ += text.size();
  return true;
}

bool TimeWriter::Number(int64_t number, int digits, char pad) {
  char text[20];
  char* place = text + sizeof text;
  for (; number > 0 || digits > 0; number /= 10, --digits) {
    const bool padding = number == 0 && place != text + sizeof text;
    *--place = padding ? pad : static_cast<char>('0' + number % 10);
  }
  return Put({place, static_cast<size_t>(text + sizeof text - place)});
}

bool TimeWriter::Fraction(int digits) {
  int fraction = microseconds_;
  for (int i = digits; i < kMicrosecondDigits; ++i) fraction /= 10;
  return Number(fraction, digits);
}

bool TimeWriter::Seconds() {
  return seconds_ < 0 ? Put("-") && Number(-seconds_, 1) : Number(seconds_, 1);
}

// The year to which the ISO 8601 week belongs, and the week's number.
void TimeWriter::IsoWeek(int& year, int& week) const {
  // The week of a day is that of its Thursday.
  const sys_days thursday = sys_days(date_) + std::chrono::days(3 - (weekday_ + 6) % 7);
  year = static_cast<int>(std::chrono::year_month_day(thursday).year());
  week = static_cast<int>((thursday - FirstOfYear(year)).count()) / 7 + 1;
}

bool TimeWriter::Convert(char conversion) {
  const int hour = second_of_day_ / 3600;
  const int hour12 = hour % 12 == 0 ? 12 : hour % 12;
  const auto month = static_cast<unsigned>(date_.month());
  const auto day = static_cast<unsigned>(date_.day());
  int iso_year = 0;
  int iso_week = 0;
  switch (conversion) {
    case 'a':
      return Put(kWeekdays[static_cast<size_t>(weekday_)].substr(0, kShortNameBytes));
    case 'A':
      return Put(kWeekdays[static_cast<size_t>(weekday_)]);
    case 'b':
    case 'h':
      return Put(kMonths[month - 1].substr(0, kShortNameBytes));
    case 'B':
      return Put(kMonths[month - 1]);
    case 'C':
      return Number(year_ / 100, 2);
    case 'd':
      return Number(day, 2);
    case 'e':
      return Number(day, 2, ' ');
    case 'f':
      return Fraction(kMicrosecondDigits);
    case 'g':
    case 'G':
      IsoWeek(iso_year, iso_week);
      // The first days of year 0 belong to the year before.
      if (iso_year < 0) return false;
      return conversion == 'g' ? Number(iso_year % 100, 2) : Number(iso_year, 4);
    case 'H':
      return Number(hour, 2);
    case 'I':
      return Number(hour12, 2);
    case 'j':
      return Number(day_of_year_ + 1, 3);
    case 'k':
      return Number(hour, 2, ' ');
    case 'l':
      return Number(hour12, 2, ' ');
    case 'm':
      return Number(month, 2);
    case 'M':
      return Number(second_of_day_ / 60 % 60, 2);
    case 'n':
      return Put("\n");
    case 'p':
      return Put(hour < 12 ? "AM" : "PM");
    case 'P':
      return Put(hour < 12 ? "am" : "pm");
    case 's':
      return Seconds();
    case 'S':
      return Number(second_of_day_ % 60, 2);
    case 't':
      return Put("\t");
    case 'u':
      return Number(weekday_ == 0 ? 7 : weekday_, 1);
    case 'U':
      return Number((day_of_year_ + 7 - weekday_) / 7, 2);
    case 'V':
      IsoWeek(iso_year, iso_week);
      return Number(iso_week, 2);
    case 'w':
      return Number(weekday_, 1);
    case 'W':
      return Number((day_of_year_ + 7 - (weekday_ + 6) % 7) / 7, 2);
    case 'y':
      return Number(year_ % 100, 2);
    case 'Y':
      return Number(year_, 4);
    case 'z':
      return Put("+0000");
    case 'Z':
      return Put("UTC");
    case '%':
      return Put("%");
    default:
      const std::string_view composite = CompositeConversion(conversion);
      return !composite.empty() && Write(composite);
  }
}

}  // namespace fluxgate
