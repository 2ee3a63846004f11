#include <mutex>

#include "amps/bookmark_store.h"
#include "client/amps/bookmark_windows.h"

namespace AMPS {

class MemoryBookmarkStore::State {
 public:
  explicit State(size_t bookmarks_max) : windows(bookmarks_max) {}

  mutable std::mutex mutex;
  internal::BookmarkWindows windows;
};

MemoryBookmarkStore::MemoryBookmarkStore(size_t undiscarded_max)
    : state_(std::make_unique<State>(undiscarded_max)) {}

MemoryBookmarkStore::~MemoryBookmarkStore() = default;

void MemoryBookmarkStore::log(std::string_view sub_id, std::string_view bookmark) {
  const std::lock_guard lock(state_->mutex);
  state_->windows.CheckLog(sub_id, bookmark);
  state_->windows.Get(sub_id).Log(bookmark);
}

void MemoryBookmarkStore::discard(std::string_view sub_id, std::string_view bookmark) {
  const std::lock_guard lock(state_->mutex);
  internal::BookmarkWindow* const window = state_->windows.Find(sub_id);
  if (window != nullptr) window->Discard(bookmark);
}

bool MemoryBookmarkStore::isDiscarded(std::string_view sub_id, std::string_view bookmark) {
  const std::lock_guard lock(state_->mutex);
  return state_->windows.IsDiscarded(sub_id, bookmark);
}

std::string MemoryBookmarkStore::getMostRecent(std::string_view sub_id) {
  const std::lock_guard lock(state_->mutex);
  return state_->windows.MostRecent(sub_id);
}

void MemoryBookmarkStore::persisted(std::string_view sub_id, std::string_view bookmark) {
  const std::lock_guard lock(state_->mutex);
  internal::BookmarkWindow* const window = state_->windows.Find(sub_id);
  if (window != nullptr) window->Persisted(bookmark);
}

void MemoryBookmarkStore::purge(std::string_view sub_id) {
  const std::lock_guard lock(state_->mutex);
  state_->windows.Purge(sub_id);
}

void MemoryBookmarkStore::purge() {
  const std::lock_guard lock(state_->mutex);
  state_->windows.Purge();
}

size_t MemoryBookmarkStore::undiscardedCount(std::string_view sub_id) const {
  const std::lock_guard lock(state_->mutex);
  return state_->windows.Undiscarded(sub_id);
}

}  // namespace AMPS
