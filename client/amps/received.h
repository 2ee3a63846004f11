// What the I/O thread has received and the handler thread has not handled yet: ranges of whole
// frames inside the pieces of memory that they were received into.
#ifndef FLUXGATE_CLIENT_AMPS_RECEIVED_H_
#define FLUXGATE_CLIENT_AMPS_RECEIVED_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace AMPS::internal {

struct Chunk {
  explicit Chunk(size_t bytes) : memory(new char[bytes]), capacity(bytes) {}
  std::unique_ptr<char[]> memory;
  size_t capacity;
};

// Chunks come back to the pool when the last batch in them has been handled.
class ChunkPool {
 public:
  // What one receive may fill.
  static constexpr size_t kChunkBytes = 256 << 10;
  // Of unused chunks.
  static constexpr size_t kKeptMax = 8;

  std::shared_ptr<Chunk> Get(size_t bytes_min);

 private:
  struct Shared {
    std::mutex mutex;
    std::vector<std::unique_ptr<Chunk>> unused;
  };
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

// Whole frames of one connection. Without a chunk: that the connection is gone.
struct Batch {
  uint64_t connection = 0;
  std::shared_ptr<Chunk> chunk;
  size_t begin = 0;
  size_t end = 0;

  size_t size() const { return end - begin; }
  std::string_view bytes() const { return {chunk->memory.get() + begin, size()}; }
};

class ReceivedQueue {
 public:
  static constexpr size_t kBytesMaxDefault = 64 << 20;

  void set_bytes_max(size_t bytes) { bytes_max_.store(bytes, std::memory_order_relaxed); }

  // The I/O thread.
  void Push(Batch batch);
  // Whether more may be received; if not, Handled() says when it may again. Lifted: see Lift.
  bool HasRoom();

  // Somebody waits for what only the gateway can say (an ack): until the matching Lift(false) there
  // is always room. True: the I/O thread is to be woken.
  bool Lift(bool lift);

  // The handler thread: takes all; waits for some. False: Stop was called.
  bool Take(std::vector<Batch>* batches);
  // That many bytes have been handled. True: the I/O thread waits for room and is to be woken.
  bool Handled(size_t bytes);

  // Any thread but the handler thread: returns when that is not handling what it took before now.
  void AwaitIdle();
  void Stop();

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable idle_;
  std::vector<Batch> batches_;
  std::atomic<size_t> bytes_{0};
  std::atomic<size_t> bytes_max_{kBytesMaxDefault};
  int lifted_ = 0;
  uint64_t takes_ = 0;
  bool reader_waits_ = false;
  bool sleeps_ = false;
  bool stop_ = false;
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_RECEIVED_H_
