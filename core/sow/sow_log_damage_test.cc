#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/base/error.h"
#include "core/sow/sow_log_testing.h"
#include "core/storage/simulated_storage.h"

namespace fluxgate {
namespace {

constexpr char kFile[] = "data/orders.000001";
constexpr int kRecords = 6;
// Together more than what is taken for a torn write for being small.
constexpr size_t kBodyBytes = 300;

struct Opened {
  absl::Status status;
  KeptRecords::Records records;
  SowLog::Recovery recovery;
};

Opened Open(SimulatedDisk& disk, bool recover_to_last_good = false) {
  SimulatedStorage storage(disk);
  SowLog::Options options = TestLogOptions();
  options.recover_to_last_good = recover_to_last_good;
  KeptRecords found;
  Opened opened;
  const auto log = SowLog::Open(storage, options, found, opened.recovery);
  storage.RunAll();
  opened.status = log.status();
  opened.records = std::move(found.records);
  return opened;
}

class SowLogDamageTest : public testing::Test {
 protected:
  SowLogDamageTest() {
    SimulatedStorage storage(disk_);
    KeptRecords records;
    SowLog::Recovery recovery;
    auto log = SowLog::Open(storage, TestLogOptions(), records, recovery);
    ends_.push_back((*log)->bytes());
    states_.push_back({});
    for (int i = 1; i <= kRecords; ++i) {
      KeptRecord record;
      record.sequence = i;
      record.key = i;
      record.body = std::string(kBodyBytes, static_cast<char>('a' + i));
      (*log)->Put(record.view());
      EXPECT_TRUE(records.Put(record.view()).ok());
      ends_.push_back((*log)->bytes());
      states_.push_back(records.records);
    }
    (*log)->Flush();
    storage.Commit([](const absl::Status&) {});
    storage.RunAll();
    whole_ = disk_.Content(kFile);
  }

  // How many records end at or before `offset`.
  int RecordsBefore(uint64_t offset) const {
    int records = 0;
    while (records < kRecords && ends_[records + 1] <= offset) ++records;
    return records;
  }

  void SetFile(std::string bytes) { disk_.SetContent(kFile, std::move(bytes)); }

  SimulatedDisk disk_;
  std::string whole_;
  std::vector<uint64_t> ends_;  // of the file with so many records
  std::vector<KeptRecords::Records> states_;
};

TEST_F(SowLogDamageTest, EveryBitOfEveryByte) {
  const uint64_t last_begin = ends_[kRecords - 1];
  for (uint64_t offset = 0; offset < whole_.size(); ++offset) {
    for (int bit = 0; bit < 8; ++bit) {
      SCOPED_TRACE(fmt::format("byte {}, bit {}", offset, bit));
      SetFile(whole_);
      disk_.Corrupt(kFile, offset, 1 << bit);
      const Opened opened = Open(disk_);
      if (offset >= last_begin) {
        // Cannot be told from a torn write.
        ASSERT_TRUE(opened.status.ok()) << opened.status;
        ASSERT_EQ(opened.records, states_[kRecords - 1]);
        ASSERT_EQ(opened.recovery.torn_bytes, whole_.size() - last_begin);
        continue;
      }
      ASSERT_EQ(ErrorCodeOf(opened.status), ErrorCode::kStorageDamaged);
      ASSERT_TRUE(ErrorText(opened.status).starts_with(kFile)) << opened.status;
      ASSERT_NE(ErrorText(opened.status).find("at byte "), std::string::npos) << opened.status;
      if (offset >= ends_[0]) {
        ASSERT_EQ(ErrorOffsetOf(opened.status), static_cast<int64_t>(ends_[RecordsBefore(offset)]));
      }
    }
  }
}

TEST_F(SowLogDamageTest, TheErrorSaysWhereAndWhat) {
  disk_.Corrupt(kFile, ends_[2] + 100, 1);
  EXPECT_EQ(ErrorText(Open(disk_).status),
            fmt::format("{} is damaged at byte {}: an entry of 345 bytes has a wrong checksum, but "
                        "a valid entry follows at byte {}",
                        kFile, ends_[2], ends_[3]));
  EXPECT_EQ(disk_.Content(kFile).size(), whole_.size());
}

TEST_F(SowLogDamageTest, RecoveringToTheLastGoodDropsFromTheDamageOn) {
  for (int records = 0; records < kRecords - 1; ++records) {
    SetFile(whole_);
    disk_.Corrupt(kFile, ends_[records], 1);
    const Opened opened = Open(disk_, true);
    ASSERT_TRUE(opened.status.ok()) << opened.status;
    EXPECT_EQ(opened.records, states_[records]);
    EXPECT_NE(opened.recovery.damage.find("wrong checksum"), std::string::npos);
    EXPECT_EQ(opened.recovery.bytes_dropped, whole_.size() - ends_[records]);
    // And that is the end of it.
    const Opened again = Open(disk_);
    ASSERT_TRUE(again.status.ok()) << again.status;
    EXPECT_EQ(again.records, states_[records]);
    EXPECT_EQ(again.recovery.damage, "");
  }
}

TEST_F(SowLogDamageTest, ADamagedBeginLeavesNothing) {
  for (const uint64_t offset : {uint64_t{kSowLogHeadBytes}, ends_[0] - 1}) {
    SetFile(whole_);
    disk_.Corrupt(kFile, offset, 1);
    const Opened opened = Open(disk_, true);
    ASSERT_TRUE(opened.status.ok()) << opened.status;
    EXPECT_TRUE(opened.records.empty());
    EXPECT_GT(opened.recovery.bytes_dropped, whole_.size() - ends_[0]);
    EXPECT_TRUE(Open(disk_).status.ok());
  }
}

TEST_F(SowLogDamageTest, EveryTornEndIsCutOff) {
  for (size_t size = 0; size < whole_.size(); ++size) {
    for (const size_t zeros : {size_t{0}, size_t{1}, whole_.size() - size, size_t{5000}}) {
      SCOPED_TRACE(fmt::format("{} bytes and {} zeros", size, zeros));
      SetFile(whole_.substr(0, size) + std::string(zeros, '\0'));
      const SimulatedDisk disk_before = disk_;
      const Opened opened = Open(disk_);
      ASSERT_TRUE(opened.status.ok()) << opened.status;
      // The zeros may be those that were there.
      const std::string_view content = disk_before.Content(kFile);
      const size_t same =
          std::mismatch(content.begin(), content.end(), whole_.begin(), whole_.end()).first -
          content.begin();
      const int records = RecordsBefore(same);
      ASSERT_EQ(opened.records, states_[records]);
      ASSERT_EQ(disk_.Content(kFile).size(), ends_[records]);
      const uint64_t kept = same < ends_[0] ? 0 : ends_[records];
      ASSERT_EQ(opened.recovery.torn_bytes, size + zeros - kept);
    }
  }
}

TEST_F(SowLogDamageTest, GarbageAtTheEndIsTornUpToASector) {
  for (const size_t size : {size_t{1}, size_t{100}, size_t{512}, size_t{513}}) {
    // 0xff: as a length it is above the limit.
    SetFile(whole_ + std::string(size, '\xff'));
    const Opened opened = Open(disk_);
    EXPECT_EQ(opened.status.ok(), size <= 512) << size;
    EXPECT_EQ(opened.records, states_[kRecords]);
  }
}

TEST_F(SowLogDamageTest, ALostPieceInTheMiddleIsFound) {
  for (int records = 0; records <= kRecords - 3; ++records) {
    std::string bytes = whole_;
    bytes.erase(ends_[records], ends_[records + 1] - ends_[records]);
    SetFile(bytes);
    // What follows is in a wrong place, so nothing valid follows; but it is too much to be torn.
    const Opened opened = Open(disk_);
    EXPECT_EQ(ErrorCodeOf(opened.status), ErrorCode::kStorageDamaged) << records;
  }
}

TEST_F(SowLogDamageTest, ZerosInTheMiddleAreFound) {
  std::string bytes = whole_;
  std::fill(bytes.begin() + ends_[1], bytes.begin() + ends_[3], '\0');
  SetFile(bytes);
  EXPECT_EQ(ErrorOffsetOf(Open(disk_).status), static_cast<int64_t>(ends_[1]));
}

TEST_F(SowLogDamageTest, ALaterGenerationCutBeforeItsEndOfSnapshotIsNotAnEmptyTopic) {
  disk_.SetContent("data/orders.000002", whole_.substr(0, 30));
  // The first still holds.
  EXPECT_EQ(Open(disk_).records, states_[kRecords]);
  SimulatedDisk alone;
  alone.SetContent("data/orders.000002", whole_.substr(0, 30));
  const Opened opened = Open(alone);
  EXPECT_EQ(
      ErrorText(opened.status),
      "data/orders.000002 is damaged at byte 0: the file ends before the end of its snapshot");
}

TEST_F(SowLogDamageTest, ADamagedSnapshotFallsBackOnlyWhenAllowed) {
  std::string snapshot;
  {
    SimulatedStorage storage(disk_);
    KeptRecords records;
    SowLog::Recovery recovery;
    auto log = SowLog::Open(storage, TestLogOptions(), records, recovery);
    (*log)->BeginCompaction();
    for (const auto& [key, record] : records.records) (*log)->CompactPut(record.view());
    (*log)->EndCompaction();
    storage.RunAll();
    snapshot = disk_.Content("data/orders.000002");
    EXPECT_FALSE(disk_.Has(kFile));
  }
  // As if the removal had not been durable.
  SetFile(whole_);
  snapshot[ends_[1]] ^= 1;
  disk_.SetContent("data/orders.000002", snapshot);
  EXPECT_TRUE(ErrorText(Open(disk_).status).starts_with("data/orders.000002 is damaged at byte "));
  const Opened opened = Open(disk_, true);
  ASSERT_TRUE(opened.status.ok()) << opened.status;
  EXPECT_EQ(opened.records, states_[kRecords]);
  EXPECT_EQ(opened.recovery.generation, 1u);
  EXPECT_EQ(opened.recovery.bytes_dropped, snapshot.size());

  // Alone, what stands before the damage is all there is.
  SimulatedDisk alone;
  alone.SetContent("data/orders.000002", snapshot);
  EXPECT_EQ(ErrorCodeOf(Open(alone).status), ErrorCode::kStorageDamaged);
  const Opened part = Open(alone, true);
  ASSERT_TRUE(part.status.ok()) << part.status;
  EXPECT_LT(part.records.size(), states_[kRecords].size());
  const Opened again = Open(alone);
  ASSERT_TRUE(again.status.ok()) << again.status;
  EXPECT_EQ(again.records, part.records);
}

TEST_F(SowLogDamageTest, ACopyOfTheLogInABodyIsNotMistakenForEntries) {
  std::string bytes;
  {
    SimulatedStorage storage(disk_);
    KeptRecords records;
    SowLog::Recovery recovery;
    auto log = SowLog::Open(storage, TestLogOptions(), records, recovery);
    KeptRecord record;
    record.body = whole_ + std::string(5000, 'x');
    (*log)->Put(record.view());
    (*log)->Flush();
    storage.RunAll();
    bytes = disk_.Content(kFile);
  }
  SetFile(bytes.substr(0, bytes.size() - 1));
  const Opened opened = Open(disk_);
  EXPECT_TRUE(opened.status.ok()) << opened.status;
  EXPECT_EQ(opened.records, states_[kRecords]);
}

TEST_F(SowLogDamageTest, BytesMadeToCostMuchAreGivenUpOn) {
  // Begins of entries that reach to the end of the file, none with the right checksum.
  constexpr size_t kSize = 1 << 20;
  constexpr size_t kBeginBytes = kSowLogFrameBytes + kSowLogPutBytes;
  std::string begins;
  while (begins.size() + kBeginBytes < kSize) {
    const auto length = static_cast<uint32_t>(kSize - begins.size() - kSowLogFrameBytes);
    const auto body_bytes = static_cast<uint32_t>(length - kSowLogPutBytes);
    std::string begin;
    AppendSowLogPut(0, 0, {}, begin);
    begin.replace(4, 4, reinterpret_cast<const char*>(&length), 4);
    begin.replace(begin.size() - 4, 4, reinterpret_cast<const char*>(&body_bytes), 4);
    begins += begin;
  }
  begins.resize(kSize, 'x');
  SetFile(whole_ + begins);
  const Opened opened = Open(disk_);
  EXPECT_EQ(ErrorOffsetOf(opened.status), static_cast<int64_t>(whole_.size()));
  EXPECT_NE(ErrorText(opened.status).find("what follows is unclear"), std::string::npos)
      << opened.status;
}

}  // namespace
}  // namespace fluxgate
