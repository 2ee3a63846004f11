// What a view costs the topic that it is made of: every change of a record is brought into its
// group.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <random>

#include "tests/bench/fail.h"
#include "tests/bench/sow_bench.h"
#include "tests/bench/sow_bench_engine.h"

namespace fluxgate::bench {
namespace {

constexpr uint64_t kSymbols = 1000;     // of orders: groups of the view
constexpr uint64_t kTogether = 64;      // publishes that arrive at once
constexpr uint64_t kChanges = 1 << 16;  // distinct ones

struct Viewed {
  Viewed(bool with_view, uint64_t records)
      : with_view(with_view), changes(kChanges * kRecordBytes) {
    SowDefinitions definitions = {BenchTopic::Definition()};
    if (with_view) {
      ViewDefinition view;
      view.name = "by-symbol";
      view.message_type = "json";
      view.source = topic;
      view.projection = {"/symbol", "SUM(/qty) AS /qty", "COUNT(/id) AS /n",
                         "AVG(/price) AS /price"};
      view.grouping = {"/symbol"};
      definitions.push_back(view);
    }
    bench.Define(definitions);
    bench.Fill(topic, records, [this](uint64_t) { GetOn(); });
    std::mt19937_64 random(4);
    for (uint64_t i = 0; i < kChanges; ++i) changes.Add(RecordBody(random() % records, random()));
    if (with_view && Groups() != std::min(records, kSymbols)) Fail("the view lacks groups");
  }

  void GetOn() {
    while (bench.engine().RunBackgroundSlice()) {
    }
  }
  uint64_t Groups() {
    const uint64_t before = bench.outbox().records;
    Command query;
    query.type = CommandType::kSow;
    query.query_id = "q";
    query.topic = "by-symbol";
    bench.Execute(query);
    GetOn();
    return bench.outbox().records - before;
  }

  const std::string topic = BenchTopic::Definition().name;
  const bool with_view;
  BenchEngine bench;
  Bodies changes;
  uint64_t next = 0;
};

void Change(benchmark::State& state, bool with_view, uint64_t records,
            std::unique_ptr<Viewed>& viewed) {
  if (viewed == nullptr || viewed->with_view != with_view) {
    viewed.reset();
    viewed = std::make_unique<Viewed>(with_view, records);
  }
  for (auto _ : state) {
    viewed->bench.Publish(viewed->topic, viewed->changes.at(viewed->next % kChanges));
    if (++viewed->next % kTogether == 0) viewed->GetOn();
  }
  state.counters["updates_per_s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.SetLabel(with_view ? "view of 1,000 groups: SUM, COUNT, AVG" : "no view");
}

}  // namespace

void AddViewBenchmarks(const SowBenchOptions& options) {
  const auto viewed = std::make_shared<std::unique_ptr<Viewed>>();
  const uint64_t records = options.records / 10;
  for (const bool with_view : {false, true}) {
    benchmark::RegisterBenchmark(
        with_view ? "view/with" : "view/without",
        [=](benchmark::State& state) { Change(state, with_view, records, *viewed); });
  }
}

}  // namespace fluxgate::bench
