#include "client/amps/received.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace AMPS::internal {
namespace {

constexpr size_t kBytesMax = 100;

TEST(ReceivedTest, BatchesOfOneChunkBecomeOne) {
  ChunkPool pool;
  ReceivedQueue queue;
  const std::shared_ptr<Chunk> chunk = pool.Get(10);
  EXPECT_EQ(chunk->capacity, ChunkPool::kChunkBytes);
  queue.Push({1, chunk, 0, 10});
  queue.Push({1, chunk, 10, 30});
  queue.Push({1, chunk, 40, 50});  // an ack stood between
  queue.Push({1, pool.Get(10), 0, 5});
  queue.Push({1, nullptr, 0, 0});
  std::vector<Batch> batches;
  ASSERT_TRUE(queue.Take(&batches));
  ASSERT_EQ(batches.size(), 4u);
  EXPECT_EQ(batches[0].size(), 30u);
  EXPECT_EQ(batches[1].begin, 40u);
  EXPECT_EQ(batches[3].chunk, nullptr);
}

TEST(ReceivedTest, ALargeChunkIsMadeToMeasure) {
  ChunkPool pool;
  EXPECT_EQ(pool.Get(ChunkPool::kChunkBytes)->capacity, ChunkPool::kChunkBytes);
  EXPECT_EQ(pool.Get(ChunkPool::kChunkBytes + 1)->capacity, ChunkPool::kChunkBytes + 1);
}

TEST(ReceivedTest, RoomBelowTheLimit) {
  ChunkPool pool;
  ReceivedQueue queue;
  queue.set_bytes_max(kBytesMax);
  const std::shared_ptr<Chunk> chunk = pool.Get(10);
  queue.Push({1, chunk, 0, kBytesMax - 1});
  EXPECT_TRUE(queue.HasRoom());
  queue.Push({1, chunk, kBytesMax - 1, kBytesMax});
  EXPECT_FALSE(queue.HasRoom());
  // Who waits for an ack lifts the limit, and wakes the reader if that waits.
  EXPECT_TRUE(queue.Lift(true));
  EXPECT_TRUE(queue.HasRoom());
  EXPECT_FALSE(queue.Lift(true));
  EXPECT_FALSE(queue.Lift(false));
  EXPECT_TRUE(queue.HasRoom());
  queue.Lift(false);
  EXPECT_FALSE(queue.HasRoom());
  EXPECT_TRUE(queue.Handled(1));
  EXPECT_TRUE(queue.HasRoom());
  EXPECT_FALSE(queue.Handled(1));
}

TEST(ReceivedTest, AwaitIdleWaitsForWhatIsBeingHandled) {
  ReceivedQueue queue;
  queue.AwaitIdle();
  std::atomic<bool> handling{false};
  std::atomic<bool> handled{false};
  std::atomic<bool> go_on{false};
  std::thread handler([&] {
    std::vector<Batch> batches;
    while (queue.Take(&batches)) {
      handling = true;
      while (!go_on) std::this_thread::yield();
      handled = true;
    }
  });
  queue.Push({1, nullptr, 0, 0});
  while (!handling) std::this_thread::yield();
  std::thread waiting([&] {
    queue.AwaitIdle();
    EXPECT_TRUE(handled);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  go_on = true;
  waiting.join();
  queue.Stop();
  handler.join();
}

}  // namespace
}  // namespace AMPS::internal
