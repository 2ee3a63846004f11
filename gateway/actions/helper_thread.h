// The thread for steps that may take long or block: one after the other, in the order in which they
// came. Started with the first of them.
#ifndef FLUXGATE_GATEWAY_ACTIONS_HELPER_THREAD_H_
#define FLUXGATE_GATEWAY_ACTIONS_HELPER_THREAD_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace fluxgate {

class HelperThread {
 public:
  HelperThread() = default;
  // Waits for the task that runs; those behind it are dropped.
  ~HelperThread();
  HelperThread(const HelperThread&) = delete;
  HelperThread& operator=(const HelperThread&) = delete;

  // One thread.
  void Do(std::function<void()> task);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable asked_;
  // Guarded by mutex_.
  std::deque<std::function<void()>> tasks_;
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_HELPER_THREAD_H_
