// The workloads of the load generator. Each runs once against one broker that is already there,
// checks that every message arrived, and answers with figures.
#ifndef FLUXGATE_TESTS_BENCH_RUNS_H_
#define FLUXGATE_TESTS_BENCH_RUNS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/orders.h"
#include "tests/bench/sockets.h"

namespace fluxgate::bench {

struct RunOptions {
  Endpoint endpoint;
  std::string wire;
  pid_t broker_pid = -1;  // whose CPU time and memory are counted; -1: nobody's
  std::string topic = "orders";
  size_t body_bytes = 128;
  uint32_t subscribers = 1;
  double warm_up_s = 0.5;
  double seconds = 2;
  uint64_t window_bytes = 4 << 20;  // of bodies, published and not yet received by the slowest
  uint64_t chunk_bytes = 64 << 10;  // of frames in one write
  uint32_t rate = 10'000;           // messages a second
  int core = -1;                    // all threads of the generator stay there; -1: anywhere
  uint32_t connections = 10;
  uint32_t filters = 1'000;
  Selectivity selectivity = Selectivity::kW1s;
  uint32_t keys = 1'000;  // stored records
  std::string queries;    // sow-latency: "none", "few" or "all" records come out of the queries
};

// Name and value, in the order to print.
using Figures = std::vector<std::pair<std::string, double>>;

// One publisher, N subscribers that all receive everything, as fast as it goes.
Figures RunThroughput(const RunOptions& options);
// One publisher at a steady rate, one subscriber: time from publish to receipt.
Figures RunLatency(const RunOptions& options);
// One message at a time, publisher and subscriber on one thread.
Figures RunRoundTrip(const RunOptions& options);
// One publisher, many filters over some connections; only matches come out. amps only.
Figures RunFilters(const RunOptions& options);
// Resident memory of the broker for idle connections, and for subscriptions.
Figures RunConnectionMemory(const RunOptions& options);
Figures RunSubscriptionMemory(const RunOptions& options);

// As RunThroughput with one subscriber, and every message is the new body of one of `keys` records.
Figures RunUpserts(const RunOptions& options);
// One record at a time by its key, so many reads on their way at once.
Figures RunReads(const RunOptions& options);
// As RunLatency, updating records while another client queries them again and again. amps only.
Figures RunSowLatency(const RunOptions& options);

// As one line of JSON to stdout.
void Print(const Figures& figures);

// Shared by the runs.
double Percentile(std::vector<int64_t>& sorted, double fraction);
int64_t ToNs(double seconds);

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_RUNS_H_
