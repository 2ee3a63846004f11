// What a process costs: CPU time and resident memory, of ourselves or of a broker by its pid.
#ifndef FLUXGATE_TESTS_BENCH_PROCESS_COST_H_
#define FLUXGATE_TESTS_BENCH_PROCESS_COST_H_

#include <sys/types.h>

#include <cstdint>

namespace fluxgate::bench {

int64_t MonotonicNs();

// CPU time of all threads of a process since its start, user and kernel, in nanoseconds. `pid` 0:
// this process; -1: unknown broker, answers 0.
int64_t CpuNs(pid_t pid);

// Resident bytes of a process. Kernel memory (socket buffers) is not in it.
uint64_t ResidentBytes(pid_t pid);

// Calling thread (and those it starts later) stays on one core.
void PinToCore(int core);

// CPU of broker and generator between Start and Stop.
class CostMeter {
 public:
  explicit CostMeter(pid_t broker) : broker_(broker) {}
  void Start();
  void Stop();
  int64_t broker_ns() const { return broker_ns_; }
  int64_t client_ns() const { return client_ns_; }
  int64_t wall_ns() const { return wall_ns_; }

 private:
  pid_t broker_;
  int64_t broker_ns_ = 0;
  int64_t client_ns_ = 0;
  int64_t wall_ns_ = 0;
};

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_PROCESS_COST_H_
