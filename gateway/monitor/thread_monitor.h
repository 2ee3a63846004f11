// The thread monitor: a thread that looks at all registered threads and logs those that are busy
// and make no progress, with what they are doing and their stack. It changes nothing: what is stuck
// stays stuck.
//
// Source: the server module document, "The AMPS Thread Monitor". Ours: a report again after each
// further threshold, and a line when the thread goes on.
#ifndef FLUXGATE_GATEWAY_MONITOR_THREAD_MONITOR_H_
#define FLUXGATE_GATEWAY_MONITOR_THREAD_MONITOR_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "gateway/monitor/stuck_threads.h"

namespace fluxgate {

class ThreadMonitor {
 public:
  // Starts the thread. `threshold_ns`: without progress for so long a thread is taken for stuck;
  // above 0. It is noticed at most an eighth of that later. Logs warnings to the default logger.
  explicit ThreadMonitor(int64_t threshold_ns);
  ~ThreadMonitor();
  ThreadMonitor(const ThreadMonitor&) = delete;
  ThreadMonitor& operator=(const ThreadMonitor&) = delete;

  // Any thread.
  uint32_t stuck_now() const { return stuck_now_; }
  uint64_t stuck_ever() const { return stuck_ever_; }

 private:
  void Run();
  void LookAtAll();

  const int64_t threshold_ns_;
  StuckThreads threads_;  // the monitor's thread
  std::atomic<uint32_t> stuck_now_ = 0;
  std::atomic<uint64_t> stuck_ever_ = 0;

  std::mutex mutex_;
  std::condition_variable stop_asked_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MONITOR_THREAD_MONITOR_H_
