// How long a gateway takes to read a persistent topic back.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/strings.h"
#include "gateway/storage/file_storage.h"
#include "tests/bench/fail.h"
#include "tests/bench/sow_bench.h"
#include "tests/bench/sow_bench_engine.h"

namespace fluxgate::bench {
namespace {

constexpr uint64_t kPublishesInBatch = 1024;
constexpr uint64_t kWaitingBytesMax = 64 << 20;

// Tasks of the storage's thread for this one.
class Tasks {
 public:
  void Add(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  void Run() {
    std::vector<std::function<void()>> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(tasks_);
    }
    for (const auto& task : tasks) task();
  }

 private:
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
};

// An engine with one topic in one file, as the gateway makes it.
class PersistentTopic {
 public:
  explicit PersistentTopic(const std::string& file) {
    definition_.file_name = file;
    bench_.engine().UseStorage(storage_,
                               [this](std::function<void()> task) { tasks_.Add(std::move(task)); });
  }

  void Open() { bench_.Define({definition_}); }

  void Fill(uint64_t records) {
    bench_.Fill(definition_.name, records, [this](uint64_t done) {
      if (done % kPublishesInBatch == 0) Await(kWaitingBytesMax);
    });
    const uint64_t ticket = bench_.engine().last_ticket();
    while (bench_.engine().durable_ticket() < ticket) Await(0);
  }

  uint64_t Records() {
    Command query;
    query.type = CommandType::kSow;
    query.query_id = "q";
    query.topic = definition_.name;
    query.sow_keys = "1";
    query.acks.add(AckType::kStats);
    bench_.Execute(query);
    return bench_.outbox().topic_records;
  }

 private:
  void Await(uint64_t waiting_bytes) {
    tasks_.Run();
    Engine& engine = bench_.engine();
    if (!engine.storage_status().ok()) Fail(ToStd(engine.storage_status().message()));
    while (engine.storage_waiting_bytes() > waiting_bytes) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      tasks_.Run();
    }
  }

  SowTopicDefinition definition_ = BenchTopic::Definition();
  Tasks tasks_;
  FileStorage storage_{[this](std::function<void()> task) { tasks_.Add(std::move(task)); }};
  BenchEngine bench_;
};

void Recover(benchmark::State& state, const SowBenchOptions& options) {
  std::string directory = options.directory + "/fluxgate-bench-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) FailErrno("no directory in " + options.directory);
  const std::string file = directory + "/records.sow";
  {
    PersistentTopic topic(file);
    topic.Open();
    topic.Fill(options.records);
  }
  uint64_t file_bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    file_bytes += entry.file_size();
  }
  double seconds = 0;
  for (auto _ : state) {
    auto topic = std::make_unique<PersistentTopic>(file);
    const auto begin = std::chrono::steady_clock::now();
    topic->Open();
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    state.PauseTiming();
    if (topic->Records() != options.records) Fail("records were not recovered");
    topic.reset();
    state.ResumeTiming();
  }
  std::filesystem::remove_all(directory);
  const auto records =
      static_cast<double>(options.records) * static_cast<double>(state.iterations());
  state.counters["records_per_s"] = benchmark::Counter(records, benchmark::Counter::kIsRate);
  state.counters["wall_records_per_s"] = records / seconds;
  state.counters["file_bytes"] =
      static_cast<double>(file_bytes) / static_cast<double>(options.records);
  state.SetLabel(fmt::format("{} records of {} B", Thousands(options.records), kRecordBytes));
}

}  // namespace

void AddRecoveryBenchmarks(const SowBenchOptions& options) {
  benchmark::RegisterBenchmark("recovery/records", [&](benchmark::State& state) {
    Recover(state, options);
  })->Iterations(1);
}

}  // namespace fluxgate::bench
