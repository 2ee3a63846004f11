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
#include "core/engine/engine.h"
#include "gateway/storage/file_storage.h"
#include "tests/bench/fail.h"
#include "tests/bench/sow_bench.h"

namespace fluxgate::bench {
namespace {

constexpr uint64_t kPublishesInBatch = 1024;
constexpr uint64_t kWaitingBytesMax = 64 << 20;

class CountingOutbox final : public Outbox {
 public:
  bool Deliver(const Delivery& /*delivery*/) override { return true; }
  void Acknowledge(const Ack& ack) override {
    if (ack.type == AckType::kStats) topic_records = ack.topic_matches;
  }

  uint64_t topic_records = 0;
};

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
    engine_.UseStorage(storage_,
                       [this](std::function<void()> task) { tasks_.Add(std::move(task)); });
  }

  void Open() {
    if (const absl::Status status = engine_.DefineTopics({definition_}); !status.ok()) {
      Fail(ToStd(status.message()));
    }
  }

  void Fill(uint64_t records) {
    CountingOutbox outbox;
    Session* session = LogOn(outbox);
    Command publish;
    publish.type = CommandType::kPublish;
    publish.topic = definition_.name;
    uint64_t done = 0;
    for (const uint64_t number : Shuffled(records)) {
      std::string body = RecordBody(number, number);
      const size_t bytes = body.size();
      body.append(kBodyPaddingBytes, '\0');
      publish.body = {body.data(), bytes};
      Execute(*session, publish);
      if (++done % kPublishesInBatch == 0) Await(kWaitingBytesMax);
    }
    const uint64_t ticket = engine_.last_ticket();
    while (engine_.durable_ticket() < ticket) Await(0);
    engine_.CloseSession(session);
  }

  uint64_t Records() {
    CountingOutbox outbox;
    Session* session = LogOn(outbox);
    Command query;
    query.type = CommandType::kSow;
    query.query_id = "q";
    query.topic = definition_.name;
    query.sow_keys = "1";
    query.acks.add(AckType::kStats);
    Execute(*session, query);
    engine_.CloseSession(session);
    return outbox.topic_records;
  }

 private:
  Session* LogOn(Outbox& outbox) {
    Session* session = engine_.OpenSession(outbox);
    Command logon;
    logon.type = CommandType::kLogon;
    logon.message_type = "json";
    Execute(*session, logon);
    return session;
  }
  void Execute(Session& session, const Command& command) {
    if (const absl::Status status = engine_.Execute(session, command); !status.ok()) {
      Fail(ToStd(status.message()));
    }
  }
  void Await(uint64_t waiting_bytes) {
    tasks_.Run();
    if (!engine_.storage_status().ok()) Fail(ToStd(engine_.storage_status().message()));
    while (engine_.storage_waiting_bytes() > waiting_bytes) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      tasks_.Run();
    }
  }

  SowTopicDefinition definition_ = BenchTopic::Definition();
  JsonMessageType type_;
  ManualClock clock_;
  Tasks tasks_;
  FileStorage storage_{[this](std::function<void()> task) { tasks_.Add(std::move(task)); }};
  Engine engine_{{}, {&type_}, clock_};
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
