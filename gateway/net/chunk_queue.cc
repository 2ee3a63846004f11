#include "gateway/net/chunk_queue.h"

#include <algorithm>

namespace fluxgate::net {

std::unique_ptr<Chunk> ChunkPool::Take() {
  if (free_.empty()) return std::unique_ptr<Chunk>(new Chunk);  // data stays uninitialised
  std::unique_ptr<Chunk> chunk = std::move(free_.back());
  free_.pop_back();
  return chunk;
}

void ChunkPool::Give(std::unique_ptr<Chunk> chunk) {
  if (free_.size() >= kKeptMax) return;
  chunk->begin = 0;
  chunk->end = 0;
  free_.push_back(std::move(chunk));
}

void ChunkQueue::AppendSlow(std::string_view bytes) {
  while (!bytes.empty()) {
    if (last_ == nullptr || last_->end == Chunk::kBytes) {
      std::unique_ptr<Chunk> chunk = pool_.Take();
      Chunk* added = chunk.get();
      (last_ == nullptr ? first_ : last_->next) = std::move(chunk);
      last_ = added;
    }
    const size_t size = std::min(bytes.size(), Chunk::kBytes - last_->end);
    std::memcpy(last_->data + last_->end, bytes.data(), size);
    last_->end += size;
    size_ += size;
    bytes.remove_prefix(size);
  }
}

int ChunkQueue::Peek(iovec* pieces, int count) const {
  int filled = 0;
  for (Chunk* chunk = first_.get(); chunk != nullptr && filled < count; chunk = chunk->next.get()) {
    if (chunk->begin == chunk->end) continue;
    pieces[filled].iov_base = chunk->data + chunk->begin;
    pieces[filled].iov_len = chunk->end - chunk->begin;
    ++filled;
  }
  return filled;
}

void ChunkQueue::Consume(size_t bytes) {
  size_ -= bytes;
  while (first_ != nullptr) {
    const size_t size = std::min(bytes, first_->end - first_->begin);
    first_->begin += size;
    bytes -= size;
    if (first_->begin != first_->end) return;
    std::unique_ptr<Chunk> next = std::move(first_->next);
    pool_.Give(std::move(first_));
    first_ = std::move(next);
    if (first_ == nullptr) last_ = nullptr;
  }
}

void ChunkQueue::Clear() { Consume(size_); }

}  // namespace fluxgate::net
