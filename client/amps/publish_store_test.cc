#include "amps/publish_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "amps/exceptions.h"
#include "client/amps/temporary_directory.h"

namespace AMPS {
namespace {

using Publishes = std::vector<std::pair<uint64_t, std::string>>;

Publishes Replayed(Store& store) {
  Publishes publishes;
  store.replay([&](uint64_t sequence, std::string_view frame) {
    publishes.emplace_back(sequence, frame);
    return true;
  });
  return publishes;
}

std::string ErrorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const AMPSException& e) {
    return e.toString();
  }
  return "";
}

// What both stores do.
class StoreTest : public ::testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<Store> Make(uint64_t bytes_max = MemoryPublishStore::kBytesMaxDefault) {
    if (!GetParam()) return std::make_unique<MemoryPublishStore>(bytes_max);
    return std::make_unique<PublishStore>(directory_.File("publishes"), bytes_max);
  }
  const TemporaryDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(All, StoreTest, ::testing::Values(false, true), [](const auto& parameter) {
  return parameter.param ? "PublishStore" : "MemoryPublishStore";
});

TEST_P(StoreTest, AnEmptyOneHasNothing) {
  const auto store = Make();
  EXPECT_EQ(store->getLastSequence(), 0u);
  EXPECT_EQ(store->getLowestUnpersisted(), 0u);
  EXPECT_EQ(store->unpersistedCount(), 0u);
  EXPECT_EQ(store->bytes(), 0u);
  EXPECT_TRUE(store->flush(1));
  EXPECT_TRUE(Replayed(*store).empty());
  std::string frame;
  EXPECT_FALSE(store->find(0, &frame));
  EXPECT_FALSE(store->find(1, &frame));
}

TEST_P(StoreTest, KeepsPublishesUntilTheyAreDiscarded) {
  const auto store = Make();
  store->store(1, "one");
  store->store(2, "two");
  store->store(3, "");
  EXPECT_EQ(Replayed(*store), (Publishes{{1, "one"}, {2, "two"}, {3, ""}}));
  EXPECT_EQ(store->bytes(), 6u);
  store->discardUpTo(2);
  store->discardUpTo(1);  // older news
  EXPECT_EQ(Replayed(*store), (Publishes{{3, ""}}));
  EXPECT_EQ(store->getLowestUnpersisted(), 3u);
  EXPECT_EQ(store->getLastSequence(), 3u);
  EXPECT_EQ(store->unpersistedCount(), 1u);
  EXPECT_EQ(store->bytes(), 0u);
  std::string frame = "before";
  EXPECT_FALSE(store->find(2, &frame));
  EXPECT_TRUE(store->find(3, &frame));
  EXPECT_EQ(frame, "");
  store->discardUpTo(3);
  EXPECT_EQ(store->getLowestUnpersisted(), 0u);
  EXPECT_EQ(store->getLastSequence(), 3u);
  store->store(4, "four");
  EXPECT_EQ(Replayed(*store), (Publishes{{4, "four"}}));
}

TEST_P(StoreTest, SequencesFollowEachOther) {
  const auto store = Make();
  EXPECT_THROW(store->store(0, ""), UsageException);
  EXPECT_THROW(store->store(2, ""), UsageException);
  store->store(1, "");
  EXPECT_THROW(store->store(1, ""), UsageException);
  EXPECT_THROW(store->store(3, ""), UsageException);
  EXPECT_EQ(store->getLastSequence(), 1u);
}

TEST_P(StoreTest, GoesOnBehindWhatTheGatewayHasHad) {
  const auto store = Make();
  store->discardUpTo(1000);
  EXPECT_EQ(store->getLastSequence(), 1000u);
  EXPECT_THROW(store->store(1, ""), UsageException);
  store->store(1001, "next");
  EXPECT_EQ(Replayed(*store), (Publishes{{1001, "next"}}));
}

TEST_P(StoreTest, TakesItsLimitAndNotAByteMore) {
  const auto store = Make(10);
  store->store(1, "12345");
  EXPECT_EQ(ErrorOf([&] { store->store(2, "123456"); }),
            "StoreException: the publish store is full: it keeps 5 bytes of at most 10, and 6 were "
            "to be added");
  EXPECT_EQ(store->getLastSequence(), 1u);
  store->store(2, "12345");
  EXPECT_THROW(store->store(3, "1"), StoreException);
  store->discardUpTo(1);
  store->store(3, "1");
}

TEST_P(StoreTest, ReplayEndsWhenItIsToldTo) {
  const auto store = Make();
  for (uint64_t i = 1; i <= 5; ++i) store->store(i, "");
  Publishes seen;
  store->replay([&](uint64_t sequence, std::string_view) {
    seen.emplace_back(sequence, "");
    return sequence < 2;
  });
  EXPECT_EQ(seen.size(), 2u);
}

TEST_P(StoreTest, ReplayLeavesTheStoreToOthers) {
  const auto store = Make();
  for (uint64_t i = 1; i <= 4; ++i) store->store(i, std::to_string(i));
  std::vector<uint64_t> seen;
  store->replay([&](uint64_t sequence, std::string_view frame) {
    EXPECT_EQ(frame, std::to_string(sequence));
    seen.push_back(sequence);
    if (sequence == 1) store->discardUpTo(2);
    if (sequence == 4) store->store(5, "5");
    return true;
  });
  EXPECT_EQ(seen, (std::vector<uint64_t>{1, 3, 4, 5}));
}

TEST_P(StoreTest, FlushWaitsForTheLastOne) {
  const auto store = Make();
  store->store(1, "");
  store->store(2, "");
  EXPECT_FALSE(store->flush(5));
  store->discardUpTo(1);
  EXPECT_FALSE(store->flush(5));
  std::thread acks([&] { store->discardUpTo(2); });
  EXPECT_TRUE(store->flush());
  acks.join();
}

TEST_P(StoreTest, IsUsedByManyThreads) {
  const auto store = Make();
  constexpr uint64_t kPublishes = 2000;
  std::thread acks([&] {
    uint64_t seen = 0;
    while (seen < kPublishes) {
      seen = store->getLastSequence();
      store->discardUpTo(seen - std::min<uint64_t>(seen, 5));
    }
  });
  std::thread replays([&] {
    while (store->getLastSequence() < kPublishes) {
      uint64_t before = 0;
      store->replay([&](uint64_t sequence, std::string_view frame) {
        EXPECT_GT(sequence, before);
        EXPECT_EQ(frame, std::to_string(sequence));
        before = sequence;
        return true;
      });
    }
  });
  for (uint64_t i = 1; i <= kPublishes; ++i) store->store(i, std::to_string(i));
  acks.join();
  replays.join();
  EXPECT_EQ(store->unpersistedCount(), 5u);
}

class PublishStoreTest : public ::testing::Test {
 protected:
  const TemporaryDirectory directory_;
  const std::string path_ = directory_.File("publishes");
};

TEST_F(PublishStoreTest, TheNextRunFindsWhatWasNotDiscarded) {
  for (const PublishStore::Sync sync :
       {PublishStore::Sync::None, PublishStore::Sync::EachPublish}) {
    std::filesystem::remove(path_);
    {
      PublishStore store(path_, PublishStore::kBytesMaxDefault, sync);
      for (uint64_t i = 1; i <= 5; ++i) store.store(i, "publish " + std::to_string(i));
      store.discardUpTo(3);
    }
    {
      PublishStore store(path_, PublishStore::kBytesMaxDefault, sync);
      EXPECT_EQ(Replayed(store), (Publishes{{4, "publish 4"}, {5, "publish 5"}}));
      store.store(6, "publish 6");
      store.discardUpTo(6);
    }
    PublishStore store(path_);
    EXPECT_EQ(store.unpersistedCount(), 0u);
    EXPECT_EQ(store.getLastSequence(), 6u);
  }
}

TEST_F(PublishStoreTest, AfterACrashItHasAllPublishesAndAtMostTooFewDiscards) {
  std::vector<size_t> sizes = {0};
  {
    PublishStore store(path_);
    for (uint64_t i = 1; i <= 6; ++i) {
      store.store(i, "publish " + std::to_string(i));
      sizes.push_back(std::filesystem::file_size(path_));
      if (i == 3) store.discardUpTo(2);
    }
  }
  const std::string whole = ReadFile(path_);
  for (size_t size = 0; size <= whole.size(); ++size) {
    WriteFile(path_, whole.substr(0, size));
    uint64_t last = 0;
    while (last + 1 < sizes.size() && sizes[last + 1] <= size) ++last;
    PublishStore store(path_);
    EXPECT_EQ(store.getLastSequence(), last) << size;
    const uint64_t lowest = last == 0 ? 0 : last >= 4 ? 3 : 1;
    EXPECT_EQ(store.getLowestUnpersisted(), lowest) << size;
    for (const auto& [sequence, frame] : Replayed(store)) {
      EXPECT_EQ(frame, "publish " + std::to_string(sequence));
    }
    store.store(last + 1, "goes on");
  }
}

TEST_F(PublishStoreTest, WhenAllAreDiscardedAnIdleStoreHasWrittenThatDown) {
  PublishStore store(path_);
  store.store(1, "one");
  store.store(2, "two");
  store.discardUpTo(2);
  // As if the process had been killed here.
  std::filesystem::copy_file(path_, directory_.File("copy"));
  PublishStore copy(directory_.File("copy"));
  EXPECT_EQ(copy.unpersistedCount(), 0u);
  EXPECT_EQ(copy.getLastSequence(), 2u);
}

TEST_F(PublishStoreTest, DamageIsRefusedWithItsPlace) {
  {
    PublishStore store(path_);
    store.store(1, "one");
    store.store(2, "two");
  }
  std::string bytes = ReadFile(path_);
  bytes[8 + 12 + 17] ^= 1;  // of the first frame
  WriteFile(path_, bytes);
  EXPECT_EQ(
      ErrorOf([&] { PublishStore store(path_); }),
      "StoreException: " + path_ + " is damaged at byte 8: the checksum of a record is wrong");
}

TEST_F(PublishStoreTest, ASecondStoreCannotHaveTheFile) {
  const PublishStore store(path_);
  EXPECT_EQ(ErrorOf([&] { PublishStore second(path_); }),
            "StoreException: " + path_ + " is in use by another store");
}

TEST_F(PublishStoreTest, AnotherKindOfFileIsNotTouched) {
  WriteFile(path_, "not a store of publishes");
  EXPECT_NE(ErrorOf([&] { PublishStore store(path_); }), "");
  EXPECT_EQ(ReadFile(path_), "not a store of publishes");
}

TEST_F(PublishStoreTest, TheFileIsMadeSmallerAndKeepsWhatIsKept) {
  constexpr uint64_t kFrameBytes = 1 << 20;
  constexpr uint64_t kKept = 3;
  uint64_t largest = 0;
  uint64_t sequence = 0;
  const auto frame = [](uint64_t i) {
    return std::string(kFrameBytes, static_cast<char>('a' + i % 26));
  };
  {
    PublishStore store(path_);
    while (++sequence < 60) {
      store.store(sequence, frame(sequence));
      if (sequence > kKept) store.discardUpTo(sequence - kKept);
      largest = std::max<uint64_t>(largest, std::filesystem::file_size(path_));
      std::string found;
      ASSERT_TRUE(store.find(sequence, &found));
      ASSERT_TRUE(found == frame(sequence));
    }
    EXPECT_LT(largest, (16 + kKept + 3) * kFrameBytes);
    EXPECT_GT(largest, 16 * kFrameBytes);
  }
  PublishStore store(path_);
  Publishes expected;
  for (uint64_t i = sequence - kKept; i < sequence; ++i) expected.emplace_back(i, frame(i));
  EXPECT_TRUE(Replayed(store) == expected);
}

TEST_F(PublishStoreTest, ALowerLimitKeepsWhatAFileHolds) {
  {
    PublishStore store(path_, 100);
    store.store(1, std::string(60, 'x'));
  }
  PublishStore store(path_, 50);
  EXPECT_EQ(store.unpersistedCount(), 1u);
  EXPECT_THROW(store.store(2, "x"), StoreException);
  store.discardUpTo(1);
  store.store(2, std::string(50, 'x'));
}

}  // namespace
}  // namespace AMPS
