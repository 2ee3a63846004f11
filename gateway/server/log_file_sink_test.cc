#include "gateway/server/log_file_sink.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace fluxgate {
namespace {

namespace fs = std::filesystem;

class LogFileSinkTest : public testing::Test {
 protected:
  LogFileSinkTest() {
    char pattern[] = "/tmp/fluxgate-log-XXXXXX";
    directory_ = mkdtemp(pattern);
    path_ = directory_ + "/a.log";
    sink_ = LogFileSink::Open(path_).value();
    logger_ = std::make_unique<spdlog::logger>("test", sink_);
    logger_->set_pattern("%v");
    logger_->flush_on(spdlog::level::info);
  }
  ~LogFileSinkTest() override { fs::remove_all(directory_); }

  static std::string Text(const fs::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  std::set<std::string> OldTexts() {
    std::set<std::string> texts;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      if (entry.path() != path_) texts.insert(Text(entry.path()));
    }
    return texts;
  }

  std::string directory_;
  std::string path_;
  std::shared_ptr<LogFileSink> sink_;
  std::unique_ptr<spdlog::logger> logger_;
};

// Several within one second, none of which takes the place of another.
TEST_F(LogFileSinkTest, EveryRotationKeepsWhatWasThere) {
  logger_->info("one");
  ASSERT_TRUE(sink_->Rotate().ok());
  logger_->info("two");
  ASSERT_TRUE(sink_->Rotate().ok());
  logger_->info("three");
  ASSERT_TRUE(sink_->Rotate().ok());
  logger_->info("four");
  EXPECT_EQ(Text(path_), "four\n");
  EXPECT_EQ(OldTexts(), (std::set<std::string>{"one\n", "two\n", "three\n"}));
}

TEST_F(LogFileSinkTest, AFileThatWasMovedAwayIsBegunAnew) {
  logger_->info("one");
  fs::rename(path_, directory_ + "/moved");
  std::ofstream(path_) << "somebody else's\n";
  ASSERT_TRUE(sink_->Rotate().ok());
  logger_->info("two");
  EXPECT_EQ(Text(path_), "somebody else's\ntwo\n");
  EXPECT_EQ(Text(directory_ + "/moved"), "one\n");
}

TEST_F(LogFileSinkTest, AfterAnErrorLinesGoWhereTheyWent) {
  fs::rename(path_, directory_ + "/moved");
  fs::create_directory(path_);
  EXPECT_FALSE(sink_->Rotate().ok());
  logger_->info("still");
  EXPECT_EQ(Text(directory_ + "/moved"), "still\n");
}

TEST_F(LogFileSinkTest, AFileThatDoesNotOpenIsAnError) {
  EXPECT_FALSE(LogFileSink::Open(directory_ + "/missing/a.log").ok());
}

}  // namespace
}  // namespace fluxgate
