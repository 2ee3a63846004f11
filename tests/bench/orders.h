// The bodies and filters that are measured: JSON orders, deterministic for a seed.
#ifndef FLUXGATE_TESTS_BENCH_ORDERS_H_
#define FLUXGATE_TESTS_BENCH_ORDERS_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace fluxgate::bench {

// Smallest body that NewOrderBody can make.
inline constexpr size_t kOrderBytesMin = 120;

// A filter that every body of NewOrderBody passes and that must be evaluated for each of them.
inline constexpr std::string_view kPassingFilter = "/price > 0 AND /symbol != 'ZZZZ'";

// The JSON order number `number` (below 90 million), exactly `bytes` long:
// {"id":10000007,"ts":1000000000000000000,"symbol":"S0007","price":100.07,...,"note":"xx"}.
std::string NewOrderBody(uint64_t number, size_t bytes);

// Number of the order in a body of NewOrderBody; UINT64_MAX: not one.
uint64_t OrderNumber(std::string_view body);

// The `ts` of an order: a time in nanoseconds that can be written over in place (fixed width).
void SetOrderTime(char* body, int64_t monotonic_ns);
int64_t OrderTime(std::string_view body);

// ---- selective filters: workloads W1 and W1s --------------------------------------------------

// An order of ten fields, 146 bytes on average: id below 1e8, symbol one of 1,000, price
// 0.00-999.99, qty 0-9,999, side, venue, trader, desk, ts, ccy; all uniform.
struct Event {
  int symbol;       // S0000..S0999
  int price_cents;  // 0..99,999
  int qty;          // 0..9,999
  std::string body;
};
Event NewEvent(std::mt19937_64& random);

// symbol = s AND price > p AND qty < q.
struct EventFilter {
  int symbol;
  int price_cents;
  int qty;
  bool Matches(const Event& event) const {
    return event.symbol == symbol && event.price_cents > price_cents && event.qty < qty;
  }
  std::string Text() const;
};

enum class Selectivity {
  kW1,   // p uniform in 0-1000, q in 0-10,000: 25 matches an event at 100,000 filters
  kW1s,  // p in 900-1000, q in 0-1,000: 0.3 matches
};
EventFilter NewEventFilter(std::mt19937_64& random, Selectivity selectivity);

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_ORDERS_H_
