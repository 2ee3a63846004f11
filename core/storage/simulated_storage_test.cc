#include "core/storage/simulated_storage.h"

#include <gtest/gtest.h>

#include <string>

namespace fluxgate {
namespace {

constexpr char kPath[] = "data/a";

std::string ReadAll(Storage& storage, const std::string& path) {
  auto reader = storage.OpenReader(path);
  if (!reader.ok()) return reader.status().ToString();
  std::string bytes((*reader)->size(), '\0');
  EXPECT_EQ((*reader)->Read(bytes.data(), bytes.size() + 1).value(), bytes.size());
  return bytes;
}

TEST(SimulatedStorageTest, NothingHappensBeforeItIsRun) {
  SimulatedDisk disk;
  SimulatedStorage storage(disk);
  int done = 0;
  const auto file = storage.OpenFile(kPath);
  storage.Append(file, "abc");
  storage.Commit([&](const absl::Status& status) { done += status.ok(); });
  EXPECT_FALSE(disk.Has(kPath));
  EXPECT_EQ(storage.waiting_bytes(), 3u);
  storage.RunAll();
  EXPECT_EQ(disk.Content(kPath), "abc");
  EXPECT_EQ(storage.waiting_bytes(), 0u);
  EXPECT_EQ(done, 1);
  EXPECT_EQ(ReadAll(storage, kPath), "abc");
}

TEST(SimulatedStorageTest, AutomaticStillCompletesLater) {
  SimulatedDisk disk;
  SimulatedStorage storage(disk, {.automatic = true});
  int done = 0;
  storage.Append(storage.OpenFile(kPath), "abc");
  storage.Commit([&](const absl::Status&) { ++done; });
  EXPECT_EQ(disk.Content(kPath), "abc");
  EXPECT_EQ(done, 0);
  storage.RunAll();
  EXPECT_EQ(done, 1);
}

TEST(SimulatedStorageTest, TheFirstFailureIsFinal) {
  SimulatedDisk disk;
  SimulatedStorage storage(disk, {.fail_append = 2});
  std::string results;
  const auto done = [&](const absl::Status& status) { results += status.ok() ? 'y' : 'n'; };
  const auto file = storage.OpenFile(kPath);
  for (const char* const bytes : {"ab", "cdef", "gh"}) {
    storage.Append(file, bytes);
    storage.Commit(done);
  }
  storage.RemoveFile(kPath);
  storage.RunAll();
  EXPECT_EQ(results, "ynn");
  EXPECT_EQ(disk.Content(kPath), "abcd");
}

TEST(SimulatedStorageTest, ACrashKeepsWhatWasCommittedAndAPartOfTheRest) {
  std::set<size_t> sizes;
  bool garbage = false;
  bool zeros = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedDisk disk;
    {
      SimulatedStorage storage(disk);
      const auto file = storage.OpenFile(kPath);
      storage.Append(file, "safe");
      storage.Commit([](const absl::Status&) {});
      storage.Append(file, "torn");
      storage.RunAll();
    }
    disk.Crash(seed);
    const std::string content(disk.Content(kPath));
    ASSERT_TRUE(content.starts_with("safe"));
    ASSERT_LE(content.size(), 8u);
    sizes.insert(content.size());
    const std::string part = content.substr(4);
    zeros |= part.ends_with('\0');
    garbage |= !part.ends_with('\0') && part != std::string("torn").substr(0, part.size());
  }
  EXPECT_EQ(sizes, (std::set<size_t>{4, 5, 6, 7, 8}));
  EXPECT_TRUE(garbage);
  EXPECT_TRUE(zeros);
}

TEST(SimulatedStorageTest, ACrashMayUndoWhatHappenedToNamesUnlessCommitted) {
  std::set<bool> made;
  std::set<bool> removed;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SimulatedDisk disk;
    disk.SetContent("old", "x");
    disk.SetContent("older", "x");
    {
      SimulatedStorage storage(disk);
      storage.RemoveFile("older");
      storage.Commit([](const absl::Status&) {});
      storage.OpenFile("new");
      storage.RemoveFile("old");
      storage.RunAll();
    }
    disk.Crash(seed);
    made.insert(disk.Has("new"));
    removed.insert(disk.Has("old"));
    EXPECT_FALSE(disk.Has("older"));
  }
  EXPECT_EQ(made.size(), 2u);
  EXPECT_EQ(removed.size(), 2u);
}

TEST(SimulatedStorageTest, ALockIsHeldUntilItsStorageGoes) {
  SimulatedDisk disk;
  {
    SimulatedStorage storage(disk);
    EXPECT_TRUE(storage.Lock("l").ok());
    EXPECT_FALSE(storage.Lock("l").ok());
    EXPECT_FALSE(SimulatedStorage(disk).Lock("l").ok());
  }
  EXPECT_TRUE(SimulatedStorage(disk).Lock("l").ok());
}

TEST(SimulatedStorageTest, ListsOneDirectory) {
  SimulatedDisk disk;
  disk.SetContent("data/b", "");
  disk.SetContent("data/sub/c", "");
  disk.SetContent("d", "");
  SimulatedStorage storage(disk);
  EXPECT_EQ(storage.List("data").value(), std::vector<std::string>{"b"});
  EXPECT_EQ(storage.List(".").value(), std::vector<std::string>{"d"});
}

}  // namespace
}  // namespace fluxgate
