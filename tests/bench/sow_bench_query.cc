// Queries over many records: by key, by index, in order, and a scan of all of them against a plain
// loop.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <random>

#include "core/message/field_reader.h"
#include "tests/bench/fail.h"
#include "tests/bench/sow_bench.h"

namespace fluxgate::bench {
namespace {

// One record in some thousands; its fields are the fourth and fifth of nine.
constexpr const char* kScanFilter = "/price > 998.5 AND /qty < 1900";
constexpr size_t kLookups = 1 << 14;

enum class Shape {
  kFilled,   // as it was entered, in random order of keys
  kUpdated,  // then as many random updates as there are records
  kIndexed,  // with a hash index on /id and an ordered one on /price
};

struct Large {
  Large(Shape shape, uint64_t records) : shape(shape), topic(Definition(shape)) {
    Put(Shuffled(records), 0);
    std::mt19937_64 random(2);
    if (shape == Shape::kFilled) return;
    std::vector<uint64_t> numbers(records);
    for (uint64_t& number : numbers) number = random() % records;
    Put(numbers, 1);
    const SowTopic& sow = topic.topic();
    for (size_t i = 0; i < kLookups; ++i) {
      const Record& record = *sow.store().at(static_cast<uint32_t>(random() % records));
      SowKeyBuffer buffer;
      keys.emplace_back(SowKeyText(record, buffer));
      filters.push_back("/id = " + std::string(record.body().substr(6, 8)));
    }
  }

  void Put(const std::vector<uint64_t>& numbers, uint64_t change) {
    for (const uint64_t number : numbers) {
      std::string body = RecordBody(number, number * 7919 + change);
      const size_t bytes = body.size();
      body.append(kBodyPaddingBytes, '\0');
      topic.Put({body.data(), bytes});
    }
  }

  static SowTopicDefinition Definition(Shape shape) {
    SowTopicDefinition definition = BenchTopic::Definition();
    if (shape == Shape::kIndexed) {
      definition.hash_indexes = {{"/id"}};
      definition.ordered_indexes = {"/price"};
    }
    return definition;
  }

  const Shape shape;
  BenchTopic topic;
  std::vector<std::string> keys;     // of random records
  std::vector<std::string> filters;  // for the same records
};

class LargeTopics {
 public:
  explicit LargeTopics(uint64_t records) : records_(records) {}
  // Only one at a time has its memory.
  Large& In(Shape shape) {
    if (large_ == nullptr || large_->shape != shape) {
      large_.reset();
      large_ = std::make_unique<Large>(shape, records_);
    }
    return *large_;
  }
  uint64_t records() const { return records_; }

 private:
  const uint64_t records_;
  std::unique_ptr<Large> large_;
};

void SetQueryTime(benchmark::State& state, const char* label) {
  state.counters["query_us"] =
      benchmark::Counter(static_cast<double>(state.iterations()) / 1e6,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.SetLabel(label);
}

void ByKey(benchmark::State& state, LargeTopics& topics) {
  Large& large = topics.In(Shape::kUpdated);
  size_t i = 0;
  for (auto _ : state) {
    SowQuerySpec spec;
    spec.by_keys = true;
    spec.keys = {large.keys[i]};
    if (large.topic.Count(std::move(spec)) != 1) Fail("a key finds nothing");
    i = (i + 1) % kLookups;
  }
  SetQueryTime(state, "one record by its SOW key");
}

void ByIndex(benchmark::State& state, LargeTopics& topics) {
  Large& large = topics.In(Shape::kIndexed);
  size_t i = 0;
  for (auto _ : state) {
    SowQuerySpec spec;
    spec.filter = large.topic.Compile(large.filters[i]);
    if (large.topic.Count(std::move(spec)) != 1) Fail("a filter does not find its record");
    i = (i + 1) % kLookups;
  }
  SetQueryTime(state, "one record by hash index, filter compiled each time");
}

void TopTen(benchmark::State& state, LargeTopics& topics, Shape shape) {
  Large& large = topics.In(shape);
  for (auto _ : state) {
    SowQuerySpec spec;
    spec.order_by = large.topic.Order("/price DESC");
    spec.top_n = 10;
    if (large.topic.Count(std::move(spec)) != 10) Fail("not ten records");
  }
  SetQueryTime(state,
               shape == Shape::kIndexed ? "top 10, by ordered index" : "top 10, without index");
}

void SetScanRate(benchmark::State& state, const LargeTopics& topics, const char* label) {
  const auto records =
      static_cast<double>(state.iterations()) * static_cast<double>(topics.records());
  state.counters["records_per_s"] = benchmark::Counter(records, benchmark::Counter::kIsRate);
  state.counters["gb_per_s"] =
      benchmark::Counter(records * kRecordBytes / 1e9, benchmark::Counter::kIsRate);
  state.SetLabel(label);
}

void Scan(benchmark::State& state, LargeTopics& topics, Shape shape) {
  Large& large = topics.In(shape);
  SowQuerySpec spec;
  spec.filter = large.topic.Compile(kScanFilter);
  for (auto _ : state) {
    if (large.topic.Count(spec) > topics.records() / 100) Fail("the filter lets too much pass");
  }
  SetScanRate(state, topics,
              shape == Shape::kFilled ? "query over every record"
                                      : "the same after as many random updates");
}

// The same extractor and filter over the same bodies, one after the other in memory.
void PlainLoop(benchmark::State& state, LargeTopics& topics) {
  Large& large = topics.In(Shape::kUpdated);
  const RecordStore& store = large.topic.topic().store();
  Bodies bodies(topics.records() * kRecordBytes);
  for (uint32_t slot = 0; slot < store.slot_end(); ++slot) bodies.Add(store.at(slot)->body());
  const auto filter = large.topic.Compile(kScanFilter);
  FieldReader reader(large.topic.type(), large.topic.fields(), filter->slots());
  std::vector<Value> values(large.topic.fields().slot_end());
  SowQuerySpec spec;
  spec.filter = filter;
  const uint64_t wanted = large.topic.Count(spec);
  for (auto _ : state) {
    uint64_t matches = 0;
    for (size_t i = 0; i < bodies.size(); ++i) {
      if (reader.ReadBody(bodies.at(i), values) && filter->Matches(values)) ++matches;
    }
    if (matches != wanted) Fail("the query and the plain loop do not agree");
  }
  SetScanRate(state, topics, "plain loop over the same bodies");
}

}  // namespace

void AddQueryBenchmarks(const SowBenchOptions& options) {
  const auto topics = std::make_shared<LargeTopics>(options.records);
  const auto add = [&](const char* name, auto run, auto... arguments) {
    benchmark::RegisterBenchmark(
        name, [=](benchmark::State& state) { run(state, *topics, arguments...); });
  };
  add("scan/filled", Scan, Shape::kFilled);
  add("scan/updated", Scan, Shape::kUpdated);
  add("scan/plain_loop", PlainLoop);
  add("query/by_key", ByKey);
  add("query/top_ten", TopTen, Shape::kUpdated);
  add("query/top_ten_indexed", TopTen, Shape::kIndexed);
  add("query/by_index", ByIndex);
}

}  // namespace fluxgate::bench
