// The receiving side of a run: one thread, any number of subscriber connections, every message
// counted and the order sampled.
#ifndef FLUXGATE_TESTS_BENCH_RECEIVER_H_
#define FLUXGATE_TESTS_BENCH_RECEIVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "tests/bench/connection.h"

namespace fluxgate::bench {

class Receiver {
 public:
  // Takes the bytes that have arrived on a connection; answers how many it has used.
  using Parse = std::function<size_t(size_t connection, std::string_view bytes)>;
  // After every round of reads, on the receiver's thread.
  using AfterRound = std::function<void()>;

  Receiver(std::vector<std::unique_ptr<Connection>>& connections, Parse parse, AfterRound after);
  // Stops the thread and waits for it.
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

 private:
  void Run();

  std::vector<std::unique_ptr<Connection>>& connections_;
  const Parse parse_;
  const AfterRound after_;
  int epoll_;
  int stop_;
  std::thread thread_;
};

// Waits until `done` answers true; ends the process when nothing has moved for ten seconds.
// `progress` is any number that changes while all goes well.
void AwaitDone(const std::function<bool()>& done, const std::function<uint64_t()>& progress,
               std::string_view what);

// Sleeps for a part of a run, longer if nothing has moved by then; ends the process when nothing
// has moved for ten seconds.
void Measure(double seconds, const std::function<uint64_t()>& progress, std::string_view what);

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_RECEIVER_H_
