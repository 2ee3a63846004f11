// How long a publish may have to wait because of a query: the slices in which one query over many
// records is answered, while records change. CPU time of the thread, so that other work on the
// machine does not count.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "tests/bench/fail.h"
#include "tests/bench/runs.h"
#include "tests/bench/sow_bench.h"
#include "tests/bench/sow_bench_engine.h"

namespace fluxgate::bench {
namespace {

struct Query {
  const char* label;
  const char* filter = "";
  const char* order_by = "";
  uint32_t top_n = 0;
  bool some_only = false;  // whether not every record comes out
};

constexpr Query kQueries[] = {
    {.label = "one record in 1,000", .filter = "/qty < 1009", .some_only = true},
    {.label = "every record"},
    {.label = "every record, ordered", .order_by = "/price DESC"},
    {.label = "the first 10 of an order",
     .order_by = "/price DESC",
     .top_n = 10,
     .some_only = true},
};

int64_t ThreadCpuNs() {
  timespec now{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) FailErrno("clock_gettime");
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// The topic is the same for all of them.
using Filled = std::unique_ptr<BenchEngine>;

void Slices(benchmark::State& state, const Query& query, uint64_t records, Filled& filled) {
  const SowTopicDefinition definition = BenchTopic::Definition();
  if (filled == nullptr) {
    filled = std::make_unique<BenchEngine>();
    filled->Define({definition});
    filled->Fill(definition.name, records, [](uint64_t) {});
  }
  BenchEngine& bench = *filled;
  std::mt19937_64 random(3);
  std::vector<int64_t> slices;
  std::vector<int64_t> publishes;
  const auto timed = [](std::vector<int64_t>& times, auto&& work) {
    const int64_t begin = ThreadCpuNs();
    work();
    times.push_back(ThreadCpuNs() - begin);
  };
  for (auto _ : state) {
    const uint64_t before = bench.outbox().records;
    Command command;
    command.type = CommandType::kSowAndSubscribe;
    command.command_id = "q";
    command.sub_id = "q";
    command.topic = definition.name;
    command.filter = query.filter;
    command.order_by = query.order_by;
    command.top_n = query.top_n;
    timed(slices, [&] { bench.Execute(command); });
    for (bool more = true; more;) {
      std::string body = RecordBody(random() % records, random());
      const size_t bytes = body.size();
      body.append(kBodyPaddingBytes, '\0');
      timed(publishes, [&] { bench.Publish(definition.name, {body.data(), bytes}); });
      timed(slices, [&] { more = bench.engine().RunBackgroundSlice(); });
    }
    const uint64_t got = bench.outbox().records - before;
    if (got == 0 || (got != records) != query.some_only) Fail("not the records that match");
    command = {};
    command.type = CommandType::kUnsubscribe;
    command.sub_id = "q";
    bench.Execute(command);
    while (bench.engine().RunBackgroundSlice()) {
    }
  }
  std::sort(slices.begin(), slices.end());
  std::sort(publishes.begin(), publishes.end());
  state.counters["slices"] = static_cast<double>(slices.size());
  state.counters["slice_p50_us"] = Percentile(slices, 0.5);
  state.counters["slice_p99_us"] = Percentile(slices, 0.99);
  state.counters["slice_max_us"] = Percentile(slices, 1);
  state.counters["publish_p99_us"] = Percentile(publishes, 0.99);
  state.SetLabel(query.label);
}

}  // namespace

void AddSliceBenchmarks(const SowBenchOptions& options) {
  const auto filled = std::make_shared<Filled>();
  const uint64_t records = options.records;
  for (const Query& query : kQueries) {
    benchmark::RegisterBenchmark(
        (std::string("slices/") + query.label).c_str(),
        [=, &query](benchmark::State& state) { Slices(state, query, records, *filled); })
        ->Iterations(1);
  }
}

}  // namespace fluxgate::bench
