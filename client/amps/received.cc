#include "client/amps/received.h"

#include <utility>

namespace AMPS::internal {

std::shared_ptr<Chunk> ChunkPool::Get(size_t bytes_min) {
  std::unique_ptr<Chunk> chunk;
  if (bytes_min > kChunkBytes) return std::make_shared<Chunk>(bytes_min);
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->unused.empty()) {
      chunk = std::move(shared_->unused.back());
      shared_->unused.pop_back();
    }
  }
  if (chunk == nullptr) chunk = std::make_unique<Chunk>(kChunkBytes);
  return {chunk.release(), [shared = shared_](Chunk* used) {
            std::unique_ptr<Chunk> owned(used);
            const std::lock_guard lock(shared->mutex);
            if (shared->unused.size() < kKeptMax) shared->unused.push_back(std::move(owned));
          }};
}

void ReceivedQueue::Push(Batch batch) {
  bool wake;
  {
    const std::lock_guard lock(mutex_);
    bytes_.fetch_add(batch.size(), std::memory_order_relaxed);
    Batch* const last = batches_.empty() ? nullptr : &batches_.back();
    if (last != nullptr && last->chunk != nullptr && last->chunk == batch.chunk &&
        last->end == batch.begin) {
      last->end = batch.end;
    } else {
      batches_.push_back(std::move(batch));
    }
    wake = std::exchange(sleeps_, false);
  }
  if (wake) arrived_.notify_one();
}

bool ReceivedQueue::HasRoom() {
  const auto has_room = [this] {
    return bytes_.load(std::memory_order_relaxed) < bytes_max_.load(std::memory_order_relaxed);
  };
  if (has_room()) [[likely]]
    return true;
  const std::lock_guard lock(mutex_);
  reader_waits_ = lifted_ == 0 && !has_room();
  return !reader_waits_;
}

bool ReceivedQueue::Lift(bool lift) {
  const std::lock_guard lock(mutex_);
  lifted_ += lift ? 1 : -1;
  return lift && std::exchange(reader_waits_, false);
}

bool ReceivedQueue::Take(std::vector<Batch>* batches) {
  batches->clear();
  std::unique_lock lock(mutex_);
  ++takes_;
  idle_.notify_all();
  if (batches_.empty() && !stop_) {
    arrived_.wait(lock, [this] {
      sleeps_ = batches_.empty() && !stop_;
      return !sleeps_;
    });
  }
  if (stop_) return false;
  batches_.swap(*batches);
  ++takes_;
  return true;
}

bool ReceivedQueue::Handled(size_t bytes) {
  const size_t max = bytes_max_.load(std::memory_order_relaxed);
  const size_t before = bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  // Only the step below the limit can be what the I/O thread waits for.
  if (before < max || before - bytes >= max) return false;
  const std::lock_guard lock(mutex_);
  return std::exchange(reader_waits_, false);
}

void ReceivedQueue::AwaitIdle() {
  std::unique_lock lock(mutex_);
  // Odd: it waits for more, or is about to.
  if (takes_ % 2 == 1 || takes_ == 0) return;
  const uint64_t busy = takes_;
  idle_.wait(lock, [this, busy] { return takes_ != busy; });
}

void ReceivedQueue::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    sleeps_ = false;
  }
  arrived_.notify_all();
}

}  // namespace AMPS::internal
