// Where time enters the core. Tests and simulations pass a clock they turn by hand.
#ifndef FLUXGATE_CORE_BASE_CLOCK_H_
#define FLUXGATE_CORE_BASE_CLOCK_H_

#include <cstdint>

namespace fluxgate {

class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back; for intervals and deadlines.
  virtual int64_t MonotonicNs() const = 0;
  // Nanoseconds since 1970-01-01 UTC; for what people and records see.
  virtual int64_t WallNs() const = 0;
};

class ManualClock final : public Clock {
 public:
  int64_t MonotonicNs() const override { return now_ns_; }
  int64_t WallNs() const override { return kEpochNs + now_ns_; }
  void Advance(int64_t ns) { now_ns_ += ns; }

 private:
  static constexpr int64_t kEpochNs = 1'700'000'000'000'000'000;
  int64_t now_ns_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_CLOCK_H_
