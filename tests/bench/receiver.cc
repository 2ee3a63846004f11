#include "tests/bench/receiver.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include "tests/bench/fail.h"
#include "tests/bench/process_cost.h"

namespace fluxgate::bench {
namespace {

constexpr int64_t kStallNs = 10'000'000'000;
constexpr int64_t kMeasureStepNs = 100'000'000;
constexpr uint64_t kStopTag = ~uint64_t{0};

void Watch(int epoll, int fd, uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) FailErrno("epoll_ctl");
}

}  // namespace

Receiver::Receiver(std::vector<std::unique_ptr<Connection>>& connections, Parse parse,
                   AfterRound after)
    : connections_(connections),
      parse_(std::move(parse)),
      after_(std::move(after)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      stop_(eventfd(0, EFD_CLOEXEC)) {
  if (epoll_ < 0 || stop_ < 0) FailErrno("epoll_create1 or eventfd");
  for (size_t i = 0; i < connections_.size(); ++i) Watch(epoll_, connections_[i]->fd(), i);
  Watch(epoll_, stop_, kStopTag);
  thread_ = std::thread([this] { Run(); });
}

Receiver::~Receiver() {
  const uint64_t one = 1;
  if (write(stop_, &one, sizeof(one)) != sizeof(one)) FailErrno("eventfd");
  thread_.join();
  close(stop_);
  close(epoll_);
}

void Receiver::Run() {
  Scratch scratch;
  while (true) {
    epoll_event events[64];
    const int count = epoll_wait(epoll_, events, 64, -1);
    if (count < 0 && errno != EINTR) FailErrno("epoll_wait");
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 == kStopTag) return;
      Connection& connection = *connections_[events[i].data.u64];
      std::string_view bytes = connection.Receive(scratch, false);
      bytes.remove_prefix(parse_(events[i].data.u64, bytes));
      connection.Keep(bytes);
    }
    after_();
  }
}

void AwaitDone(const std::function<bool()>& done, const std::function<uint64_t()>& progress,
               std::string_view what) {
  uint64_t last = progress();
  int64_t last_ns = MonotonicNs();
  while (!done()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const uint64_t now = progress();
    if (now != last) {
      last = now;
      last_ns = MonotonicNs();
    } else if (MonotonicNs() - last_ns > kStallNs) {
      Fail("nothing moves: " + std::string(what) + ", at " + std::to_string(now));
    }
  }
}

void Measure(double seconds, const std::function<uint64_t()>& progress, std::string_view what) {
  const int64_t until = MonotonicNs() + static_cast<int64_t>(seconds * 1e9);
  const uint64_t first = progress();
  uint64_t last = first;
  int64_t last_ns = MonotonicNs();
  while (true) {
    const int64_t left_ns = until - MonotonicNs();
    if (left_ns <= 0 && last != first) return;
    std::this_thread::sleep_for(
        std::chrono::nanoseconds(left_ns <= 0 ? 1'000'000 : std::min(left_ns, kMeasureStepNs)));
    const uint64_t now = progress();
    if (now != last) {
      last = now;
      last_ns = MonotonicNs();
    } else if (MonotonicNs() - last_ns > kStallNs) {
      Fail("nothing moves: " + std::string(what) + ", at " + std::to_string(now));
    }
  }
}

}  // namespace fluxgate::bench
