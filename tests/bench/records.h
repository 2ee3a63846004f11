// Stored records of a broker: orders 0 to RunOptions::keys - 1.
#ifndef FLUXGATE_TESTS_BENCH_RECORDS_H_
#define FLUXGATE_TESTS_BENCH_RECORDS_H_

#include <cstdint>
#include <vector>

#include "tests/bench/runs.h"

namespace fluxgate::bench {

// Their numbers in random order, the same every time.
std::vector<uint32_t> ShuffledRecords(uint32_t count);

// The broker has all of them on return.
void LoadRecords(const RunOptions& options);

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_RECORDS_H_
