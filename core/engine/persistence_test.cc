// Persistent topics through the engine, over a disk that fails or stops at every single write and
// sync: what was acknowledged as persisted is there afterwards.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/engine/engine.h"
#include "core/engine/engine_testing.h"
#include "core/message/json_message_type.h"
#include "core/storage/simulated_storage.h"

namespace fluxgate {
namespace {

constexpr int kKeys = 5;
constexpr int kChanges = 60;

// Acks of publishes by sequence, of deletes by command id.
class AckOutbox final : public Outbox {
 public:
  bool Deliver(const Delivery&) override { return true; }
  void Acknowledge(const Ack& ack) override {
    if (ack.type != AckType::kPersisted) return;
    const int change = std::stoi(std::string(ack.command_id));
    (ack.error == ErrorCode::kNone ? stored : refused).push_back(change);
    last_error = ack.error;
  }
  bool DeliverRecord(const QueryInfo&, const Delivery& record) override {
    records[std::string(record.sow_key)] = record.body;
    return true;
  }

  std::vector<int> stored;
  std::vector<int> refused;
  ErrorCode last_error = ErrorCode::kNone;
  std::map<std::string, std::string> records;
};

// One run of an engine over the disk.
class Gateway {
 public:
  Gateway(SimulatedDisk& disk, const SimulatedStorage::Options& options,
          uint64_t memory_bytes_max = UINT64_MAX)
      : storage_(disk, options), engine_({}, {&json_}, clock_) {
    engine_.UseStorage(storage_,
                       [this](std::function<void()> task) { tasks_.push_back(std::move(task)); });
    SowTopicDefinition kept;
    kept.name = "kept";
    kept.message_type = "json";
    kept.key_source = SowTopicDefinition::KeySource::kPublisher;
    kept.file_name = "dir/kept";
    kept.memory_bytes_max = memory_bytes_max;
    defined_ = engine_.DefineTopics({kept});
    session_ = engine_.OpenSession(outbox_);
    LogOn(engine_, *session_);
  }

  const absl::Status& defined() const { return defined_; }
  AckOutbox& outbox() { return outbox_; }
  SimulatedStorage& storage() { return storage_; }
  uint64_t waiting_bytes() const { return engine_.storage_waiting_bytes(); }

  absl::Status Put(const std::string& key, const std::string& body, int change) {
    return Change(CommandType::kPublish, key, body, change);
  }
  absl::Status PutSilently(const std::string& key, const std::string& body) {
    return Change(CommandType::kPublish, key, body, 0, false);
  }
  absl::Status Flush(int id) { return Change(CommandType::kFlush, "", "", id); }
  absl::Status Delete(const std::string& key, int change) {
    return Change(CommandType::kSowDelete, key, "", change);
  }
  void EndBatch() {
    for (const auto& task : std::exchange(tasks_, {})) task();
  }
  std::map<std::string, std::string> Records() {
    Command command;
    command.type = CommandType::kSow;
    command.topic = "kept";
    command.command_id = "q";
    EXPECT_TRUE(engine_.Execute(*session_, command).ok());
    while (engine_.RunBackgroundSlice()) {
    }
    return outbox_.records;
  }

 private:
  absl::Status Change(CommandType type, const std::string& key, const std::string& body, int change,
                      bool acknowledged = true) {
    const std::string padded = body + std::string(kBodyPaddingBytes, '\0');
    const std::string id = std::to_string(change);
    Command command;
    command.type = type;
    command.topic = "kept";
    command.sow_key = key;
    command.command_id = id;
    command.body = std::string_view(padded).substr(0, body.size());
    if (acknowledged) command.acks.add(AckType::kPersisted);
    return engine_.Execute(*session_, command);
  }

  JsonMessageType json_;
  ManualClock clock_;
  SimulatedStorage storage_;
  std::vector<std::function<void()>> tasks_;
  AckOutbox outbox_;
  Engine engine_;
  absl::Status defined_;
  Session* session_ = nullptr;
};

struct Changes {
  std::map<std::string, std::vector<std::pair<int, std::string>>> of_key;  // change, body or empty
  std::vector<int> stored;
  bool failed = false;
};

// The same changes each time; batches and the disk's progress by `seed`.
Changes Script(SimulatedDisk& disk, const SimulatedStorage::Options& options, uint64_t seed) {
  Changes changes;
  std::mt19937_64 random(seed);
  Gateway run(disk, options);
  if (!run.defined().ok()) {
    changes.failed = true;
    return changes;
  }
  for (int change = 1; change <= kChanges; ++change) {
    const std::string key = "k" + std::to_string(random() % kKeys);
    const bool deletes = random() % 4 == 0;
    const std::string body = deletes ? "" : "{\"change\":" + std::to_string(change) + "}";
    changes.of_key[key].emplace_back(change, body);
    const absl::Status status = deletes ? run.Delete(key, change) : run.Put(key, body, change);
    if (!status.ok()) {
      EXPECT_TRUE(run.storage().failed()) << status;
      changes.of_key[key].pop_back();
    }
    if (random() % 3 == 0) run.EndBatch();
    while (random() % 2 == 0 && run.storage().RunOne()) {
    }
  }
  run.EndBatch();
  run.storage().RunAll();
  changes.failed = run.storage().failed();
  changes.stored = run.outbox().stored;
  if (changes.failed) {
    EXPECT_EQ(run.outbox().stored.size() + run.outbox().refused.size(), size_t{kChanges})
        << "each is answered, one way or the other";
    EXPECT_FALSE(run.Put("k0", "{}", 1000).ok()) << "nothing is taken that cannot be kept";
  }
  return changes;
}

void Check(SimulatedDisk& disk, const Changes& changes) {
  Gateway run(disk, {.automatic = true});
  ASSERT_TRUE(run.defined().ok()) << run.defined();
  const std::map<std::string, std::string> records = run.Records();
  const std::set<int> stored(changes.stored.begin(), changes.stored.end());
  for (const auto& [key, history] : changes.of_key) {
    const auto found = records.find(key);
    const std::string now = found == records.end() ? "" : found->second;
    size_t acknowledged = 0;  // how many of the changes
    for (size_t i = 0; i < history.size(); ++i) {
      if (stored.contains(history[i].first)) acknowledged = i + 1;
    }
    bool is_known = acknowledged == 0 && now.empty();
    for (size_t i = acknowledged == 0 ? 0 : acknowledged - 1; i < history.size(); ++i) {
      is_known |= history[i].second == now;
    }
    EXPECT_TRUE(is_known) << key << " is " << now;
  }
}

TEST(PersistenceTest, NothingFails) {
  SimulatedDisk disk;
  const Changes changes = Script(disk, {}, 1);
  EXPECT_FALSE(changes.failed);
  EXPECT_EQ(changes.stored.size(), size_t{kChanges});
  Check(disk, changes);
}

TEST(PersistenceTest, EveryWriteFailsOnce) {
  uint64_t failing = 0;
  for (;;) {
    SimulatedDisk disk;
    const Changes changes = Script(disk, {.fail_append = ++failing}, 2);
    disk.Crash(failing);
    Check(disk, changes);
    if (!changes.failed) break;
  }
  EXPECT_GT(failing, 10u);
}

TEST(PersistenceTest, EverySyncFailsOnce) {
  uint64_t failing = 0;
  for (;;) {
    SimulatedDisk disk;
    const Changes changes = Script(disk, {.fail_sync = ++failing}, 3);
    disk.Crash(failing);
    Check(disk, changes);
    if (!changes.failed) break;
  }
  EXPECT_GT(failing, 10u);
}

TEST(PersistenceTest, TheMachineStopsAtEveryOperation) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    for (uint64_t operations = 1; operations < 80; ++operations) {
      SimulatedDisk disk;
      const Changes changes = Script(disk, {.operations_max = operations}, seed);
      disk.Crash(seed * 1000 + operations);
      Check(disk, changes);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(PersistenceTest, SequencesGoOnAfterARestart) {
  SimulatedDisk disk;
  {
    Gateway run(disk, {.automatic = true});
    ASSERT_TRUE(run.Put("a", "{\"v\":1}", 1).ok());
    run.EndBatch();
    run.storage().RunAll();
  }
  Gateway run(disk, {.automatic = true});
  ASSERT_TRUE(run.Put("a", "{\"v\":2}", 2).ok());
  EXPECT_EQ(run.Records(), (std::map<std::string, std::string>{{"a", "{\"v\":2}"}}));
}

TEST(PersistenceTest, AFlushWaitsForWhatWasPublishedBefore) {
  SimulatedDisk disk;
  Gateway run(disk, {});
  ASSERT_TRUE(run.PutSilently("a", "{}").ok());
  ASSERT_TRUE(run.Flush(7).ok());
  EXPECT_EQ(run.outbox().stored, std::vector<int>());
  run.EndBatch();
  run.storage().RunAll();
  EXPECT_EQ(run.outbox().stored, std::vector<int>({7}));
  ASSERT_TRUE(run.Flush(8).ok());
  EXPECT_EQ(run.outbox().stored, std::vector<int>({7, 8}));
}

TEST(PersistenceTest, ARefusalDoesNotOvertakeWhatWaits) {
  SimulatedDisk disk;
  Gateway run(disk, {});
  ASSERT_TRUE(run.Put("a", "{}", 1).ok());
  EXPECT_FALSE(run.Put("", "{}", 2).ok()) << "no key";
  EXPECT_EQ(run.outbox().refused, std::vector<int>());
  run.EndBatch();
  run.storage().RunAll();
  EXPECT_EQ(run.outbox().stored, std::vector<int>({1}));
  EXPECT_EQ(run.outbox().refused, std::vector<int>({2}));
}

TEST(PersistenceTest, ATopicThatIsFullIsReadBack) {
  SimulatedDisk disk;
  constexpr uint64_t kMemory = 200'000;
  size_t records = 0;
  {
    Gateway run(disk, {.automatic = true}, kMemory);
    const std::string body = "{\"v\":\"" + std::string(1000, 'x') + "\"}";
    while (run.Put("k" + std::to_string(records), body, 1).ok()) ++records;
    ASSERT_GT(records, 10u);
    run.EndBatch();
    run.storage().RunAll();
  }
  Gateway run(disk, {.automatic = true}, kMemory);
  ASSERT_TRUE(run.defined().ok()) << run.defined();
  EXPECT_EQ(run.Records().size(), records);
}

TEST(PersistenceTest, AfterAFailureNothingIsSaidToWait) {
  SimulatedDisk disk;
  Gateway run(disk, {.fail_sync = 2});
  ASSERT_TRUE(run.Put("a", "{}", 1).ok());
  run.EndBatch();
  ASSERT_TRUE(run.Put("b", std::string(1000, ' '), 2).ok());
  run.storage().RunAll();
  run.EndBatch();
  run.storage().RunAll();
  ASSERT_TRUE(run.storage().failed());
  EXPECT_EQ(run.waiting_bytes(), 0u);
}

TEST(PersistenceTest, DamageIsRefused) {
  SimulatedDisk disk;
  Script(disk, {}, 4);
  disk.Corrupt("dir/kept.000001", 150, 0x10);
  Gateway run(disk, {.automatic = true});
  EXPECT_EQ(ErrorCodeOf(run.defined()), ErrorCode::kStorageDamaged) << run.defined();
}

}  // namespace
}  // namespace fluxgate
