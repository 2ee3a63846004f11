#include "core/sow/sow_log.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/error.h"
#include "core/sow/sow_log_testing.h"
#include "core/storage/simulated_storage.h"

namespace fluxgate {
namespace {

constexpr char kFirst[] = "data/orders.000001";
constexpr char kSecond[] = "data/orders.000002";

KeptRecord Record(uint64_t key, std::string body) {
  KeptRecord record;
  record.sequence = key;
  record.key = key;
  record.body = std::move(body);
  return record;
}

class SowLogTest : public testing::Test {
 protected:
  // Opens anew, as after a restart.
  absl::Status Open(const SowLog::Options& options = TestLogOptions()) {
    log_.reset();
    storage_ = std::make_unique<SimulatedStorage>(disk_);
    found_.records.clear();
    auto log = SowLog::Open(*storage_, options, found_, recovery_);
    if (!log.ok()) return log.status();
    log_ = std::move(*log);
    return absl::OkStatus();
  }
  void Commit() {
    bool done = false;
    log_->Flush();
    storage_->Commit([&](const absl::Status& status) { done = status.ok(); });
    storage_->RunAll();
    EXPECT_TRUE(done);
  }
  KeptRecords::Records Found() const { return found_.records; }

  SimulatedDisk disk_;
  std::unique_ptr<SimulatedStorage> storage_;
  KeptRecords found_;
  SowLog::Recovery recovery_;
  std::unique_ptr<SowLog> log_;
};

TEST_F(SowLogTest, EveryFieldComesBack) {
  using namespace std::string_view_literals;
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(recovery_.generation, 1u);
  KeptRecord full;
  full.sequence = UINT64_MAX - 1;
  full.updated_ns = INT64_MIN;
  full.expires_ns = INT64_MAX;
  full.key = UINT64_MAX;
  full.key_text = "a\0b"sv;
  full.topic = "orders/eu";
  full.body = std::string("{\"a\":\0}"sv);
  KeptRecords expected;
  for (const KeptRecord& record : {full, Record(0, ""), Record(1, std::string(3 << 20, 'x'))}) {
    log_->Put(record.view());
    EXPECT_TRUE(expected.Put(record.view()).ok());
  }
  Commit();
  const uint64_t bytes = log_->bytes();
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(Found(), expected.records);
  EXPECT_EQ(recovery_.records, 3u);
  EXPECT_EQ(recovery_.last_sequence, UINT64_MAX - 1);
  EXPECT_EQ(recovery_.bytes, bytes);
  EXPECT_EQ(log_->bytes(), bytes);
  EXPECT_EQ(disk_.Content(kFirst).size(), bytes);
}

TEST_F(SowLogTest, TheLastChangeOfAKeyCounts) {
  ASSERT_TRUE(Open().ok());
  log_->Put(Record(1, "old").view());
  log_->Put(Record(2, "gone").view());
  log_->Delete({.sequence = 3, .key = 2, .key_text = "", .topic = ""});
  log_->Delete({.sequence = 4, .key = 7, .key_text = "", .topic = ""});
  log_->Put(Record(1, "new").view());
  Commit();
  ASSERT_TRUE(Open().ok());
  ASSERT_EQ(Found().size(), 1u);
  EXPECT_EQ(Found().begin()->second.body, "new");
  EXPECT_EQ(recovery_.records, 3u);
  EXPECT_EQ(recovery_.deletes, 2u);
  EXPECT_EQ(recovery_.last_sequence, 4u);
}

TEST_F(SowLogTest, ALogIsContinuedWhereItEnded) {
  for (uint64_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(Open().ok());
    EXPECT_EQ(Found().size(), i);
    log_->Put(Record(i, "x").view());
    Commit();
  }
}

TEST_F(SowLogTest, CompactionKeepsWhatLivesAndTheLastSequence) {
  ASSERT_TRUE(Open().ok());
  for (uint64_t i = 0; i < 100; ++i) {
    KeptRecord record = Record(1, "body");
    record.sequence = i;
    log_->Put(record.view());
  }
  log_->Put(Record(200, "gone").view());
  log_->Delete({.sequence = 201, .key = 200, .key_text = "", .topic = ""});
  EXPECT_TRUE(log_->WantsCompaction(1, 4));
  log_->BeginCompaction();
  EXPECT_TRUE(log_->compacting());
  EXPECT_FALSE(log_->WantsCompaction(1, 4));
  log_->CompactPut(Record(1, "body").view());
  log_->EndCompaction();
  EXPECT_FALSE(log_->compacting());
  EXPECT_FALSE(log_->WantsCompaction(1, 4));
  EXPECT_EQ(log_->generation(), 2u);
  Commit();
  EXPECT_FALSE(disk_.Has(kFirst));
  EXPECT_TRUE(disk_.Has(kSecond));
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(recovery_.records, 1u);
  EXPECT_EQ(recovery_.generation, 2u);
  EXPECT_EQ(recovery_.last_sequence, 201u);
  EXPECT_EQ(Found().begin()->second.body, "body");
}

TEST_F(SowLogTest, CompactionIsWantedAboveTwiceWhatLivesAndTheMinimum) {
  ASSERT_TRUE(Open().ok());
  const uint64_t minimum = TestLogOptions().compact_bytes_min;
  constexpr uint64_t kRecordBytes = kSowLogFrameBytes + kSowLogPutBytes;
  // Some live text makes it exactly the limit; the body's size sets the parity.
  const std::string body((log_->bytes() + kRecordBytes + minimum) % 2 == 0 ? 500 : 501, 'x');
  log_->Put(Record(1, body).view());
  const uint64_t live_text = (log_->bytes() - minimum) / 2 - kRecordBytes;
  EXPECT_FALSE(log_->WantsCompaction(1, live_text));
  EXPECT_TRUE(log_->WantsCompaction(1, live_text - 1));
}

TEST_F(SowLogTest, TheOldGenerationStaysUntilTheNewOneIsDurable) {
  ASSERT_TRUE(Open().ok());
  log_->Put(Record(1, "x").view());
  Commit();
  log_->BeginCompaction();
  log_->CompactPut(Record(1, "x").view());
  log_->EndCompaction();
  // Everything but what follows the commit.
  while (disk_.Has(kFirst)) {
    ASSERT_TRUE(disk_.Content(kFirst).size() > 0);
    const SimulatedDisk before = disk_;
    ASSERT_TRUE(storage_->RunOne());
    if (disk_.Has(kFirst)) continue;
    SimulatedDisk crashed = before;
    crashed.Crash(0);
    KeptRecords found;
    SimulatedStorage storage(crashed);
    ASSERT_TRUE(SowLog::Open(storage, TestLogOptions(), found, recovery_).ok());
    EXPECT_EQ(recovery_.generation, 2u);
    EXPECT_EQ(found.records.size(), 1u);
  }
}

TEST_F(SowLogTest, AnInterruptedCompactionIsDiscarded) {
  ASSERT_TRUE(Open().ok());
  log_->Put(Record(1, "x").view());
  log_->BeginCompaction();
  log_->CompactPut(Record(1, "x").view());
  Commit();
  EXPECT_TRUE(disk_.Has(kSecond));
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(recovery_.generation, 1u);
  EXPECT_EQ(Found().size(), 1u);
  Commit();
  EXPECT_FALSE(disk_.Has(kSecond));
  EXPECT_TRUE(disk_.Has(kFirst));
}

TEST_F(SowLogTest, OtherFilesOfTheDirectoryAreLeftAlone) {
  const std::vector<std::string> others = {
      "data/orders",        "data/orders.000001.bak", "data/orders.00001",  "data/orders.0000001",
      "data/orders.000000", "data/orders.lock",       "data/orders2.000009"};
  for (const std::string& path : others) disk_.SetContent(path, "theirs");
  ASSERT_TRUE(Open().ok());
  Commit();
  for (const std::string& path : others) EXPECT_EQ(disk_.Content(path), "theirs");
  EXPECT_TRUE(disk_.Has(kFirst));
}

TEST_F(SowLogTest, TwoLogsCannotHaveOnePath) {
  ASSERT_TRUE(Open().ok());
  KeptRecords found;
  EXPECT_EQ(ErrorCodeOf(SowLog::Open(*storage_, TestLogOptions(), found, recovery_).status()),
            ErrorCode::kStorageFailed);
}

TEST_F(SowLogTest, AFileOfAnotherTopicOrTypeIsRefused) {
  ASSERT_TRUE(Open().ok());
  Commit();
  SowLog::Options options = TestLogOptions();
  options.topic = "trades";
  EXPECT_EQ(ErrorText(Open(options)),
            "data/orders.000001: it is of topic \"orders\", not of \"trades\"");
  options = TestLogOptions();
  options.message_type = "fix";
  options.recover_to_last_good = true;  // changes nothing
  EXPECT_EQ(ErrorText(Open(options)),
            "data/orders.000001: it is of message type \"json\", not of \"fix\"");
}

TEST_F(SowLogTest, AFileThatIsNoLogIsRefusedAndKept) {
  const std::string theirs(1000, 't');
  disk_.SetContent(kFirst, theirs);
  SowLog::Options options = TestLogOptions();
  options.recover_to_last_good = true;
  EXPECT_EQ(ErrorText(Open(options)),
            "data/orders.000001: not a log of a stored topic (at byte 0)");
  EXPECT_EQ(disk_.Content(kFirst), theirs);
}

TEST_F(SowLogTest, AnotherVersionOfTheFormatIsRefused) {
  ASSERT_TRUE(Open().ok());
  Commit();
  disk_.Corrupt(kFirst, kSowLogMagic.size(), 3);
  EXPECT_EQ(ErrorText(Open()),
            "data/orders.000001: its format is version 2, this program knows 1 (at byte 8)");
}

TEST_F(SowLogTest, RecordsAreTakenUpToTheLimitOfOneEntry) {
  SowLog::Options options = TestLogOptions();
  options.entry_bytes_max = 1000;
  ASSERT_TRUE(Open(options).ok());
  KeptRecord record = Record(1, std::string(1000 - kSowLogPutBytes - 5, 'x'));
  record.key_text = "abc";
  record.topic = "de";
  EXPECT_TRUE(log_->CheckSize(record.view()).ok());
  log_->Put(record.view());
  Commit();
  ASSERT_TRUE(Open(options).ok());
  EXPECT_EQ(Found().size(), 1u);

  record.body += 'x';
  EXPECT_EQ(ErrorCodeOf(log_->CheckSize(record.view())), ErrorCode::kMessageTooLarge);
  // What is above is damage to a reader, whatever wrote it.
  log_->Put(record.view());
  log_->Put(Record(2, "follows").view());
  Commit();
  EXPECT_EQ(ErrorCodeOf(Open(options)), ErrorCode::kStorageDamaged);
}

TEST_F(SowLogTest, WhatIsGatheredIsHandedOverAtItsLimitWithoutAFlush) {
  ASSERT_TRUE(Open().ok());
  storage_->RunAll();
  constexpr size_t kEntryBytes = kSowLogFrameBytes + kSowLogPutBytes;
  log_->Put(
      Record(1, std::string(SowLogWriter::kGatheredBytesMax - 2 * kEntryBytes - 1, 'x')).view());
  log_->Put(Record(2, "").view());
  EXPECT_EQ(storage_->waiting_bytes(), 0u);  // one byte less than the limit
  log_->Put(Record(3, "").view());
  EXPECT_GE(storage_->waiting_bytes(), SowLogWriter::kGatheredBytesMax);
}

TEST_F(SowLogTest, AnErrorOfTheSinkEndsTheRecovery) {
  class Full final : public SowLogSink {
   public:
    absl::Status Put(const LoggedRecord&) override {
      return MakeError(ErrorCode::kQuotaExceeded, "no more memory");
    }
    void Delete(const LoggedDelete&) override {}
  };
  ASSERT_TRUE(Open().ok());
  log_->Put(Record(1, "x").view());
  Commit();
  log_.reset();
  storage_ = std::make_unique<SimulatedStorage>(disk_);
  Full full;
  const absl::Status status = SowLog::Open(*storage_, TestLogOptions(), full, recovery_).status();
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(ErrorText(status), "data/orders.000001: no more memory");
}

}  // namespace
}  // namespace fluxgate
