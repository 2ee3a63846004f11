#include "tests/bench/process_cost.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "tests/bench/fail.h"

namespace fluxgate::bench {
namespace {

int64_t ReadClock(clockid_t clock) {
  timespec now{};
  if (clock_gettime(clock, &now) != 0) FailErrno("clock_gettime");
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

}  // namespace

int64_t MonotonicNs() { return ReadClock(CLOCK_MONOTONIC); }

int64_t CpuNs(pid_t pid) {
  if (pid < 0) return 0;
  if (pid == 0) return ReadClock(CLOCK_PROCESS_CPUTIME_ID);
  // Nanoseconds, where /proc/<pid>/stat only has ticks of 10 ms.
  clockid_t clock;
  if (clock_getcpuclockid(pid, &clock) != 0) Fail("the broker is gone");
  return ReadClock(clock);
}

uint64_t ResidentBytes(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/statm";
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) FailErrno(path);
  unsigned long long size = 0;
  unsigned long long resident = 0;
  const int fields = std::fscanf(file, "%llu %llu", &size, &resident);
  std::fclose(file);
  if (fields != 2) Fail("cannot read " + path);
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void PinToCore(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(core), &set);
  if (sched_setaffinity(0, sizeof(set), &set) != 0) FailErrno("sched_setaffinity");
}

void CostMeter::Start() {
  broker_ns_ = -CpuNs(broker_);
  client_ns_ = -CpuNs(0);
  wall_ns_ = -MonotonicNs();
}

void CostMeter::Stop() {
  wall_ns_ += MonotonicNs();
  client_ns_ += CpuNs(0);
  broker_ns_ += CpuNs(broker_);
}

}  // namespace fluxgate::bench
