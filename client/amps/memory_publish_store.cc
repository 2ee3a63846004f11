#include <condition_variable>
#include <mutex>

#include "amps/publish_store.h"
#include "client/amps/kept_publishes.h"
#include "client/amps/wait_at_most.h"

namespace AMPS {

class MemoryPublishStore::State {
 public:
  explicit State(uint64_t bytes_max) : kept(bytes_max) {}

  mutable std::mutex mutex;
  std::condition_variable emptied;
  internal::KeptPublishes<std::string> kept;
};

MemoryPublishStore::MemoryPublishStore(uint64_t bytes_max)
    : state_(std::make_unique<State>(bytes_max)) {}

MemoryPublishStore::~MemoryPublishStore() = default;

void MemoryPublishStore::store(uint64_t sequence, std::string_view frame) {
  const std::lock_guard lock(state_->mutex);
  state_->kept.CheckAdd(sequence, frame.size());
  state_->kept.Add(std::string(frame));
}

void MemoryPublishStore::discardUpTo(uint64_t sequence) {
  const std::lock_guard lock(state_->mutex);
  state_->kept.DiscardUpTo(sequence);
  if (state_->kept.count() == 0) state_->emptied.notify_all();
}

void MemoryPublishStore::replay(const Replayer& replayer) {
  std::string frame;
  for (uint64_t sequence = 0;;) {
    {
      const std::lock_guard lock(state_->mutex);
      sequence = std::max(sequence, state_->kept.discarded()) + 1;
      const std::string* const kept = state_->kept.Find(sequence);
      if (kept == nullptr) return;
      frame = *kept;
    }
    if (!replayer(sequence, frame)) return;
  }
}

bool MemoryPublishStore::find(uint64_t sequence, std::string* frame) const {
  const std::lock_guard lock(state_->mutex);
  const std::string* const kept = state_->kept.Find(sequence);
  if (kept == nullptr) return false;
  *frame = *kept;
  return true;
}

uint64_t MemoryPublishStore::getLastSequence() const {
  const std::lock_guard lock(state_->mutex);
  return state_->kept.last();
}

uint64_t MemoryPublishStore::getLowestUnpersisted() const {
  const std::lock_guard lock(state_->mutex);
  return state_->kept.lowest();
}

size_t MemoryPublishStore::unpersistedCount() const {
  const std::lock_guard lock(state_->mutex);
  return state_->kept.count();
}

uint64_t MemoryPublishStore::bytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->kept.bytes();
}

bool MemoryPublishStore::flush(long timeout) {
  std::unique_lock lock(state_->mutex);
  return internal::WaitAtMost(state_->emptied, lock, timeout,
                              [&] { return state_->kept.count() == 0; });
}

}  // namespace AMPS
