#include "client/amps/record_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "amps/exceptions.h"
#include "client/amps/temporary_directory.h"

namespace AMPS::internal {
namespace {

constexpr std::string_view kMagic = "FGtest01";

std::string ErrorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const StoreException& e) {
    return e.what();
  }
  return "";
}

class RecordFileTest : public ::testing::Test {
 protected:
  RecordFile Open(bool syncs = false) {
    records_.clear();
    return RecordFile(path_, kMagic, syncs, [this](uint64_t place, std::string_view body) {
      records_.emplace_back(place, body);
      return refuse_ == body ? "nobody wants it" : "";
    });
  }
  std::vector<std::string> Bodies() const {
    std::vector<std::string> bodies;
    for (const auto& [place, body] : records_) bodies.push_back(body);
    return bodies;
  }

  const TemporaryDirectory directory_;
  const std::string path_ = directory_.File("store");
  const std::vector<std::string> written_ = {"first", "", std::string(300, 's'), "the last"};
  std::vector<std::pair<uint64_t, std::string>> records_;
  std::string refuse_ = "refuse";

  // A file with all of `written_`; returns where each record ends.
  std::vector<uint64_t> WriteAll() {
    RecordFile file = Open();
    std::vector<uint64_t> ends = {file.size()};
    for (const std::string& body : written_) {
      file.Append(body.substr(0, 3 % (body.size() + 1)), body.substr(3 % (body.size() + 1)));
      ends.push_back(file.size());
    }
    return ends;
  }
};

TEST_F(RecordFileTest, GivesBackWhatWasAppended) {
  for (const bool syncs : {false, true}) {
    std::filesystem::remove(path_);
    {
      RecordFile file = Open(syncs);
      EXPECT_TRUE(records_.empty());
      const uint64_t place = file.Append("head,", "body");
      char bytes[4];
      file.Read(place + 5, sizeof(bytes), bytes);
      EXPECT_EQ(std::string(bytes, sizeof(bytes)), "body");
    }
    {
      RecordFile file = Open(syncs);
      EXPECT_EQ(Bodies(), std::vector<std::string>{"head,body"});
      file.Append("second", "");
    }
    RecordFile file = Open(syncs);
    EXPECT_EQ(Bodies(), (std::vector<std::string>{"head,body", "second"}));
    char bytes[6];
    file.Read(records_[1].first, sizeof(bytes), bytes);
    EXPECT_EQ(std::string(bytes, sizeof(bytes)), "second");
  }
}

TEST_F(RecordFileTest, CutOffAnywhereItLosesTheRecordThatWasCutAndNoOther) {
  const std::vector<uint64_t> ends = WriteAll();
  const std::string whole = ReadFile(path_);
  for (size_t size = 0; size <= whole.size(); ++size) {
    WriteFile(path_, whole.substr(0, size));
    size_t complete = 0;
    while (complete < written_.size() && ends[complete + 1] <= size) ++complete;
    {
      RecordFile file = Open();
      EXPECT_EQ(Bodies(), std::vector<std::string>(written_.begin(), written_.begin() + complete))
          << size;
      EXPECT_EQ(file.size(), ends[complete]);
      file.Append("after", "");
    }
    Open();
    EXPECT_EQ(records_.size(), complete + 1) << size;
    EXPECT_EQ(records_.back().second, "after");
  }
}

TEST_F(RecordFileTest, ZerosInPlaceOfTheLastBytesAreARecordThatWasNotWritten) {
  const std::vector<uint64_t> ends = WriteAll();
  const std::string whole = ReadFile(path_);
  for (size_t size = kMagic.size(); size < whole.size(); ++size) {
    std::string bytes = whole;
    std::fill(bytes.begin() + static_cast<ptrdiff_t>(size), bytes.end(), '\0');
    WriteFile(path_, bytes);
    size_t complete = 0;
    while (complete < written_.size() &&
           bytes.compare(0, ends[complete + 1], whole, 0, ends[complete + 1]) == 0) {
      ++complete;
    }
    EXPECT_EQ(ErrorOf([&] { Open(); }), "") << size;
    EXPECT_EQ(Bodies(), std::vector<std::string>(written_.begin(), written_.begin() + complete))
        << size;
  }
}

TEST_F(RecordFileTest, AnyOtherByteThatIsWrongIsRefusedWithItsRecordsPlace) {
  const std::vector<uint64_t> ends = WriteAll();
  const std::string whole = ReadFile(path_);
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    WriteFile(path_, bytes);
    const std::string error = ErrorOf([&] { Open(); });
    size_t record = 0;
    while (record < written_.size() && ends[record] <= at) ++record;
    const uint64_t place = record == 0 ? 0 : ends[record - 1];
    EXPECT_NE(error.find(path_ + " is damaged at byte " + std::to_string(place)), std::string::npos)
        << at << ": " << error;
    EXPECT_EQ(ReadFile(path_), bytes) << "a file that is refused is left alone";
  }
}

TEST_F(RecordFileTest, ARecordThatMakesNoSenseIsDamage) {
  Open().Append(refuse_, "");
  EXPECT_EQ(ErrorOf([&] { Open(); }), path_ + " is damaged at byte 8: nobody wants it");
}

TEST_F(RecordFileTest, IsForOneAtATimeOfThisProcessAndOthers) {
  {
    const RecordFile file = Open();
    EXPECT_EQ(ErrorOf([&] { Open(); }), path_ + " is in use by another store");
  }
  const pid_t child = fork();
  if (child == 0) {
    const int fd = open(path_.c_str(), O_RDWR);
    _exit(flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "nobody holds it any more";
}

TEST_F(RecordFileTest, WhatIsNoFileOrNotThereIsSaid) {
  EXPECT_EQ(ErrorOf([] {
              RecordFile("/dev/full", kMagic, false, [](uint64_t, std::string_view) { return ""; });
            }),
            "/dev/full is not a file");
  const std::string nowhere = directory_.File("no/such/store");
  EXPECT_EQ(ErrorOf([&] {
              RecordFile(nowhere, kMagic, false, [](uint64_t, std::string_view) { return ""; });
            }),
            "cannot open " + nowhere + ": No such file or directory");
}

// The kernel refuses to let files grow, as a full disk would: in the middle of a record.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(uint64_t bytes) : before_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit limit = {.rlim_cur = bytes, .rlim_max = limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &limit_);
    signal(SIGXFSZ, before_);
  }

 private:
  rlimit limit_;
  void (*before_)(int);
};

TEST_F(RecordFileTest, AFullDiskChangesNothingAndLaterThereIsRoom) {
  const uint64_t record_bytes = RecordFile::kRecordHeaderBytes + 10;
  for (uint64_t room = 0; room <= record_bytes; ++room) {
    std::filesystem::remove(path_);
    RecordFile file = Open();
    file.Append("kept", "");
    const uint64_t size = file.size();
    std::string error;
    {
      const FileSizeLimit limit(size + room);
      error = ErrorOf([&] { file.Append("12345", "67890"); });
    }
    if (room == record_bytes) {
      EXPECT_EQ(error, "");
      break;
    }
    EXPECT_EQ(error, "cannot write to " + path_ + ": File too large") << room;
    EXPECT_EQ(file.size(), size);
    EXPECT_EQ(std::filesystem::file_size(path_), size);
    file.Append("later", "");
  }
}

TEST_F(RecordFileTest, TheLongestRecordIsOneByteBelowOneThatIsRefused) {
  RecordFile file = Open();
  const std::string body(RecordFile::kBodyBytesMax, '\1');
  EXPECT_NE(ErrorOf([&] { file.Append("h", body); }).find("is too long"), std::string::npos);
  EXPECT_EQ(file.size(), kMagic.size());
  const FileSizeLimit limit(1 << 20);  // that it is taken is enough
  EXPECT_NE(ErrorOf([&] { file.Append("", body); }).find("File too large"), std::string::npos);
}

TEST_F(RecordFileTest, ARewriteReplacesIt) {
  {
    RecordFile file = Open();
    file.Append("old", "");
    uint64_t place = 0;
    ASSERT_TRUE(file.Rewrite([&](const RecordFile::Appender& append) {
      append("new", "");
      place = append("new", "est");
    }));
    EXPECT_EQ(ErrorOf([&] { Open(); }), path_ + " is in use by another store");
    char bytes[6];
    file.Read(place, sizeof(bytes), bytes);
    EXPECT_EQ(std::string(bytes, sizeof(bytes)), "newest");
    file.Append("after", "");
  }
  Open();
  EXPECT_EQ(Bodies(), (std::vector<std::string>{"new", "newest", "after"}));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(RecordFileTest, ARewriteThatFailsLeavesItAsItWas) {
  {
    RecordFile file = Open();
    file.Append("old", "");
    {
      const FileSizeLimit limit(4);
      EXPECT_FALSE(file.Rewrite([](const RecordFile::Appender& append) { append("new", ""); }));
    }
    EXPECT_FALSE(
        file.Rewrite([](const RecordFile::Appender&) { throw StoreException("cannot be read"); }));
    EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
    file.Append("after", "");
  }
  Open();
  EXPECT_EQ(Bodies(), (std::vector<std::string>{"old", "after"}));
}

TEST_F(RecordFileTest, WhatARewriteLeftThatACrashEndedIsRemoved) {
  Open().Append("kept", "");
  WriteFile(path_ + ".new", "half of a fi");
  Open();
  EXPECT_EQ(Bodies(), std::vector<std::string>{"kept"});
  EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(RecordFileTest, WantsToBeRewrittenWhenMostOfItIsDead) {
  RecordFile file = Open();
  const std::string body(1 << 20, 'x');
  while (file.size() < RecordFile::kDeadBytesMin) file.Append("", body);
  const uint64_t size = file.size();
  EXPECT_TRUE(file.WantsRewrite(size - RecordFile::kDeadBytesMin));
  EXPECT_FALSE(file.WantsRewrite(size - RecordFile::kDeadBytesMin + 1));
  while (file.size() < 4 * RecordFile::kDeadBytesMin) file.Append("", body);
  EXPECT_TRUE(file.WantsRewrite((file.size() - 1) / 2));
  EXPECT_FALSE(file.WantsRewrite((file.size() + 1) / 2));
}

}  // namespace
}  // namespace AMPS::internal
