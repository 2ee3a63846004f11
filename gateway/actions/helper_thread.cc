#include "gateway/actions/helper_thread.h"

#include <utility>

#include "core/base/thread_activity.h"

namespace fluxgate {

HelperThread::~HelperThread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  asked_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void HelperThread::Do(std::function<void()> task) {
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  asked_.notify_one();
}

void HelperThread::Run() {
  const RegisteredThread registered("actions");
  while (true) {
    std::function<void()> task;
    {
      ThreadActivity::Idle();
      std::unique_lock lock(mutex_);
      asked_.wait(lock, [this] { return stop_ || !tasks_.empty(); });
      if (stop_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    ThreadActivity::Busy();
    task();
  }
}

}  // namespace fluxgate
