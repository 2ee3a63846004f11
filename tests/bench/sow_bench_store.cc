// Changes of records: upserts, deltas, and what a record takes beside its body.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <random>

#include "tests/bench/fail.h"
#include "tests/bench/sow_bench.h"

namespace fluxgate::bench {
namespace {

enum class Index { kNone, kHash, kOrdered };

const char* NameOf(Index index) {
  switch (index) {
    case Index::kNone:
      return "no index";
    case Index::kHash:
      return "hash index on the field that changes";
    case Index::kOrdered:
      return "ordered index on the field that changes";
  }
  Fail("no such index");
}

// A topic that holds `keys` records, and a long list of changes to random ones of them.
struct Live {
  Live(Index index, uint64_t keys, uint64_t list)
      : index(index), keys(keys), topic(Definition(index)), changes(list * kRecordBytes) {
    Bodies first(keys * kRecordBytes);
    for (const uint64_t number : Shuffled(keys)) first.Add(RecordBody(number, number));
    for (size_t i = 0; i < first.size(); ++i) topic.Put(first.at(i));
    std::mt19937_64 random(1);
    for (uint64_t i = 0; i < list; ++i) changes.Add(RecordBody(random() % keys, random()));
  }

  static SowTopicDefinition Definition(Index index) {
    SowTopicDefinition definition = BenchTopic::Definition();
    if (index == Index::kHash) definition.hash_indexes = {{"/price"}};
    if (index == Index::kOrdered) definition.ordered_indexes = {"/price"};
    return definition;
  }

  const Index index;
  const uint64_t keys;
  BenchTopic topic;
  Bodies changes;
  size_t next = 0;
};

// `live`: of the benchmark before; only one at a time has its memory.
void Upsert(benchmark::State& state, Index index, uint64_t keys, uint64_t list,
            std::unique_ptr<Live>& live) {
  if (live == nullptr || live->index != index || live->keys != keys) {
    live.reset();
    live = std::make_unique<Live>(index, keys, list);
  }
  for (auto _ : state) {
    live->topic.Put(live->changes.at(live->next));
    if (++live->next == live->changes.size()) live->next = 0;
  }
  if (live->topic.topic().store().size() != keys) Fail("an upsert made a new record");
  state.counters["upserts_per_s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.SetLabel(fmt::format("{} keys, {}", Thousands(keys), NameOf(index)));
}

struct Delta {
  explicit Delta(size_t bytes)
      : before(RecordBody(7, 1, bytes)), after(RecordBody(7, 2, bytes)), body_bytes(bytes) {
    before.append(kBodyPaddingBytes, '\0');
    after.append(kBodyPaddingBytes, '\0');
    keys.push_back(FieldPath{.steps = {FieldStep("id")}});
  }
  std::string_view before_body() const { return {before.data(), body_bytes}; }
  std::string_view after_body() const { return {after.data(), body_bytes}; }
  void Diff(std::string& delta) const {
    delta.clear();
    bool changed = false;
    if (!type.Diff(before_body(), after_body(), keys, delta, changed).ok() || !changed) {
      Fail("no delta");
    }
  }

  JsonMessageType type;
  std::string before;
  std::string after;
  size_t body_bytes;
  std::vector<FieldPath> keys;
};

void Diff(benchmark::State& state) {
  const Delta bodies(static_cast<size_t>(state.range(0)));
  std::string delta;
  for (auto _ : state) bodies.Diff(delta);
  state.counters["diff_ns"] =
      benchmark::Counter(static_cast<double>(state.iterations()) / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["full_bytes"] = static_cast<double>(bodies.body_bytes);
  state.counters["delta_bytes"] = static_cast<double>(delta.size());
  state.SetLabel(fmt::format("{} B, one field changed", bodies.body_bytes));
}

void Merge(benchmark::State& state) {
  const Delta bodies(static_cast<size_t>(state.range(0)));
  std::string delta;
  bodies.Diff(delta);
  const size_t bytes = delta.size();
  delta.append(kBodyPaddingBytes, '\0');
  std::string merged;
  for (auto _ : state) {
    merged.clear();
    if (!bodies.type.Merge(bodies.before_body(), {delta.data(), bytes}, merged).ok()) {
      Fail("no merge");
    }
  }
  if (merged != bodies.after_body()) Fail("a delta merged into the body gives another body");
  state.counters["merge_ns"] =
      benchmark::Counter(static_cast<double>(state.iterations()) / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.SetLabel(fmt::format("{} B, one field changed", bodies.body_bytes));
}

// Not a time: what memory a topic of that many records takes.
void Memory(benchmark::State& state, uint64_t records, size_t bytes) {
  double beside = 0;
  for (auto _ : state) {
    BenchTopic topic(BenchTopic::Definition());
    std::string body;
    for (uint64_t i = 0; i < records; ++i) {
      body = fmt::format("{{\"id\":{:08},\"note\":\"", 10'000'000 + i);
      body.append(bytes - 2 - body.size(), 'x');
      body += "\"}";
      body.append(kBodyPaddingBytes, '\0');
      topic.Put({body.data(), bytes});
    }
    beside = static_cast<double>(topic.topic().bytes() - topic.topic().store().text_bytes()) /
             static_cast<double>(records);
  }
  state.counters["bytes_beside_body"] = beside;
  state.SetLabel(fmt::format("bodies of {} B", bytes));
}

}  // namespace

void AddStoreBenchmarks(const SowBenchOptions& options) {
  const auto live = std::make_shared<std::unique_ptr<Live>>();
  for (const Index index : {Index::kNone, Index::kHash, Index::kOrdered}) {
    for (const uint64_t keys : {options.records / 1000, options.records / 10, options.records}) {
      const uint64_t list = options.records;
      benchmark::RegisterBenchmark(
          fmt::format("upsert/{}/{}", static_cast<int>(index), keys).c_str(),
          [=](benchmark::State& state) { Upsert(state, index, keys, list, *live); });
    }
  }
  for (const int64_t bytes : {150, 300, 1000}) {
    benchmark::RegisterBenchmark("delta/diff", Diff)->Arg(bytes);
    benchmark::RegisterBenchmark("delta/merge", Merge)->Arg(bytes);
  }
  for (const size_t bytes : {100, 150, 300}) {
    const uint64_t records = options.records;
    benchmark::RegisterBenchmark(fmt::format("memory/{}", bytes).c_str(),
                                 [=](benchmark::State& state) { Memory(state, records, bytes); })
        ->Iterations(1);
  }
}

}  // namespace fluxgate::bench
