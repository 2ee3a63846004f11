// One scripted run with compactions, failing or crashing everywhere: what is recovered is the state
// after some change, and no change is missing whose commit was reported done.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "core/sow/sow_log_testing.h"
#include "core/storage/simulated_storage.h"

namespace fluxgate {
namespace {

constexpr int kChanges = 24;
constexpr uint64_t kSeeds = 12;

// Always while a compaction runs that has written the key already.
bool IsDelete(int change) { return change % 8 == 5; }

KeptRecord RecordOf(int change) {
  KeptRecord record;
  record.sequence = change;
  record.updated_ns = 1000 + change;
  record.key = IsDelete(change) ? 1 : change % 5;
  record.key_text = record.key % 2 == 0 ? "key" : "";
  // Of very different sizes, one of them many times what a crash may spoil.
  record.body = std::string(change % 7 == 0 ? 400 : change, static_cast<char>('a' + change));
  return record;
}

LoggedDelete DeleteOf(const KeptRecord& record) {
  return {.sequence = record.sequence,
          .key = record.key,
          .key_text = record.key_text,
          .topic = record.topic};
}

void Apply(int change, KeptRecords& to) {
  const KeptRecord record = RecordOf(change);
  if (IsDelete(change)) {
    to.Delete(DeleteOf(record));
  } else {
    ASSERT_TRUE(to.Put(record.view()).ok());
  }
}

KeptRecords::Records StateAfter(int changes) {
  KeptRecords state;
  for (int change = 1; change <= changes; ++change) Apply(change, state);
  return state.records;
}

struct Script {
  int asked = 0;         // changes given to the log
  int acknowledged = 0;  // the last of those whose commit was done
};

// Changes, committed one or two at a time, and in every third of the run a compaction, whose slices
// go on between them. The first begins before anything is committed.
Script RunScript(SimulatedStorage& storage) {
  Script run;
  KeptRecords live;
  SowLog::Recovery recovery;
  auto log = SowLog::Open(storage, TestLogOptions(), live, recovery);
  EXPECT_TRUE(log.ok()) << log.status();
  if (!log.ok()) return run;
  EXPECT_TRUE(live.records.empty());
  KeptRecords::Key next_to_compact;
  for (int change = 1; change <= kChanges; ++change) {
    if (change % 8 == 1) {
      (*log)->BeginCompaction();
      next_to_compact = {};
    }
    const KeptRecord record = RecordOf(change);
    Apply(change, live);
    if (IsDelete(change)) {
      (*log)->Delete(DeleteOf(record));
    } else {
      (*log)->Put(record.view());
    }
    ++run.asked;
    EXPECT_TRUE((*log)->compacting() || !IsDelete(change));
    if ((*log)->compacting()) {
      const auto it = live.records.upper_bound(next_to_compact);
      if (it == live.records.end()) {
        (*log)->EndCompaction();
      } else {
        (*log)->CompactPut(it->second.view());
        next_to_compact = it->first;
      }
    }
    if (change % 3 == 0) continue;
    (*log)->Flush();
    storage.Commit([&run, change](const absl::Status& status) {
      if (status.ok()) run.acknowledged = change;
    });
    if (change % 4 != 0) storage.RunAll();
  }
  storage.RunAll();
  return run;
}

// Reopens, checks, and sees to the log working on.
void CheckRecovered(SimulatedDisk& disk, const Script& run) {
  KeptRecords found;
  uint64_t last_sequence = 0;
  {
    SimulatedStorage storage(disk);
    SowLog::Recovery recovery;
    auto log = SowLog::Open(storage, TestLogOptions(), found, recovery);
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_EQ(recovery.damage, "");
    last_sequence = recovery.last_sequence;
    ASSERT_GE(last_sequence, static_cast<uint64_t>(run.acknowledged));
    ASSERT_LE(last_sequence, static_cast<uint64_t>(run.asked));
    ASSERT_EQ(found.records, StateAfter(static_cast<int>(last_sequence)));

    KeptRecord more = RecordOf(1);
    more.sequence = last_sequence + 1;
    more.topic = "more";
    ASSERT_TRUE(found.Put(more.view()).ok());
    (*log)->Put(more.view());
    (*log)->BeginCompaction();
    for (const auto& [key, record] : found.records) (*log)->CompactPut(record.view());
    (*log)->EndCompaction();
    bool done = false;
    storage.Commit([&](const absl::Status& status) { done = status.ok(); });
    storage.RunAll();
    ASSERT_TRUE(done);
    ASSERT_EQ(disk.Paths().size(), 1u) << "old generations are left";
  }
  SimulatedStorage storage(disk);
  KeptRecords again;
  SowLog::Recovery recovery;
  auto log = SowLog::Open(storage, TestLogOptions(), again, recovery);
  ASSERT_TRUE(log.ok()) << log.status();
  ASSERT_EQ(again.records, found.records);
  ASSERT_EQ(recovery.last_sequence, last_sequence + 1);
  ASSERT_EQ(recovery.torn_bytes, 0u);
}

TEST(SowLogCrashTest, WithoutFailuresEverythingIsAcknowledged) {
  SimulatedDisk disk;
  Script run;
  {
    SimulatedStorage storage(disk);
    run = RunScript(storage);
  }
  EXPECT_EQ(run.asked, kChanges);
  EXPECT_EQ(run.acknowledged, kChanges - 1);  // the last is not committed
  disk.Crash(0);
  CheckRecovered(disk, run);
}

// Runs with the n-th of something failing, for n from 1 until a run in which nothing failed.
void FailEach(const std::function<SimulatedStorage::Options(uint64_t n)>& options, bool crash) {
  for (uint64_t n = 1;; ++n) {
    SCOPED_TRACE(n);
    bool failed = false;
    for (uint64_t seed = 0; seed < (crash ? kSeeds : 1); ++seed) {
      SCOPED_TRACE(seed);
      SimulatedDisk disk;
      Script run;
      {
        SimulatedStorage storage(disk, options(n));
        run = RunScript(storage);
        failed = storage.failed();
        ASSERT_TRUE(!failed || run.acknowledged < kChanges - 1);
      }
      if (crash) disk.Crash(seed);
      ASSERT_NO_FATAL_FAILURE(CheckRecovered(disk, run));
    }
    if (!failed) {
      ASSERT_GT(n, 10u);
      return;
    }
  }
}

TEST(SowLogCrashTest, EveryAppendFailsOnce) {
  FailEach([](uint64_t n) { return SimulatedStorage::Options{.fail_append = n}; }, false);
}

TEST(SowLogCrashTest, EverySyncFailsOnce) {
  FailEach([](uint64_t n) { return SimulatedStorage::Options{.fail_sync = n}; }, false);
}

TEST(SowLogCrashTest, EveryAppendFailsAndThenTheMachineCrashes) {
  FailEach([](uint64_t n) { return SimulatedStorage::Options{.fail_append = n}; }, true);
}

TEST(SowLogCrashTest, EverySyncFailsAndThenTheMachineCrashes) {
  FailEach([](uint64_t n) { return SimulatedStorage::Options{.fail_sync = n}; }, true);
}

TEST(SowLogCrashTest, TheMachineCrashesAfterEveryOperation) {
  for (uint64_t operations = 0;; ++operations) {
    SCOPED_TRACE(operations);
    bool all_done = false;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
      SCOPED_TRACE(seed);
      SimulatedDisk disk;
      Script run;
      {
        SimulatedStorage storage(disk, {.operations_max = operations});
        run = RunScript(storage);
        all_done = storage.operations() < operations;
      }
      disk.Crash(seed);
      ASSERT_NO_FATAL_FAILURE(CheckRecovered(disk, run));
    }
    if (all_done) {
      ASSERT_GT(operations, 50u);
      return;
    }
  }
}

TEST(SowLogCrashTest, WhatWasReadAfterTheProcessDiedStaysWhenTheMachineCrashes) {
  for (uint64_t operations = 0;; ++operations) {
    SCOPED_TRACE(operations);
    bool all_done = false;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
      SCOPED_TRACE(seed);
      SimulatedDisk disk;
      Script run;
      {
        SimulatedStorage storage(disk, {.operations_max = operations});
        run = RunScript(storage);
        all_done = storage.operations() < operations;
      }
      KeptRecords found;
      {
        SimulatedStorage storage(disk);
        SowLog::Recovery recovery;
        const auto log = SowLog::Open(storage, TestLogOptions(), found, recovery);
        ASSERT_TRUE(log.ok()) << log.status();
        // Removals are done and may be durable or not.
        storage.RunAll();
        run.acknowledged = static_cast<int>(recovery.last_sequence);
      }
      disk.Crash(seed);
      ASSERT_NO_FATAL_FAILURE(CheckRecovered(disk, run));
    }
    if (all_done) return;
  }
}

}  // namespace
}  // namespace fluxgate
