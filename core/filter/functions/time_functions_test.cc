#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <string>
#include <vector>

#include "core/filter/functions/function_testing.h"
#include "core/filter/functions/time_text.h"

namespace fluxgate {
namespace {

TEST(TimeFunctionsTest, WritesUtc) {
  EXPECT_EQ(Call("STRFTIME", {"%Y-%m-%dT%H:%M:%SZ", 0}), "'1970-01-01T00:00:00Z'");
  EXPECT_EQ(Call("STRFTIME", {"%Y-%m-%d %H:%M:%S", 1700000000}), "'2023-11-14 22:13:20'");
  EXPECT_EQ(Call("STRFTIME", {"%F %T", "1700000000"}), "'2023-11-14 22:13:20'");
  EXPECT_EQ(Call("STRFTIME", {"%z %Z %%", 0}), "'+0000 UTC %'");
  EXPECT_EQ(Call("STRFTIME", {"%F %T.%f", -0.5}), "'1969-12-31 23:59:59.500000'");
}

TEST(TimeFunctionsTest, Fractions) {
  EXPECT_EQ(Call("STRFTIME", {"%S.%f", 1700000000.25}), "'20.250000'");
  EXPECT_EQ(Call("STRFTIME", {"%S.%03f", 1700000000.123}), "'20.123'");
  EXPECT_EQ(Call("STRFTIME", {"%01f %06f", 0.987654}), "'9 987654'");
  EXPECT_EQ(Call("STRFTIME", {"%S.%f", 59.9999999}), "'00.000000'");
  EXPECT_EQ(Call("STRFTIME", {"%00f", 0}), "NULL");
  EXPECT_EQ(Call("STRFTIME", {"%07f", 0}), "NULL");
}

TEST(TimeFunctionsTest, EveryConversionIsThatOfTheCLibrary) {
  // Days at which weeks and years turn, over leap years and centuries.
  for (const int64_t start : {-2208988800ll, -86400ll, 951696000ll, 1703980800ll, 4102444800ll}) {
    for (int64_t seconds = start; seconds < start + 400 * 86400; seconds += 86399) {
      const time_t time = seconds;
      tm parts;
      gmtime_r(&time, &parts);
      for (const char conversion : std::string_view("aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYz%")) {
        if (conversion == 's') continue;  // strftime takes it for local time
        const char format[] = {'%', conversion, '\0'};
        char text[64];
        const size_t bytes = std::strftime(text, sizeof text, format, &parts);
        ASSERT_EQ(Call("STRFTIME", {format, seconds}), "'" + std::string(text, bytes) + "'")
            << format << " of " << seconds;
      }
    }
  }
  EXPECT_EQ(Call("STRFTIME", {"%s", -12}), "'-12'");
  EXPECT_EQ(Call("STRFTIME", {"%s", 1700000000.5}), "'1700000000'");
}

TEST(TimeFunctionsTest, YearsOfFourDigits) {
  EXPECT_EQ(Call("STRFTIME", {"%F %T", kSecondsMin}), "'0000-01-01 00:00:00'");
  EXPECT_EQ(Call("STRFTIME", {"%F", kSecondsMin - 1}), "NULL");
  EXPECT_EQ(Call("STRFTIME", {"%F %T", kSecondsEnd - 1}), "'9999-12-31 23:59:59'");
  EXPECT_EQ(Call("STRFTIME", {"%F", kSecondsEnd}), "NULL");
  EXPECT_EQ(Call("STRFTIME", {"%F", UINT64_MAX}), "NULL");
  EXPECT_EQ(Call("STRFTIME", {"%F", -INFINITY}), "NULL");
  EXPECT_EQ(Call("STRFTIME", {"%G", kSecondsMin}), "NULL");
}

TEST(TimeFunctionsTest, NoTimeOrFormatIsNull) {
  EXPECT_EQ(Call("STRFTIME", {nullptr, 0}), "NULL");
  EXPECT_EQ(Call("STRFTIME", {"%F", nullptr}), "NULL");
  EXPECT_EQ(Call("STRFTIME", {"%F", "x"}), "NULL");
  EXPECT_EQ(Call("STRFTIME", {"%Q", 0}), "NULL");
  EXPECT_EQ(Call("STRFTIME", {"50%", 0}), "NULL");
}

TEST(TimeFunctionsTest, WrittenLength) {
  const std::string plain(kTimeTextBytesMax - 4, 'x');
  EXPECT_EQ(Call("STRFTIME", {plain + "%Y", 0}), "'" + plain + "1970'");
  EXPECT_EQ(Call("STRFTIME", {plain + "x%Y", 0}), "NULL");
}

TEST(TimeFunctionsTest, ReadsSeconds) {
  EXPECT_EQ(Call("STRPTIME", {"2023-11-14T22:13:20Z", "%Y-%m-%dT%H:%M:%SZ"}), "1700000000.0");
  EXPECT_EQ(Call("STRPTIME", {"2023-11-14 22:13:20", "%F %T"}), "1700000000.0");
  EXPECT_EQ(Call("STRPTIME", {"1969-12-31", "%F"}), "-86400.0");
  EXPECT_EQ(Call("STRPTIME", {"14 Nov 2023", "%d %b %Y"}), "1699920000.0");
  EXPECT_EQ(Call("STRPTIME", {"Tuesday, november 14, 2023", "%A, %B %d, %Y"}), "1699920000.0");
  EXPECT_EQ(Call("STRPTIME", {"11/14/23 10:13 pm", "%D %I:%M %p"}), "1699999980.0");
  EXPECT_EQ(Call("STRPTIME", {"12:30 AM", "%I:%M %p"}), "1800.0");
  EXPECT_EQ(Call("STRPTIME", {"12:30 PM", "%I:%M %p"}), "45000.0");
  EXPECT_EQ(Call("STRPTIME", {"2024-366", "%Y-%j"}), "1735603200.0");
  EXPECT_EQ(Call("STRPTIME", {20231114, "%Y%m%d"}), "1699920000.0");
  EXPECT_EQ(Call("STRPTIME", {"  7%", "%e%%"}), "518400.0");
  EXPECT_EQ(Call("STRPTIME", {"23:59:60", "%T"}), "86400.0");
}

TEST(TimeFunctionsTest, ReadsFractionsOffsetsAndEpochSeconds) {
  EXPECT_EQ(Call("STRPTIME", {"00:00:01.25", "%T.%f"}), "1.25");
  EXPECT_EQ(Call("STRPTIME", {"00:00:01.125", "%T.%03f"}), "1.125");
  EXPECT_EQ(Call("STRPTIME", {"00:00:01.1255", "%T.%03f"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"01:00 +0100", "%R %z"}), "0.0");
  EXPECT_EQ(Call("STRPTIME", {"00:00-05:30", "%R%z"}), "19800.0");
  EXPECT_EQ(Call("STRPTIME", {"00:00Z", "%R%z"}), "0.0");
  EXPECT_EQ(Call("STRPTIME", {"00:00+02", "%R%z"}), "-7200.0");
  EXPECT_EQ(Call("STRPTIME", {"00:00 UTC", "%R %Z"}), "0.0");
  EXPECT_EQ(Call("STRPTIME", {"00:00 CET", "%R %Z"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"-12", "%s"}), "-12.0");
  EXPECT_EQ(Call("STRPTIME", {"69 68", "%y 68"}), "-31536000.0");
  EXPECT_EQ(Call("STRPTIME", {"68", "%y"}), "3092601600.0");
}

TEST(TimeFunctionsTest, WhatDoesNotParseIsNull) {
  EXPECT_EQ(Call("STRPTIME", {"2023-02-29", "%F"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"2023-366", "%Y-%j"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"2023-13-01", "%F"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"2023-01-00", "%F"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"24:00", "%R"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"2023-01-01x", "%F"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"2023-01", "%F"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"x", "%Q"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"x", "%"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"+1", "%z"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"+01:", "%z"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"+0160", "%z"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"999999999999999999999", "%s"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {nullptr, "%F"}), "NULL");
  EXPECT_EQ(Call("STRPTIME", {"2023-01-01", nullptr}), "NULL");
}

TEST(TimeFunctionsTest, ReadsWhatItWrites) {
  for (const char* format :
       {"%F %T.%f", "%c", "%s", "%Y-%j %r", "%m/%d/%Y %X", "%A %d %B %Y %R:%S %z"}) {
    for (int64_t seconds = -100'000'000; seconds < 2'000'000'000; seconds += 99'999'999) {
      EvaluationContext context;
      const std::vector<Value> arguments = {Value::String(format), Value::Int(seconds)};
      const Value text = Find("STRFTIME").body(arguments, context);
      EXPECT_EQ(Call("STRPTIME", {text, format}), Show(Value::Double(static_cast<double>(seconds))))
          << format;
    }
  }
}

}  // namespace
}  // namespace fluxgate
