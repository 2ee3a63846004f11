#include "gateway/workers/worker_pool.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "core/base/thread_activity.h"

namespace fluxgate {

WorkerPool::WorkerPool(std::string name, uint32_t threads, size_t queue_max)
    : queue_max_(queue_max) {
  shared_->threads_running = threads;
  for (uint32_t i = 0; i < threads; ++i) {
    threads_.emplace_back([shared = shared_, thread_name = fmt::format("{}-{}", name, i + 1)] {
      Run(shared, thread_name);
    });
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->stopped = true;
  }
  shared_->changed.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::Run(const std::shared_ptr<Shared>& shared, const std::string& name) {
  const RegisteredThread registered(name);
  std::unique_lock lock(shared->mutex);
  for (;;) {
    ThreadActivity::Idle();
    shared->changed.wait(lock, [&] { return shared->stopped || !shared->tasks.empty(); });
    ThreadActivity::Busy();
    if (shared->stopped) break;
    Task task = std::move(shared->tasks.front().task);
    if (shared->tasks.front().is_limited) --shared->limited_waiting;
    shared->tasks.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // with all that it holds, outside of the lock
    lock.lock();
  }
  const auto dropped = std::move(shared->tasks);
  shared->tasks.clear();
  --shared->threads_running;
  lock.unlock();
  shared->changed.notify_all();
}

bool WorkerPool::Submit(Task task) { return Add(std::move(task), /*is_limited=*/true); }

void WorkerPool::SubmitAlways(Task task) { (void)Add(std::move(task), /*is_limited=*/false); }

bool WorkerPool::Add(Task task, bool is_limited) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->stopped) return false;
    if (is_limited && shared_->limited_waiting >= queue_max_) return false;
    if (is_limited) ++shared_->limited_waiting;
    shared_->tasks.push_back({std::move(task), is_limited});
  }
  shared_->changed.notify_one();
  return true;
}

bool WorkerPool::Stop(int64_t timeout_ns) {
  std::unique_lock lock(shared_->mutex);
  shared_->stopped = true;
  shared_->changed.notify_all();
  return shared_->changed.wait_for(lock, std::chrono::nanoseconds(timeout_ns),
                                   [&] { return shared_->threads_running == 0; });
}

size_t WorkerPool::waiting() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->tasks.size();
}

}  // namespace fluxgate
