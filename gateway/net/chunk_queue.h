// A queue of bytes in chunks: appended at the back, written to a socket from the front. Chunks come
// from a pool and go back as soon as they are empty, so an idle queue holds no memory. One thread.
#ifndef FLUXGATE_GATEWAY_NET_CHUNK_QUEUE_H_
#define FLUXGATE_GATEWAY_NET_CHUNK_QUEUE_H_

#include <sys/uio.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace fluxgate::net {

struct Chunk {
  static constexpr size_t kBytes = 128 * 1024;
  size_t begin = 0;
  size_t end = 0;
  std::unique_ptr<Chunk> next;
  char data[kBytes];
};

class ChunkPool {
 public:
  std::unique_ptr<Chunk> Take();
  void Give(std::unique_ptr<Chunk> chunk);

 private:
  // Enough for the working set of a busy reactor; what is above goes back to the system.
  static constexpr size_t kKeptMax = 128;
  std::vector<std::unique_ptr<Chunk>> free_;
};

class ChunkQueue {
 public:
  explicit ChunkQueue(ChunkPool& pool) : pool_(pool) {}
  ~ChunkQueue() { Clear(); }
  ChunkQueue(const ChunkQueue&) = delete;
  ChunkQueue& operator=(const ChunkQueue&) = delete;

  void Append(std::string_view bytes) {
    if (char* space = TryReserve(bytes.size())) {
      std::memcpy(space, bytes.data(), bytes.size());
    } else {
      AppendSlow(bytes);
    }
  }

  // Contiguous space for `size` bytes at the back, counted as appended; null when the last chunk
  // has less room left (Append then splits).
  char* TryReserve(size_t size) {
    if (last_ == nullptr || Chunk::kBytes - last_->end < size) return nullptr;
    char* space = last_->data + last_->end;
    last_->end += size;
    size_ += size;
    return space;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The first bytes as at most `count` pieces; returns how many were filled in.
  int Peek(iovec* pieces, int count) const;
  // Drops `bytes` from the front.
  void Consume(size_t bytes);
  void Clear();

 private:
  void AppendSlow(std::string_view bytes);

  ChunkPool& pool_;
  std::unique_ptr<Chunk> first_;
  Chunk* last_ = nullptr;
  size_t size_ = 0;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_CHUNK_QUEUE_H_
