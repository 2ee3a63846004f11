// How long does an HAClient wait before it tries to connect again?
#ifndef AMPS_CPP_DELAY_STRATEGY_H_
#define AMPS_CPP_DELAY_STRATEGY_H_

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <unordered_map>

namespace AMPS {

// One thread at a time; the client sees to that.
class DelayStrategy {
 public:
  virtual ~DelayStrategy() = default;
  // Before a connection to `uri`, in milliseconds. May throw to give up.
  virtual unsigned getConnectWaitDuration(const std::string& uri) = 0;
  // Connected and logged on; or the program begins to connect.
  virtual void reset() = 0;
};

// Not at all the first time, then always the same, for each address.
class FixedDelayStrategy final : public DelayStrategy {
 public:
  static constexpr unsigned kDelayDefaultMs = 200;
  // `maximum_ms`: gives up with a ConnectionException after that long without success; 0: never.
  explicit FixedDelayStrategy(unsigned delay_ms = kDelayDefaultMs, unsigned maximum_ms = 0)
      : delay_ms_(delay_ms), maximum_ms_(maximum_ms) {}
  unsigned getConnectWaitDuration(const std::string& uri) override;
  void reset() override;

 private:
  const unsigned delay_ms_;
  const unsigned maximum_ms_;
  std::unordered_map<std::string, bool> tried_;
  std::chrono::steady_clock::time_point since_{};
};

// Not at all the first time, then longer and longer: a random part of `initial * base^n`, at most
// `maximum_delay`, for each address. Random, so that clients that lost the same gateway do not come
// back all at once.
class ExponentialDelayStrategy final : public DelayStrategy {
 public:
  struct Options {
    unsigned initial_ms = 200;
    unsigned maximum_delay_ms = 20'000;
    double base = 2;
    double jitter = 1;        // 0: none, 1: anything from 0 to the whole delay
    unsigned maximum_ms = 0;  // gives up after that long without success; 0: never
  };
  ExponentialDelayStrategy() : ExponentialDelayStrategy(Options{}) {}
  explicit ExponentialDelayStrategy(const Options& options, uint64_t seed = std::random_device{}())
      : options_(options), random_(seed) {}
  unsigned getConnectWaitDuration(const std::string& uri) override;
  void reset() override;

 private:
  const Options options_;
  std::mt19937_64 random_;
  std::unordered_map<std::string, unsigned> tries_;
  std::chrono::steady_clock::time_point since_{};
};

}  // namespace AMPS

#endif  // AMPS_CPP_DELAY_STRATEGY_H_
