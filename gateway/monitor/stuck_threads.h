// Which threads are stuck, from what is seen of them at times: the monitor's rules without its
// clock and its signals. One thread.
#ifndef FLUXGATE_GATEWAY_MONITOR_STUCK_THREADS_H_
#define FLUXGATE_GATEWAY_MONITOR_STUCK_THREADS_H_

#include <cstdint>
#include <map>

#include "core/base/thread_activity.h"

namespace fluxgate {

class StuckThreads {
 public:
  enum class Verdict : uint8_t {
    kFine,
    kStuck,  // to be reported: busy without progress for the threshold, or one more of them
    kStuckAsReported,
    kGoesOn,  // was reported
  };

  // `threshold_ns` is above 0.
  explicit StuckThreads(int64_t threshold_ns) : threshold_ns_(threshold_ns) {}

  // A look at all threads: Begin, Look for each, End. `now_ns` never goes back. `age_ns` is set for
  // all but kFine: how long the thread has made, or made, no progress.
  void Begin(int64_t now_ns) { now_ns_ = now_ns; }
  Verdict Look(const ThreadView& thread, int64_t& age_ns);
  void End();  // forgets threads that are gone

  uint32_t stuck_now() const { return stuck_now_; }
  uint64_t stuck_ever() const { return stuck_ever_; }  // a period without progress counts once

 private:
  struct Thread {
    uint64_t progress;
    int64_t since_ns;    // the last progress, or when the thread was first seen without
    int64_t reports;     // in this period
    int64_t seen_at_ns;  // the last look
  };

  const int64_t threshold_ns_;
  int64_t now_ns_ = 0;
  std::map<uint64_t, Thread> threads_;  // by id
  uint32_t stuck_now_ = 0;
  uint64_t stuck_ever_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MONITOR_STUCK_THREADS_H_
