// A few threads for what may wait: calls into modules that ask other systems, files, programs.
// Tasks start in the order they were given.
#ifndef FLUXGATE_GATEWAY_WORKERS_WORKER_POOL_H_
#define FLUXGATE_GATEWAY_WORKERS_WORKER_POOL_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fluxgate {

class WorkerPool {
 public:
  using Task = std::function<void()>;

  // `queue_max`: tasks of Submit that wait.
  WorkerPool(std::string name, uint32_t threads, size_t queue_max);
  // Waits for tasks under way; those that wait are dropped.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Any thread. False: the queue is full, or the pool has stopped.
  bool Submit(Task task);
  // For tasks whose number is limited otherwise. Dropped when the pool has stopped.
  void SubmitAlways(Task task);
  // Takes no more, drops what waits, and waits for tasks under way, for this long at most. False:
  // some still run; then the process has to end without destroying this.
  bool Stop(int64_t timeout_ns);

  size_t waiting() const;

 private:
  // Outlives the threads.
  struct Shared {
    mutable std::mutex mutex;
    std::condition_variable changed;
    // Guarded by mutex, as all below.
    struct Waiting {
      Task task;
      bool is_limited;  // counts in limited_waiting
    };
    std::deque<Waiting> tasks;
    size_t limited_waiting = 0;
    size_t threads_running = 0;
    bool stopped = false;
  };
  bool Add(Task task, bool is_limited);
  static void Run(const std::shared_ptr<Shared>& shared, const std::string& name);

  const size_t queue_max_;
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::vector<std::thread> threads_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_WORKERS_WORKER_POOL_H_
