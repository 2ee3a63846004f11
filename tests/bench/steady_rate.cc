#include "tests/bench/steady_rate.h"

#include <sys/prctl.h>
#include <time.h>

#include "tests/bench/fail.h"
#include "tests/bench/process_cost.h"

namespace fluxgate::bench {
namespace {

constexpr int64_t kLateNs = 1'000'000;

void SleepUntil(int64_t monotonic_ns) {
  timespec until{};
  until.tv_sec = monotonic_ns / 1'000'000'000;
  until.tv_nsec = monotonic_ns % 1'000'000'000;
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {
  }
}

}  // namespace

uint64_t SendSteadily(uint32_t rate, uint64_t total,
                      const std::function<void(uint64_t number, int64_t monotonic_ns)>& send) {
  // The kernel rounds sleeps up by 50 us unless told not to.
  if (prctl(PR_SET_TIMERSLACK, 1) != 0) FailErrno("prctl");
  const int64_t interval_ns = 1'000'000'000 / rate;
  const int64_t start = MonotonicNs() + interval_ns;
  uint64_t late = 0;
  for (uint64_t i = 0; i < total; ++i) {
    const int64_t due = start + static_cast<int64_t>(i) * interval_ns;
    SleepUntil(due);
    const int64_t now = MonotonicNs();
    const bool behind = now - due > kLateNs;
    if (behind) ++late;
    send(i, behind ? due : now);
  }
  return late;
}

}  // namespace fluxgate::bench
