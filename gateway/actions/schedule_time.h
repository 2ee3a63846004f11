// When a schedule is due. Pure functions, any thread; all times UTC.
//
// Source: AMPS User Guide, "Choosing When an Action Runs": an interval (`10m`), a time of day
// (`00:30`), a day and time of the week (`Saturday at 11:00`). Ours: `day at 00:30` for every day,
// a leading `Every`.
#ifndef FLUXGATE_GATEWAY_ACTIONS_SCHEDULE_TIME_H_
#define FLUXGATE_GATEWAY_ACTIONS_SCHEDULE_TIME_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace fluxgate {

inline constexpr std::string_view kScheduleText =
    "an interval (10ms to 366d), HH:MM, day at HH:MM, Saturday at HH:MM";

struct Schedule {
  uint64_t interval_ns = 0;  // 0: at times of the day
  int weekday = -1;          // 0: Sunday; -1: every day
  int second_of_day = 0;

  bool operator==(const Schedule&) const = default;
};

std::optional<Schedule> ParseSchedule(std::string_view text);

// The first time after `wall_ns` (since 1970) that a schedule without interval is due.
int64_t NextDueNs(const Schedule& schedule, int64_t wall_ns);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_SCHEDULE_TIME_H_
