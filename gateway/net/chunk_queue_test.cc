#include "gateway/net/chunk_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace fluxgate::net {
namespace {

std::string Contents(const ChunkQueue& queue) {
  iovec pieces[64];
  const int count = queue.Peek(pieces, 64);
  std::string text;
  for (int i = 0; i < count; ++i) {
    text.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
  }
  return text;
}

TEST(ChunkQueue, KeepsBytesInOrderAcrossChunks) {
  ChunkPool pool;
  ChunkQueue queue(pool);
  std::string expected;
  for (int i = 0; expected.size() < 3 * Chunk::kBytes; ++i) {
    const std::string piece = std::to_string(i) + std::string(static_cast<size_t>(i % 1000), 'x');
    queue.Append(piece);
    expected += piece;
  }
  EXPECT_EQ(queue.size(), expected.size());
  EXPECT_EQ(Contents(queue), expected);
  // Taken off in uneven pieces, also across the chunks' edges.
  for (size_t step = 1; !expected.empty(); step = step * 3 + 1) {
    const size_t bytes = std::min(step, expected.size());
    queue.Consume(bytes);
    expected.erase(0, bytes);
    ASSERT_EQ(Contents(queue), expected);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(ChunkQueue, ReserveNeedsRoomInTheLastChunk) {
  ChunkPool pool;
  ChunkQueue queue(pool);
  EXPECT_EQ(queue.TryReserve(1), nullptr);
  queue.Append("a");
  char* rest = queue.TryReserve(Chunk::kBytes - 1);
  ASSERT_NE(rest, nullptr);
  std::memset(rest, 'b', Chunk::kBytes - 1);
  EXPECT_EQ(queue.TryReserve(1), nullptr);
  EXPECT_EQ(queue.size(), Chunk::kBytes);
}

TEST(ChunkQueue, AppendsAfterHavingBeenEmptied) {
  ChunkPool pool;
  ChunkQueue queue(pool);
  queue.Append("one");
  queue.Clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(Contents(queue), "");
  queue.Append("two");
  EXPECT_EQ(Contents(queue), "two");
}

}  // namespace
}  // namespace fluxgate::net
