#include "modules/common/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>

#include "modules/testing/files.h"
#include "modules/testing/threads.h"

namespace fluxgate::modules {
namespace {

using testing::TestFiles;

std::string log_lines;
void WriteLog(amps_module_log_level, const char* message) { log_lines += message; }

absl::StatusOr<std::shared_ptr<const std::string>> AsText(std::string_view text) {
  if (text == "bad") return Failure("bad text");
  return std::make_shared<const std::string>(text);
}

// As if the file had been written long ago, so that its stamp means something.
void Age(const std::string& path, int hours) {
  std::filesystem::last_write_time(
      path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
}

TEST(ReadFile, LargestAndOneMore) {
  const TestFiles files;
  EXPECT_EQ(*ReadFile(files.Write("ten", "0123456789"), 10), "0123456789");
  const auto larger = ReadFile(files.Write("eleven", "0123456789a"), 10);
  EXPECT_EQ(FailureText(larger.status()), files.Path("eleven") + ": larger than 10 bytes");
  const std::string big(200'000, 'x');
  EXPECT_EQ(*ReadFile(files.Write("big", big), big.size()), big);
}

TEST(ReadFile, WhatIsNoFile) {
  const TestFiles files;
  EXPECT_EQ(FailureText(ReadFile(files.directory(), 10).status()),
            files.directory() + ": not a regular file");
  EXPECT_EQ(FailureText(ReadFile(files.Path("none"), 10).status()),
            files.Path("none") + ": cannot be read: No such file or directory");
  ASSERT_EQ(mkfifo(files.Path("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(ReadFile(files.Path("pipe"), 10).ok());  // and does not wait for a writer
  EXPECT_FALSE(ReadFile("/dev/zero", 10).ok());
}

TEST(ReadSecretLine, TakesTheFirstLine) {
  const TestFiles files;
  EXPECT_EQ(*ReadSecretLine(files.Write("a", "secret\nremark\n"), 6), "secret");
  EXPECT_EQ(*ReadSecretLine(files.Write("b", "secret\r\n"), 6), "secret");
  EXPECT_EQ(*ReadSecretLine(files.Write("c", "secret"), 6), "secret");
  EXPECT_FALSE(ReadSecretLine(files.Write("d", "\nsecret"), 6).ok());
  const auto longer = ReadSecretLine(files.Write("e", "7letter\n"), 6);
  ASSERT_FALSE(longer.ok());
  EXPECT_EQ(FailureText(longer.status()).find("7letter"), std::string::npos);
}

TEST(ReloadingFile, IsReadAgainWhenItHasChanged) {
  const TestFiles files;
  const std::string path = files.Write("file", "one");
  Age(path, 2);
  auto file = *ReloadingFile<std::string>::Open(path, 10, &AsText);
  const auto first = file->Get();
  EXPECT_EQ(*first, "one");
  EXPECT_EQ(file->Get(), first);
  files.Write("file", "two");
  Age(path, 1);
  EXPECT_EQ(*file->Get(), "two");
  EXPECT_EQ(*first, "one");  // whoever still has it
}

TEST(ReloadingFile, SeesAChangeThatLeavesTheSameStamp) {
  const TestFiles files;
  const std::string path = files.Write("file", "one");
  const auto written = std::filesystem::last_write_time(path);
  auto file = *ReloadingFile<std::string>::Open(path, 10, &AsText);
  files.Write("file", "two");
  std::filesystem::last_write_time(path, written);
  EXPECT_EQ(*file->Get(), "two");
}

TEST(ReloadingFile, KeepsTheLastGoodVersionAndSaysSoOnce) {
  SetServer(&WriteLog, nullptr);
  const TestFiles files;
  const std::string path = files.Write("file", "one");
  Age(path, 3);
  auto file = *ReloadingFile<std::string>::Open(path, 10, &AsText);
  files.Write("file", "bad");
  Age(path, 2);
  log_lines.clear();
  EXPECT_EQ(*file->Get(), "one");
  EXPECT_EQ(log_lines, path + ": bad text; the last good version stays in use");
  log_lines.clear();
  EXPECT_EQ(*file->Get(), "one");
  EXPECT_EQ(log_lines, "");
  std::filesystem::remove(path);
  file->Get();
  log_lines.clear();
  EXPECT_EQ(*file->Get(), "one");
  EXPECT_EQ(log_lines, "");
  files.Write("file", "two");
  Age(path, 1);
  EXPECT_EQ(*file->Get(), "two");
  SetServer(nullptr, nullptr);
}

TEST(ReloadingFile, OpenFailsOnWhatCannotBeUsed) {
  const TestFiles files;
  EXPECT_FALSE(ReloadingFile<std::string>::Open(files.Path("none"), 10, &AsText).ok());
  const auto bad = ReloadingFile<std::string>::Open(files.Write("file", "bad"), 10, &AsText);
  EXPECT_EQ(FailureText(bad.status()), files.Path("file") + ": bad text");
}

TEST(ReloadingFile, ManyThreadsWhileItChanges) {
  const TestFiles files;
  const std::string path = files.Write("file", "0");
  auto file = *ReloadingFile<std::string>::Open(path, 10, &AsText);
  std::atomic<int> wrong = 0;
  testing::InThreads(8, [&](int thread) {
    for (int i = 0; i < 200; ++i) {
      if (thread == 0) {
        std::filesystem::rename(files.Write("next", std::to_string(i)), path);
      }
      if (file->Get()->empty()) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(*file->Get(), "199");
}

}  // namespace
}  // namespace fluxgate::modules
