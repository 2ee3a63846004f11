// One event loop on one thread: sockets, timers and work posted from other threads. Everything that
// touches the engine runs here. Plain epoll: the measured reason is in ARCHITECTURE.md.
#ifndef FLUXGATE_GATEWAY_NET_REACTOR_H_
#define FLUXGATE_GATEWAY_NET_REACTOR_H_

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "core/base/clock.h"

namespace fluxgate::net {

// Told when its descriptor is ready. Must outlive its registration.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  virtual void OnEvents(uint32_t epoll_events) = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t MonotonicNs() const override;
  int64_t WallNs() const override;
};

class Reactor {
 public:
  using Task = std::function<void()>;

  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Any thread. Runs `task` on the reactor's thread, in the order of posting; tasks that arrive
  // together run in one batch with one wake-up. Destroyed unrun when Run has returned.
  void Post(Task task);
  // Any thread. Run returns after the tasks posted so far.
  void Stop();

  // Everything below: reactor thread, or before Run.

  // Serves until Stop. For the thread monitor the thread gets on with every batch.
  void Run();
  // `events` are EPOLL* flags (level-triggered unless EPOLLET); calling again changes them.
  absl::Status Watch(int fd, uint32_t events, EventHandler* handler);
  // No call reaches `handler` any more, also not from events already collected.
  void Unwatch(int fd, EventHandler* handler);

  // Runs `task` once at the end of the current batch of events and posted tasks, before the loop
  // waits again: where outboxes are flushed. A task added from inside runs in the same batch.
  void AtEndOfBatch(Task task);
  // Runs `task` every `interval_ns` (at least 10 ms) from now on.
  void Every(int64_t interval_ns, Task task);
  // Work in slices between batches: `slice` returns true while there is more. Asked for with
  // StartBackgroundWork.
  void SetBackgroundWork(std::function<bool()> slice);
  void StartBackgroundWork();

  int64_t now_ns() const { return now_ns_; }  // monotonic, taken once per batch

 private:
  struct Timer {
    int64_t next_ns;
    int64_t interval_ns;
    Task task;
  };
  bool RunPosted();  // true: stop
  void RunEndOfBatch();
  int RunTimers();  // milliseconds until the next one, -1: none

  const int epoll_fd_;
  const int wake_fd_;
  int64_t now_ns_;
  std::vector<Task> running_;
  std::vector<Task> end_of_batch_;
  std::vector<Timer> timers_;
  std::vector<EventHandler*> unwatched_;  // during this batch; its events may still name them
  std::function<bool()> background_;
  bool background_busy_ = false;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<Task> posted_;
  bool woken_ = false;
  bool stop_requested_ = false;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_REACTOR_H_
