#include <algorithm>

#include "core/filter/functions/time_text.h"

namespace fluxgate {
namespace {

using std::chrono::sys_days;

// Reads one time; every function fails on text that is not what the conversion wants.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}

  // The whole of the text.
  bool ReadAll(std::string_view format) { return Read(format) && text_.empty(); }

  std::optional<double> Seconds() const {
    if (epoch_seconds_.has_value()) return static_cast<double>(*epoch_seconds_) + fraction_;
    const std::chrono::year_month_day date = std::chrono::year(year_) / month_ / day_;
    if (!date.ok()) return std::nullopt;
    sys_days days = date;
    if (day_of_year_ > 0) {
      days = FirstOfYear(year_) + std::chrono::days(day_of_year_ - 1);
      if (static_cast<int>(std::chrono::year_month_day(days).year()) != year_) return std::nullopt;
    }
    int hour = hour_;
    if (is_pm_.has_value()) hour = hour % 12 + (*is_pm_ ? 12 : 0);
    const int64_t seconds = int64_t{days.time_since_epoch().count()} * kDaySeconds + hour * 3600 +
                            minute_ * 60 + second_ - offset_seconds_;
    return static_cast<double>(seconds) + fraction_;
  }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
  static bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
  static char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

  void SkipBlanks() {
    while (!text_.empty() && IsBlank(text_[0])) text_.remove_prefix(1);
  }

  bool Read(std::string_view format) {
    while (!format.empty()) {
      const char c = format[0];
      if (c == '%') {
        if (format.size() >= 4 && format[1] == '0' && format[3] == 'f') {
          const int digits = format[2] - '0';
          if (digits < 1 || digits > 9 || !Fraction(digits)) return false;
          format.remove_prefix(4);
          continue;
        }
        if (format.size() < 2 || !Convert(format[1])) return false;
        format.remove_prefix(2);
        continue;
      }
      if (IsBlank(c)) {
        SkipBlanks();
      } else {
        if (text_.empty() || text_[0] != c) return false;
        text_.remove_prefix(1);
      }
      format.remove_prefix(1);
    }
    return true;
  }

  bool Number(int digits_max, int64_t min, int64_t max, int64_t& number) {
    SkipBlanks();
    number = 0;
    int digits = 0;
    for (; digits < digits_max && !text_.empty() && IsDigit(text_[0]); ++digits) {
      number = number * 10 + (text_[0] - '0');
      text_.remove_prefix(1);
    }
    return digits > 0 && number >= min && number <= max;
  }

  template <typename Integer>
  bool NumberTo(int digits_max, int min, int max, Integer& to) {
    int64_t number = 0;
    if (!Number(digits_max, min, max, number)) return false;
    to = Integer(static_cast<unsigned>(number));
    return true;
  }

  bool TakeIgnoringCase(std::string_view word) {
    const bool here = text_.size() >= word.size() &&
                      std::equal(word.begin(), word.end(), text_.begin(),
                                 [](char a, char b) { return Lower(a) == Lower(b); });
    if (here) text_.remove_prefix(word.size());
    return here;
  }

  // The full names first: they begin with the short ones.
  template <typename Names>
  bool Name(const Names& names, size_t& index) {
    for (index = 0; index < names.size(); ++index) {
      if (TakeIgnoringCase(names[index])) return true;
    }
    for (index = 0; index < names.size(); ++index) {
      if (TakeIgnoringCase(names[index].substr(0, kShortNameBytes))) return true;
    }
    return false;
  }

  bool Fraction(int digits_max) {
    double unit = 1;
    int64_t digits = 0;
    int count = 0;
    for (; count < digits_max && !text_.empty() && IsDigit(text_[0]); ++count) {
      digits = digits * 10 + (text_[0] - '0');
      unit *= 10;
      text_.remove_prefix(1);
    }
    fraction_ = static_cast<double>(digits) / unit;
    return count > 0;
  }

  // Z, +hhmm, +hh:mm, +hh.
  bool Offset() {
    if (TakeIgnoringCase("Z")) {
      offset_seconds_ = 0;
      return true;
    }
    if (text_.empty() || (text_[0] != '+' && text_[0] != '-')) return false;
    const int sign = text_[0] == '-' ? -1 : 1;
    text_.remove_prefix(1);
    if (text_.size() < 2 || !IsDigit(text_[0]) || !IsDigit(text_[1])) return false;
    int64_t hours = 0;
    int64_t minutes = 0;
    if (!Number(2, 0, 23, hours)) return false;
    const bool colon = !text_.empty() && text_[0] == ':';
    if (colon) text_.remove_prefix(1);
    if (text_.size() >= 2 && IsDigit(text_[0]) && IsDigit(text_[1])) {
      if (!Number(2, 0, 59, minutes)) return false;
    } else if (colon) {
      return false;
    }
    offset_seconds_ = sign * static_cast<int>(hours * 3600 + minutes * 60);
    return true;
  }

  bool EpochSeconds() {
    const bool negative = !text_.empty() && text_[0] == '-';
    if (negative) text_.remove_prefix(1);
    int64_t seconds = 0;
    if (!Number(12, 0, kSecondsEnd - 1, seconds)) return false;
    epoch_seconds_ = negative ? -seconds : seconds;
    return *epoch_seconds_ >= kSecondsMin;
  }

  bool Convert(char conversion) {
    int64_t number = 0;
    size_t index = 0;
    switch (conversion) {
      case 'a':
      case 'A':
        return Name(kWeekdays, index);
      case 'b':
      case 'B':
      case 'h':
        if (!Name(kMonths, index)) return false;
        month_ = std::chrono::month(static_cast<unsigned>(index) + 1);
        return true;
      case 'd':
      case 'e':
        return NumberTo(2, 1, 31, day_);
      case 'f':
        return Fraction(9);
      case 'H':
      case 'k':
        return NumberTo(2, 0, 23, hour_);
      case 'I':
      case 'l':
        return NumberTo(2, 1, 12, hour_);
      case 'j':
        return NumberTo(3, 1, 366, day_of_year_);
      case 'm':
        return NumberTo(2, 1, 12, month_);
      case 'M':
        return NumberTo(2, 0, 59, minute_);
      case 'n':
      case 't':
        SkipBlanks();
        return true;
      case 'p':
      case 'P':
        if (TakeIgnoringCase("AM")) {
          is_pm_ = false;
        } else if (TakeIgnoringCase("PM")) {
          is_pm_ = true;
        } else {
          return false;
        }
        return true;
      case 's':
        return EpochSeconds();
      case 'S':
        // 60: a leap second, taken as the first one of the next minute.
        return NumberTo(2, 0, 60, second_);
      case 'y':
        if (!Number(2, 0, 99, number)) return false;
        year_ = static_cast<int>(number) + (number < 69 ? 2000 : 1900);
        return true;
      case 'Y':
        return NumberTo(4, 0, 9999, year_);
      case 'z':
        return Offset();
      case 'Z':
        return TakeIgnoringCase("UTC") || TakeIgnoringCase("GMT") || TakeIgnoringCase("Z");
      case '%':
        if (text_.empty() || text_[0] != '%') return false;
        text_.remove_prefix(1);
        return true;
      default:
        const std::string_view composite = CompositeConversion(conversion);
        return !composite.empty() && Read(composite);
    }
  }

  std::string_view text_;  // what is left
  int year_ = 1970;
  std::chrono::month month_{1};
  std::chrono::day day_{1};
  int day_of_year_ = 0;  // from 1; 0: not given
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  int offset_seconds_ = 0;
  double fraction_ = 0;
  std::optional<bool> is_pm_;
  std::optional<int64_t> epoch_seconds_;
};

}  // namespace

std::optional<double> ReadTime(std::string_view text, std::string_view format) {
  TimeReader reader(text);
  return reader.ReadAll(format) ? reader.Seconds() : std::nullopt;
}

}  // namespace fluxgate
