// Waits with the times of the library: milliseconds, 0: for ever. Internal.
#ifndef FLUXGATE_CLIENT_AMPS_WAIT_AT_MOST_H_
#define FLUXGATE_CLIENT_AMPS_WAIT_AT_MOST_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace AMPS::internal {

// 30 years: for ever, and no clock overflows.
inline constexpr long kTimeoutMaxMs = 30l * 365 * 24 * 3600 * 1000;

// Until `done`; false: not within `timeout_ms` (0: for ever).
template <typename Done>
bool WaitAtMost(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                long timeout_ms, Done done) {
  if (timeout_ms <= 0) {
    changed.wait(lock, done);
    return true;
  }
  return changed.wait_for(lock, std::chrono::milliseconds(std::min(timeout_ms, kTimeoutMaxMs)),
                          done);
}

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_WAIT_AT_MOST_H_
