// Messages at a steady rate.
#ifndef FLUXGATE_TESTS_BENCH_STEADY_RATE_H_
#define FLUXGATE_TESTS_BENCH_STEADY_RATE_H_

#include <cstdint>
#include <functional>

namespace fluxgate::bench {

// Calls `send` `total` times, `rate` a second, with the message's number and the time that counts
// as its sending. That is the time it is; but of one that is more than a millisecond late the time
// it was due, or a broker that stalls would look fast. Answers how many were that late.
uint64_t SendSteadily(uint32_t rate, uint64_t total,
                      const std::function<void(uint64_t number, int64_t monotonic_ns)>& send);

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_STEADY_RATE_H_
