#include "amps/bookmark_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "amps/exceptions.h"
#include "client/amps/temporary_directory.h"

namespace AMPS {
namespace {

std::string ErrorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const AMPSException& e) {
    return e.toString();
  }
  return "";
}

// What both stores do.
class BookmarkStoreTest : public ::testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<BookmarkStore> Make(
      size_t undiscarded_max = MemoryBookmarkStore::kUndiscardedMaxDefault) {
    if (!GetParam()) return std::make_unique<MemoryBookmarkStore>(undiscarded_max);
    return std::make_unique<LoggedBookmarkStore>(directory_.File("bookmarks"), undiscarded_max);
  }
  const TemporaryDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(All, BookmarkStoreTest, ::testing::Values(false, true),
                         [](const auto& parameter) {
                           return parameter.param ? "LoggedBookmarkStore" : "MemoryBookmarkStore";
                         });

TEST_P(BookmarkStoreTest, AnUnknownSubscriptionBeginsAtTheBegin) {
  const auto store = Make();
  EXPECT_EQ(store->getMostRecent("s"), "0");
  EXPECT_FALSE(store->isDiscarded("s", "1|1|"));
  EXPECT_EQ(store->undiscardedCount("s"), 0u);
  store->discard("s", "1|1|");
  store->persisted("s", "1|1|");
  store->purge("s");
  EXPECT_EQ(store->getMostRecent("s"), "0");
}

TEST_P(BookmarkStoreTest, GoesOnAfterTheLastOneBeforeWhichAllAreDiscarded) {
  const auto store = Make();
  for (const char* bookmark : {"1|1|", "2|1|", "1|2|", "1|3|"}) store->log("s", bookmark);
  EXPECT_EQ(store->undiscardedCount("s"), 4u);
  store->discard("s", "2|1|");
  store->discard("s", "1|2|");
  EXPECT_EQ(store->getMostRecent("s"), "0");
  EXPECT_EQ(store->undiscardedCount("s"), 2u);
  store->discard("s", "1|1|");
  EXPECT_EQ(store->getMostRecent("s"), "1|2|");
  store->discard("s", "1|3|");
  store->discard("s", "1|3|");
  EXPECT_EQ(store->getMostRecent("s"), "1|3|");
  EXPECT_EQ(store->undiscardedCount("s"), 0u);
}

TEST_P(BookmarkStoreTest, ACopyOfWhatIsKnownIsNotNew) {
  const auto store = Make();
  for (const char* bookmark : {"a", "b", "c"}) store->log("s", bookmark);
  store->discard("s", "b");
  EXPECT_TRUE(store->isDiscarded("s", "a"));  // the program has it
  EXPECT_TRUE(store->isDiscarded("s", "b"));
  EXPECT_FALSE(store->isDiscarded("s", "d"));
  store->discard("s", "a");
  EXPECT_TRUE(store->isDiscarded("s", "b"));  // where it goes on
  store->log("s", "c");
  EXPECT_EQ(store->undiscardedCount("s"), 1u);
}

TEST_P(BookmarkStoreTest, SubscriptionsDoNotKnowOfEachOther) {
  const auto store = Make();
  store->log("s", "a");
  store->log("t", "a");
  store->discard("s", "a");
  EXPECT_EQ(store->getMostRecent("s"), "a");
  EXPECT_EQ(store->getMostRecent("t"), "0");
  store->purge("s");
  EXPECT_EQ(store->getMostRecent("s"), "0");
  EXPECT_EQ(store->undiscardedCount("t"), 1u);
  store->purge();
  EXPECT_EQ(store->undiscardedCount("t"), 0u);
}

TEST_P(BookmarkStoreTest, DoesNotGoOnBehindWhatTheGatewayHasStored) {
  const auto store = Make();
  for (const char* bookmark : {"a", "b", "c"}) store->log("s", bookmark);
  store->persisted("s", "a");
  for (const char* bookmark : {"a", "b", "c"}) store->discard("s", bookmark);
  EXPECT_EQ(store->getMostRecent("s"), "a");
  EXPECT_TRUE(store->isDiscarded("s", "b"));
  EXPECT_EQ(store->undiscardedCount("s"), 0u);
  store->persisted("s", "unknown");
  EXPECT_EQ(store->getMostRecent("s"), "a");
  store->persisted("s", "c");
  EXPECT_EQ(store->getMostRecent("s"), "c");
}

TEST_P(BookmarkStoreTest, TakesItsLimitAndNotOneMore) {
  const auto store = Make(3);
  for (const char* bookmark : {"a", "b", "c"}) store->log("s", bookmark);
  store->discard("s", "b");
  EXPECT_EQ(ErrorOf([&] { store->log("s", "d"); }),
            "StoreException: the bookmark store is full: subscription \"s\" has 3 messages from "
            "the first on that is not discarded");
  store->log("s", "c");  // a copy takes no room
  store->log("t", "a");
  EXPECT_FALSE(store->isDiscarded("s", "d"));
  store->discard("s", "a");
  store->log("s", "d");
  EXPECT_EQ(store->undiscardedCount("s"), 2u);
}

class LoggedBookmarkStoreTest : public ::testing::Test {
 protected:
  const TemporaryDirectory directory_;
  const std::string path_ = directory_.File("bookmarks");
};

TEST_F(LoggedBookmarkStoreTest, TheNextRunGoesOnWhereTheOneBeforeWasDone) {
  {
    LoggedBookmarkStore store(path_);
    for (const char* bookmark : {"a", "b", "c", "d"}) store.log("s", bookmark);
    store.discard("s", "a");
    store.discard("s", "c");
  }
  LoggedBookmarkStore store(path_);
  EXPECT_EQ(store.getMostRecent("s"), "a");
  EXPECT_EQ(store.undiscardedCount("s"), 2u);
  // The gateway sends what is behind "a": the run before was not done with "b", but with "c".
  EXPECT_FALSE(store.isDiscarded("s", "b"));
  store.log("s", "b");
  EXPECT_TRUE(store.isDiscarded("s", "b"));
  EXPECT_TRUE(store.isDiscarded("s", "c"));
  EXPECT_FALSE(store.isDiscarded("s", "d"));
  store.log("s", "d");
  store.discard("s", "b");
  EXPECT_EQ(store.getMostRecent("s"), "c");
  store.discard("s", "d");
  EXPECT_EQ(store.getMostRecent("s"), "d");
}

TEST_F(LoggedBookmarkStoreTest, WhatTheGatewayDoesNotHaveAnyMoreHoldsNothingUp) {
  {
    LoggedBookmarkStore store(path_);
    for (const char* bookmark : {"a", "b", "c"}) store.log("s", bookmark);
    store.discard("s", "c");
  }
  LoggedBookmarkStore store(path_);
  store.log("s", "b");  // and so "a" is gone
  EXPECT_EQ(store.undiscardedCount("s"), 1u);
  EXPECT_EQ(store.getMostRecent("s"), "a");
  store.discard("s", "b");
  EXPECT_EQ(store.getMostRecent("s"), "c");
  store.log("s", "d");
  store.discard("s", "d");
  EXPECT_EQ(store.getMostRecent("s"), "d");
}

TEST_F(LoggedBookmarkStoreTest, AfterACrashAnywhereNothingIsSkippedThatWasNotDiscarded) {
  std::vector<std::pair<size_t, std::string>> states = {{0, "0"}};  // file size, most recent
  {
    LoggedBookmarkStore store(path_);
    for (int i = 1; i <= 8; ++i) {
      store.log("s", std::to_string(i) + "|1|");
      if (i > 2) store.discard("s", std::to_string(i - 2) + "|1|");
      if (i == 5) store.persisted("s", "4|1|");
      if (i == 7) store.persisted("s", "7|1|");
      states.emplace_back(std::filesystem::file_size(path_), store.getMostRecent("s"));
    }
  }
  const std::string whole = ReadFile(path_);
  for (size_t size = 0; size <= whole.size(); ++size) {
    WriteFile(path_, whole.substr(0, size));
    size_t state = 0;
    while (state + 1 < states.size() && states[state + 1].first <= size) ++state;
    LoggedBookmarkStore store(path_);
    const int most_recent = std::stoi(store.getMostRecent("s"));
    EXPECT_GE(most_recent, std::stoi(states[state].second)) << size;
    const size_t next = std::min(state + 1, states.size() - 1);
    EXPECT_LE(most_recent, std::stoi(states[next].second)) << size;
  }
}

TEST_F(LoggedBookmarkStoreTest, PurgingIsForGood) {
  {
    LoggedBookmarkStore store(path_);
    store.log("s", "a");
    store.discard("s", "a");
    store.log("t", "a");
    store.discard("t", "a");
    store.purge("s");
  }
  {
    LoggedBookmarkStore store(path_);
    EXPECT_EQ(store.getMostRecent("s"), "0");
    EXPECT_EQ(store.getMostRecent("t"), "a");
    store.purge();
  }
  EXPECT_EQ(LoggedBookmarkStore(path_).getMostRecent("t"), "0");
}

TEST_F(LoggedBookmarkStoreTest, DamageIsRefusedWithItsPlace) {
  {
    LoggedBookmarkStore store(path_);
    store.log("s", "a");
    store.log("s", "b");
  }
  std::string bytes = ReadFile(path_);
  bytes[8 + 12] ^= 1;
  WriteFile(path_, bytes);
  EXPECT_EQ(
      ErrorOf([&] { LoggedBookmarkStore store(path_); }),
      "StoreException: " + path_ + " is damaged at byte 8: the checksum of a record is wrong");
}

TEST_F(LoggedBookmarkStoreTest, TheFileIsMadeSmallerAndMeansTheSame) {
  const std::string pad(10'000, 'x');
  uint64_t largest = 0;
  const auto bookmark = [&](int i) { return std::to_string(i) + pad; };
  constexpr int kMessages = 2000;  // two records each: more than twice what a file may waste
  {
    LoggedBookmarkStore store(path_);
    for (int i = 0; i < kMessages; ++i) {
      store.log("s", bookmark(i));
      if (i == 3) store.persisted("s", bookmark(2));
      if (i > 3) store.discard("s", bookmark(i - 1));
      if (i == 20) {
        for (int j = 0; j < 4; ++j) store.discard("s", bookmark(j));
      }
      if (i > 20 && i % 100 == 0) store.persisted("s", bookmark(i));
      largest = std::max<uint64_t>(largest, std::filesystem::file_size(path_));
    }
    EXPECT_GT(largest, 16u << 20);
    EXPECT_LT(largest, 28u << 20);
    store.persisted("s", bookmark(kMessages - 3));
    EXPECT_EQ(store.getMostRecent("s"), bookmark(kMessages - 3));
  }
  LoggedBookmarkStore store(path_);
  EXPECT_EQ(store.getMostRecent("s"), bookmark(kMessages - 3));
  EXPECT_TRUE(store.isDiscarded("s", bookmark(kMessages - 2)));
  EXPECT_FALSE(store.isDiscarded("s", bookmark(kMessages - 1)));
}

}  // namespace
}  // namespace AMPS
