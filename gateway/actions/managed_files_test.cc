#include "gateway/actions/managed_files.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <climits>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

namespace fs = std::filesystem;

class ManagedFilesTest : public testing::Test {
 protected:
  ManagedFilesTest() {
    char pattern[] = "/tmp/fluxgate-files-XXXXXX";
    root_ = mkdtemp(pattern);
    allowed_ = {root_ + "/logs"};
    fs::create_directories(root_ + "/logs/deep");
    fs::create_directories(root_ + "/logs-other");
    for (const char* name : {"/logs/a.log", "/logs/b.log", "/logs/.hidden.log", "/logs/c.txt",
                             "/logs/deep/d.log", "/logs-other/e.log", "/secret.log"}) {
      Write(root_ + name, name);
    }
    fs::create_symlink(root_ + "/secret.log", root_ + "/logs/link.log");
    fs::create_directory_symlink(root_, root_ + "/logs/out");
  }
  ~ManagedFilesTest() override { fs::remove_all(root_); }

  static void Write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  absl::StatusOr<ManagedFiles> Find(const std::string& pattern, int64_t older_than = INT64_MAX) {
    return FindFiles(allowed_, pattern, older_than);
  }
  ErrorCode ErrorOf(const std::string& pattern) { return ErrorCodeOf(Find(pattern).status()); }

  std::string root_;
  std::vector<std::string> allowed_;
};

TEST_F(ManagedFilesTest, FindsRegularFilesThatFit) {
  const auto files = Find(root_ + "/logs/*.log");
  ASSERT_TRUE(files.ok()) << files.status();
  // Neither hidden files nor what symbolic links lead to.
  EXPECT_EQ(files->names, (std::vector<std::string>{"a.log", "b.log"}));
  EXPECT_EQ(Find(root_ + "/logs/deep/?.log")->names, (std::vector<std::string>{"d.log"}));
  EXPECT_TRUE(Find(root_ + "/logs/missing/*")->names.empty());
}

TEST_F(ManagedFilesTest, GoesByAge) {
  const auto changed = fs::last_write_time(root_ + "/logs/a.log");
  fs::last_write_time(root_ + "/logs/a.log", changed - std::chrono::hours(48));
  struct stat info;
  ASSERT_EQ(stat((root_ + "/logs/b.log").c_str(), &info), 0);
  const int64_t b_ns = info.st_mtim.tv_sec * 1'000'000'000ll + info.st_mtim.tv_nsec;
  EXPECT_EQ(Find(root_ + "/logs/[ab].log", b_ns)->names, (std::vector<std::string>{"a.log"}));
  EXPECT_EQ(Find(root_ + "/logs/[ab].log", b_ns + 1)->names,
            (std::vector<std::string>{"a.log", "b.log"}));
}

TEST_F(ManagedFilesTest, RefusesWhatIsNotBelowAnAllowedDirectory) {
  for (const std::string& pattern :
       {root_ + "/*.log", root_ + "/logs/../*.log", root_ + "/logs/deep/../../secret.log",
        root_ + "/logs/out/*.log", root_ + "/logs-other/*", std::string("/*"),
        std::string("/etc/passwd"), "/proc/self/cwd/*" + std::string()}) {
    EXPECT_EQ(ErrorOf(pattern), ErrorCode::kNotEntitled) << pattern;
  }
  allowed_.clear();
  EXPECT_EQ(ErrorOf(root_ + "/logs/a.log"), ErrorCode::kNotEntitled);
}

TEST_F(ManagedFilesTest, RefusesPathsThatAreNone) {
  for (const std::string& pattern : {std::string("a.log"), std::string("logs/a.log"), std::string(),
                                     root_ + "/logs/", std::string("/logs\0/a", 8)}) {
    EXPECT_EQ(ErrorOf(pattern), ErrorCode::kBadOption) << pattern;
  }
}

TEST_F(ManagedFilesTest, CompressesAndRemoves) {
  const std::string text(300'000, 'x');
  Write(root_ + "/logs/a.log", text);
  ASSERT_EQ(chmod((root_ + "/logs/a.log").c_str(), 0640), 0);
  const auto files = Find(root_ + "/logs/a.log");
  ASSERT_TRUE(CompressFile(files->directory, "a.log", [] { return false; }).ok());
  EXPECT_FALSE(fs::exists(root_ + "/logs/a.log"));
  const std::string target = root_ + "/logs/a.log.gz";
  EXPECT_LT(fs::file_size(target), 10'000u);
  struct stat info;
  ASSERT_EQ(stat(target.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
  const gzFile file = gzopen(target.c_str(), "rb");
  std::string back(text.size() + 1, '\0');
  EXPECT_EQ(gzread(file, back.data(), static_cast<unsigned>(back.size())),
            static_cast<int>(text.size()));
  gzclose(file);
  back.pop_back();
  EXPECT_EQ(back, text);
  EXPECT_TRUE(RemoveFile(files->directory, "a.log.gz").ok());
  EXPECT_FALSE(fs::exists(target));
  EXPECT_FALSE(RemoveFile(files->directory, "a.log.gz").ok());
}

TEST_F(ManagedFilesTest, AFileThatIsNotCompressedStays) {
  const auto files = Find(root_ + "/logs/a.log");
  EXPECT_EQ(ErrorCodeOf(CompressFile(files->directory, "a.log", [] { return true; })),
            ErrorCode::kDraining);
  EXPECT_TRUE(fs::exists(root_ + "/logs/a.log"));
  EXPECT_FALSE(fs::exists(root_ + "/logs/a.log.gz"));
  // What is there already is not overwritten.
  Write(root_ + "/logs/a.log.gz", "mine");
  EXPECT_FALSE(CompressFile(files->directory, "a.log", [] { return false; }).ok());
  EXPECT_TRUE(fs::exists(root_ + "/logs/a.log"));
  EXPECT_EQ(fs::file_size(root_ + "/logs/a.log.gz"), 4u);
  EXPECT_FALSE(CompressFile(files->directory, "link.log", [] { return false; }).ok());
}

}  // namespace
}  // namespace fluxgate
