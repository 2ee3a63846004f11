#include "gateway/net/reactor.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/base/thread_activity.h"

namespace fluxgate::net {
namespace {

constexpr int kEventsPerWait = 256;
constexpr int64_t kTimerGrainNs = 10'000'000;

int64_t ReadClock(clockid_t id) {
  timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * 1'000'000'000ll + t.tv_nsec;
}

}  // namespace

int64_t SystemClock::MonotonicNs() const { return ReadClock(CLOCK_MONOTONIC); }
int64_t SystemClock::WallNs() const { return ReadClock(CLOCK_REALTIME); }

Reactor::Reactor()
    : epoll_fd_(epoll_create1(EPOLL_CLOEXEC)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      now_ns_(ReadClock(CLOCK_MONOTONIC)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // the wake-up; every other registration has a handler
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event);
}

Reactor::~Reactor() {
  close(wake_fd_);
  close(epoll_fd_);
}

void Reactor::Post(Task task) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
    wake = !woken_;
    woken_ = true;
  }
  if (wake) eventfd_write(wake_fd_, 1);
}

void Reactor::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_requested_ = true;
  }
  eventfd_write(wake_fd_, 1);
}

void Reactor::Run() {
  const RegisteredThread registered("reactor");
  std::vector<epoll_event> events(kEventsPerWait);
  bool stopping = false;
  while (!stopping) {
    const int wait_ms = background_busy_ ? 0 : RunTimers();
    ThreadActivity::Idle();
    const int count = epoll_wait(epoll_fd_, events.data(), kEventsPerWait, wait_ms);
    ThreadActivity::Busy();
    now_ns_ = ReadClock(CLOCK_MONOTONIC);
    bool woken = false;
    for (int i = 0; i < count; ++i) {
      auto* handler = static_cast<EventHandler*>(events[i].data.ptr);
      if (handler == nullptr) {
        woken = true;
      } else if (std::ranges::find(unwatched_, handler) == unwatched_.end()) {
        handler->OnEvents(events[i].events);
      }
    }
    unwatched_.clear();
    if (woken) stopping = RunPosted();
    RunEndOfBatch();
    if (background_busy_) {
      RunTimers();
      // Work that is asked for during the slice is not forgotten.
      background_busy_ = false;
      if (background_()) background_busy_ = true;
      RunEndOfBatch();
    }
  }
}

bool Reactor::RunPosted() {
  eventfd_t ignored;
  eventfd_read(wake_fd_, &ignored);
  bool stop;
  {
    std::lock_guard lock(mutex_);
    running_.swap(posted_);
    woken_ = false;
    stop = stop_requested_;
  }
  for (Task& task : running_) task();
  running_.clear();
  return stop;
}

void Reactor::RunEndOfBatch() {
  // By index: a task may add further ones.
  for (size_t i = 0; i < end_of_batch_.size(); ++i) {
    Task task = std::move(end_of_batch_[i]);
    task();
  }
  end_of_batch_.clear();
}

int Reactor::RunTimers() {
  if (timers_.empty()) return -1;
  int64_t next_ns = INT64_MAX;
  for (size_t i = 0; i < timers_.size(); ++i) {
    if (timers_[i].next_ns <= now_ns_) {
      timers_[i].next_ns = now_ns_ + timers_[i].interval_ns;
      // A copy: the task may add a timer and so move the list.
      Task task = timers_[i].task;
      task();
    }
    next_ns = std::min(next_ns, timers_[i].next_ns);
  }
  RunEndOfBatch();
  return static_cast<int>(std::max<int64_t>(next_ns - now_ns_, 0) / 1'000'000 + 1);
}

absl::Status Reactor::Watch(int fd, uint32_t events, EventHandler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) == 0) return absl::OkStatus();
  if (errno == ENOENT && epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0) {
    return absl::OkStatus();
  }
  return MakeError(ErrorCode::kInternal,
                   fmt::format("cannot watch descriptor {}: {}", fd, std::strerror(errno)));
}

void Reactor::Unwatch(int fd, EventHandler* handler) {
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  unwatched_.push_back(handler);
}

void Reactor::AtEndOfBatch(Task task) { end_of_batch_.push_back(std::move(task)); }

void Reactor::Every(int64_t interval_ns, Task task) {
  interval_ns = std::max(interval_ns, kTimerGrainNs);
  timers_.push_back({now_ns_ + interval_ns, interval_ns, std::move(task)});
}

void Reactor::SetBackgroundWork(std::function<bool()> slice) { background_ = std::move(slice); }

void Reactor::StartBackgroundWork() { background_busy_ = background_ != nullptr; }

}  // namespace fluxgate::net
