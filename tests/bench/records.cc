#include "tests/bench/records.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

#include "tests/bench/connection.h"
#include "tests/bench/orders.h"

namespace fluxgate::bench {

std::vector<uint32_t> ShuffledRecords(uint32_t count) {
  std::vector<uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  std::shuffle(numbers.begin(), numbers.end(), std::mt19937_64(20261122));
  return numbers;
}

void LoadRecords(const RunOptions& options) {
  Connection loader(options.endpoint, options.wire, "loader", true);
  std::string bytes;
  for (const uint32_t number : ShuffledRecords(options.keys)) {
    bytes += loader.wire().Upsert(options.topic, number, NewOrderBody(number, options.body_bytes));
    if (bytes.size() < options.chunk_bytes) continue;
    loader.Write(bytes);
    bytes.clear();
  }
  loader.Ask(bytes + loader.wire().Sync(), 1);
}

}  // namespace fluxgate::bench
