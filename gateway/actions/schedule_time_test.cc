#include "gateway/actions/schedule_time.h"

#include "gtest/gtest.h"

namespace fluxgate {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
// 2026-11-22 was a Sunday.
constexpr int64_t kSundayNoonNs = 1'795'348'800 * kSecondNs;
constexpr int64_t kHourNs = 3600 * kSecondNs;

TEST(ScheduleTimeTest, ReadsIntervals) {
  EXPECT_EQ(ParseSchedule("10s"), (Schedule{10'000'000'000, -1, 0}));
  EXPECT_EQ(ParseSchedule("Every 2 h"), (Schedule{7'200'000'000'000, -1, 0}));
  EXPECT_EQ(ParseSchedule("10ms"), (Schedule{10'000'000, -1, 0}));
  EXPECT_EQ(ParseSchedule("9ms"), std::nullopt);
  EXPECT_TRUE(ParseSchedule("366d").has_value());
  EXPECT_EQ(ParseSchedule("367d"), std::nullopt);
}

TEST(ScheduleTimeTest, ReadsTimesOfDayAndWeek) {
  EXPECT_EQ(ParseSchedule("00:30"), (Schedule{0, -1, 1800}));
  EXPECT_EQ(ParseSchedule("every day at 23:59"), (Schedule{0, -1, 86340}));
  EXPECT_EQ(ParseSchedule("Every Saturday at 12:00"), (Schedule{0, 6, 43200}));
  EXPECT_EQ(ParseSchedule("sunday at 00:00"), (Schedule{0, 0, 0}));
}

TEST(ScheduleTimeTest, RefusesTheRest) {
  for (const char* text :
       {"", "every", "24:00", "12:60", "1:00", "Saturday", "Saturday 12:00", "Saturday at",
        "Saturday at 12:00 UTC", "someday at 12:00", "10", "-1s", "+1:00", "12:0x"}) {
    EXPECT_EQ(ParseSchedule(text), std::nullopt) << text;
  }
}

TEST(ScheduleTimeTest, IsDueNextTime) {
  const Schedule noon{0, -1, 43200};
  EXPECT_EQ(NextDueNs(noon, kSundayNoonNs - 1), kSundayNoonNs);
  EXPECT_EQ(NextDueNs(noon, kSundayNoonNs), kSundayNoonNs + 24 * kHourNs);
  const Schedule saturday{0, 6, 43200};
  EXPECT_EQ(NextDueNs(saturday, kSundayNoonNs), kSundayNoonNs + 6 * 24 * kHourNs);
  const Schedule sunday{0, 0, 43200};
  EXPECT_EQ(NextDueNs(sunday, kSundayNoonNs), kSundayNoonNs + 7 * 24 * kHourNs);
  EXPECT_EQ(NextDueNs(sunday, kSundayNoonNs - kHourNs), kSundayNoonNs);
}

}  // namespace
}  // namespace fluxgate
