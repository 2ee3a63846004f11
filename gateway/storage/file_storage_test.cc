#include "gateway/storage/file_storage.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/error.h"
#include "core/sow/sow_log_testing.h"

namespace fluxgate {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);

// The reactor of these tests: runs what was posted when asked to.
class Posted {
 public:
  FileStorage::Post post() {
    return [this](std::function<void()> task) {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
      changed_.notify_one();
    };
  }
  // False when none comes.
  bool RunOne() {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_for(lock, kPatience, [this] { return !tasks_.empty(); })) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }
  bool empty() {
    const std::lock_guard lock(mutex_);
    return tasks_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
};

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

class FileStorageTest : public testing::Test {
 protected:
  FileStorageTest() : storage_(std::make_unique<FileStorage>(posted_.post())) {
    const char* const base = getenv("TEST_TMPDIR");
    std::string name = std::string(base == nullptr ? "/tmp" : base) + "/file_storage_XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  ~FileStorageTest() override {
    storage_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  absl::Status Commit() {
    absl::Status result = absl::UnknownError("no completion");
    bool done = false;
    storage_->Commit([&](const absl::Status& status) {
      result = status;
      done = true;
    });
    while (!done && posted_.RunOne()) {
    }
    return result;
  }

  Posted posted_;
  std::unique_ptr<FileStorage> storage_;
  std::string directory_;
};

TEST_F(FileStorageTest, AppendsInOrderAlsoToFilesThatWereThere) {
  for (const char* const text : {"one ", "two "}) {
    const auto file = storage_->OpenFile(Path("a"));
    storage_->Append(file, text);
    storage_->Append(file, "");
    storage_->Append(file, "and ");
    storage_->CloseFile(file);
  }
  EXPECT_TRUE(Commit().ok());
  EXPECT_EQ(Content(Path("a")), "one and two and ");
  EXPECT_EQ(storage_->waiting_bytes(), 0u);
}

TEST_F(FileStorageTest, ManyPiecesOfSeveralFilesArriveWhole) {
  // More than one writev takes (IOV_MAX is 1024).
  constexpr int kPieces = 3000;
  const auto a = storage_->OpenFile(Path("a"));
  const auto b = storage_->OpenFile(Path("b"));
  std::string expected_a;
  std::string expected_b;
  for (int i = 0; i < kPieces; ++i) {
    storage_->Append(a, expected_a.size() % 2 == 0 ? "even," : "odd,");
    expected_a += expected_a.size() % 2 == 0 ? "even," : "odd,";
    storage_->Append(b, std::to_string(i));
    expected_b += std::to_string(i);
  }
  EXPECT_TRUE(Commit().ok());
  EXPECT_EQ(Content(Path("a")), expected_a);
  EXPECT_EQ(Content(Path("b")), expected_b);
}

TEST_F(FileStorageTest, CompletionsComeInOrderAndNeverFromInside) {
  std::string order;
  const auto file = storage_->OpenFile(Path("a"));
  for (const char c : {'1', '2', '3'}) {
    storage_->Append(file, std::string(1, c));
    storage_->Commit([&order, c](const absl::Status& status) {
      EXPECT_TRUE(status.ok());
      order += c;
    });
  }
  EXPECT_EQ(order, "");
  while (order.size() < 3 && posted_.RunOne()) {
  }
  EXPECT_EQ(order, "123");
}

TEST_F(FileStorageTest, DataIsOnlyForTheOwner) {
  storage_->OpenFile(Path("a"));
  EXPECT_TRUE(Commit().ok());
  struct stat info;
  ASSERT_EQ(stat(Path("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(FileStorageTest, ReadsCutsAndLists) {
  const std::string path = Path("deep/er/a");
  EXPECT_TRUE(storage_->List(Path("deep/er")).value().empty());
  storage_->Append(storage_->OpenFile(path), "0123456789");
  EXPECT_TRUE(Commit().ok());
  EXPECT_EQ(storage_->List(Path("deep/er")).value(), std::vector<std::string>{"a"});
  EXPECT_TRUE(storage_->List(Path("deep")).value().empty());  // directories are no files

  auto reader = storage_->OpenReader(path);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->size(), 10u);
  char bytes[16];
  EXPECT_EQ((*reader)->Read(bytes, 4).value(), 4u);
  EXPECT_EQ((*reader)->Read(bytes, sizeof(bytes)).value(), 6u);
  EXPECT_EQ(std::string_view(bytes, 6), "456789");
  EXPECT_EQ((*reader)->Read(bytes, sizeof(bytes)).value(), 0u);

  EXPECT_TRUE(storage_->Truncate(path, 3).ok());
  EXPECT_EQ(Content(path), "012");
}

TEST_F(FileStorageTest, RemovesAlsoWhatIsNotThere) {
  const auto file = storage_->OpenFile(Path("a"));
  storage_->Append(file, "x");
  storage_->Commit([](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
  storage_->CloseFile(file);
  storage_->RemoveFile(Path("a"));
  storage_->RemoveFile(Path("a"));
  EXPECT_TRUE(Commit().ok());
  EXPECT_FALSE(std::filesystem::exists(Path("a")));
}

TEST_F(FileStorageTest, AFullDiskIsFinalAndNamed) {
  const auto full = storage_->OpenFile("/dev/full");
  const auto file = storage_->OpenFile(Path("a"));
  EXPECT_TRUE(Commit().ok());
  storage_->Append(full, "x");
  const absl::Status status = Commit();
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kStorageFull);
  EXPECT_EQ(ErrorText(status), "cannot write to /dev/full: No space left on device");

  storage_->Append(file, "later");
  storage_->RemoveFile(Path("a"));
  EXPECT_EQ(Commit(), status);
  EXPECT_EQ(storage_->waiting_bytes(), 0u);
  EXPECT_EQ(Content(Path("a")), "");
  EXPECT_TRUE(std::filesystem::exists(Path("a")));
}

TEST_F(FileStorageTest, AWriteThatStopsInTheMiddleIsGoneOnWith) {
  // The kernel writes up to the limit, and refuses what is left.
  constexpr rlim_t kLimit = 1500;
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit limit = {.rlim_cur = kLimit, .rlim_max = before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto file = storage_->OpenFile(Path("a"));
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    const std::string piece = std::to_string(i) + ",,,,,,,";
    storage_->Append(file, piece);
    expected += piece;
  }
  const absl::Status status = Commit();
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kStorageFailed);
  EXPECT_EQ(ErrorText(status), "cannot write to " + Path("a") + ": File too large");
  EXPECT_EQ(Content(Path("a")), expected.substr(0, kLimit));
}

TEST_F(FileStorageTest, ALogOfAStoredTopicIsCompactedAndComesBack) {
  SowLog::Options options = TestLogOptions();
  options.path = Path("sow/orders");
  KeptRecords live;
  SowLog::Recovery recovery;
  for (uint64_t round = 1; round <= 3; ++round) {
    KeptRecords found;
    auto log = SowLog::Open(*storage_, options, found, recovery);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ(found.records, live.records);
    EXPECT_EQ(recovery.generation, round);
    for (uint64_t key = 0; key < 100; ++key) {
      const LoggedRecord record = {.sequence = round * 100 + key, .key = key * round, .body = "b"};
      (*log)->Put(record);
      EXPECT_TRUE(live.Put(record).ok());
    }
    (*log)->Flush();
    EXPECT_TRUE(Commit().ok());
    (*log)->BeginCompaction();
    for (const auto& [key, record] : live.records) (*log)->CompactPut(record.view());
    (*log)->EndCompaction();
    EXPECT_TRUE(Commit().ok());
    EXPECT_FALSE(std::filesystem::exists(SowLogGenerationPath(options.path, round)));
    log->reset();
    storage_ = std::make_unique<FileStorage>(posted_.post());
  }
}

TEST_F(FileStorageTest, AFileThatCannotBeOpenedIsNamed) {
  const auto file = storage_->OpenFile(Path("missing/a"));
  storage_->Append(file, "x");
  storage_->CloseFile(file);
  const absl::Status status = Commit();
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kStorageFailed);
  EXPECT_EQ(ErrorText(status), "cannot open " + Path("missing/a") + ": No such file or directory");
  EXPECT_EQ(ErrorCodeOf(storage_->OpenReader(Path("missing/a")).status()),
            ErrorCode::kStorageFailed);
  EXPECT_EQ(ErrorCodeOf(storage_->Truncate(Path("missing/a"), 0)), ErrorCode::kStorageFailed);
}

TEST_F(FileStorageTest, ADirectoryThatIsAFileIsAnError) {
  storage_->OpenFile(Path("a"));
  EXPECT_TRUE(Commit().ok());
  EXPECT_EQ(ErrorText(storage_->List(Path("a")).status()),
            "cannot make directory " + Path("a") + ": File exists");
}

TEST_F(FileStorageTest, ALockIsHeldUntilTheStorageGoes) {
  Posted posted;
  FileStorage other(posted.post());
  EXPECT_TRUE(storage_->Lock(Path("new/lock")).ok());
  const absl::Status status = other.Lock(Path("new/lock"));
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kStorageFailed);
  EXPECT_NE(ErrorText(status).find(Path("new/lock")), std::string::npos);
  storage_.reset();
  EXPECT_TRUE(other.Lock(Path("new/lock")).ok());
}

TEST_F(FileStorageTest, DestructionWritesWhatWasHandedOverAndCompletesNothing) {
  const auto file = storage_->OpenFile(Path("a"));
  bool done = false;
  for (int i = 0; i < 100; ++i) storage_->Append(file, "0123456789");
  storage_->Commit([&](const absl::Status&) { done = true; });
  storage_.reset();
  EXPECT_EQ(Content(Path("a")).size(), 1000u);
  while (!posted_.empty()) EXPECT_TRUE(posted_.RunOne());
  EXPECT_FALSE(done);
}

}  // namespace
}  // namespace fluxgate
