// Flow control that is the same for every peer: at most so many messages are between the publisher
// and the slowest subscriber, so that no broker ever sees a slow consumer. One publishing thread,
// one receiving thread.
#ifndef FLUXGATE_TESTS_BENCH_FLOW_WINDOW_H_
#define FLUXGATE_TESTS_BENCH_FLOW_WINDOW_H_

#include <atomic>
#include <cstdint>
#include <limits>

namespace fluxgate::bench {

class FlowWindow {
 public:
  explicit FlowWindow(uint64_t messages) : messages_(messages) {}

  // Publisher: waits until `count` more messages fit behind `published`; then a quarter of the
  // window is free at least, so that the two threads do not wake each other for every read. False:
  // Stop was called.
  bool AwaitRoom(uint64_t published, uint64_t count) {
    if (published + count <= received() + messages_) return !stopped_.load();
    const uint64_t slack = messages_ - messages_ / 4;
    const uint64_t wanted = published - (published < slack ? published : slack);
    while (true) {
      const uint32_t gate = gate_.load();
      wake_at_.store(wanted);
      if (stopped_.load()) return false;
      if (received() >= wanted) break;
      gate_.wait(gate);
    }
    return true;
  }

  // Receiver: the slowest subscriber has this many now.
  void Received(uint64_t count) {
    received_.store(count);
    if (count >= wake_at_.load()) Wake();
  }

  // Any thread.
  uint64_t received() const { return received_.load(); }
  void Stop() {
    stopped_.store(true);
    Wake();
  }
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

 private:
  void Wake() {
    wake_at_.store(std::numeric_limits<uint64_t>::max());
    gate_.fetch_add(1);
    gate_.notify_all();
  }

  const uint64_t messages_;
  alignas(64) std::atomic<uint64_t> received_{0};
  alignas(64) std::atomic<uint64_t> wake_at_{std::numeric_limits<uint64_t>::max()};
  std::atomic<uint32_t> gate_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_FLOW_WINDOW_H_
