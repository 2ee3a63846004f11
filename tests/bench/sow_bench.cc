// What stored topics cost, without sockets. `sow_bench [--records=N] [--directory=D]` and the
// options of Google Benchmark. A benchmark's label is the row of a table, its counters are the
// columns.
#include "tests/bench/sow_bench.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <random>
#include <utility>

#include "tests/bench/fail.h"
#include "tests/bench/orders.h"

namespace fluxgate::bench {

std::string RecordBody(uint64_t number, uint64_t change, size_t bytes) {
  constexpr std::string_view kPrice = "\"price\":";
  std::string body = NewOrderBody(number, bytes);
  char* digits = body.data() + body.find(kPrice) + kPrice.size();
  const auto digit = [](uint64_t value) { return static_cast<char>('0' + value % 10); };
  digits[0] = static_cast<char>('1' + change % 9);
  digits[1] = digit(change / 9);
  digits[2] = digit(change / 90);
  digits[4] = digit(change / 900);
  digits[5] = digit(change / 9000);
  return body;
}

void Bodies::Add(std::string_view body) {
  text_ += body;
  starts_.push_back(text_.size());
}

std::vector<uint64_t> Shuffled(uint64_t count) {
  std::vector<uint64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  std::shuffle(numbers.begin(), numbers.end(), std::mt19937_64(20261122));
  return numbers;
}

std::string Thousands(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

SowTopicDefinition BenchTopic::Definition() {
  SowTopicDefinition definition;
  definition.name = "records";
  definition.message_type = "json";
  definition.key_fields = {"/id"};
  definition.memo_indexes_max = 0;
  return definition;
}

BenchTopic::BenchTopic(const SowTopicDefinition& definition) {
  auto made = SowTopic::Create(definition, context_);
  if (!made.ok()) Fail(ToStd(made.status().message()));
  topic_ = *std::move(made);
}

void BenchTopic::Put(std::string_view body) {
  if (readers_version_ != topic_->slots_version()) {
    readers_.message = FieldReader(type_, fields_, topic_->slots());
    readers_.previous = FieldReader(type_, fields_, topic_->slots());
    readers_version_ = topic_->slots_version();
  }
  SowPublish publish;
  publish.topic = topic_->name();
  publish.body = body;
  const auto change = topic_->Put(publish, readers_, false, scratch_);
  if (!change.ok()) Fail(ToStd(change.status().message()));
}

std::shared_ptr<const Filter> BenchTopic::Compile(std::string_view text) {
  auto filter = Filter::Compile(text, fields_);
  if (!filter.ok()) Fail(ToStd(filter.status().message()));
  return *filter;
}

std::shared_ptr<const OrderBy> BenchTopic::Order(std::string_view text) {
  auto order = OrderBy::Compile(text, fields_, {}, {});
  if (!order.ok()) Fail(ToStd(order.status().message()));
  return *order;
}

uint64_t BenchTopic::Count(SowQuerySpec spec) {
  constexpr size_t kSliceRecords = 1024;
  constexpr size_t kSliceBytes = 512 * 1024;
  spec.topic = topic_->name();
  SowQuery query(std::move(spec), {topic_.get()});
  uint64_t count = 0;
  const auto take = [&](const SowQuery::Result&) {
    ++count;
    return true;
  };
  while (query.Run(kSliceRecords, kSliceBytes, take) != SowQuery::Progress::kDone) {
  }
  return count;
}

}  // namespace fluxgate::bench

int main(int argc, char** argv) {
  using namespace fluxgate::bench;
  SowBenchOptions options;
  options.directory = std::filesystem::temp_directory_path();
  constexpr std::string_view kRecords = "--records=";
  constexpr std::string_view kDirectory = "--directory=";
  const auto is_ours = [&](const char* argument) {
    const std::string_view text = argument;
    if (text.starts_with(kRecords)) {
      options.records = std::strtoull(argument + kRecords.size(), nullptr, 10);
      return true;
    }
    if (text.starts_with(kDirectory)) {
      options.directory = text.substr(kDirectory.size());
      return true;
    }
    return false;
  };
  argc = static_cast<int>(std::remove_if(argv + 1, argv + argc, is_ours) - argv);
  // Number 90 million is the first that an order cannot have.
  if (options.records < 1000 || options.records >= 90'000'000) Fail("--records: 1000 to 89999999");
  AddStoreBenchmarks(options);
  AddQueryBenchmarks(options);
  AddSliceBenchmarks(options);
  AddViewBenchmarks(options);
  AddRecoveryBenchmarks(options);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
