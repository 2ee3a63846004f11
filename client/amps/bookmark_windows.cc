#include "client/amps/bookmark_windows.h"

#include "amps/client.h"
#include "amps/exceptions.h"

namespace AMPS::internal {

void BookmarkWindows::CheckLog(std::string_view sub_id, std::string_view bookmark) const {
  const BookmarkWindow* const window = Find(sub_id);
  const size_t size = window == nullptr ? 0 : window->size();
  if (size < bookmarks_max_ || (window != nullptr && !window->IsNew(bookmark))) return;
  throw StoreException("the bookmark store is full: subscription \"" + std::string(sub_id) +
                       "\" has " + std::to_string(size) +
                       " messages from the first on that is not discarded");
}

BookmarkWindow& BookmarkWindows::Get(std::string_view sub_id) {
  if (BookmarkWindow* const window = Find(sub_id); window != nullptr) return *window;
  return windows_[std::string(sub_id)];
}

const BookmarkWindow* BookmarkWindows::Find(std::string_view sub_id) const {
  const auto found = windows_.find(sub_id);
  return found == windows_.end() ? nullptr : &found->second;
}

BookmarkWindow* BookmarkWindows::Find(std::string_view sub_id) {
  const auto found = windows_.find(sub_id);
  return found == windows_.end() ? nullptr : &found->second;
}

void BookmarkWindows::Purge(std::string_view sub_id) {
  const auto found = windows_.find(sub_id);
  if (found != windows_.end()) windows_.erase(found);
}

bool BookmarkWindows::IsDiscarded(std::string_view sub_id, std::string_view bookmark) const {
  const BookmarkWindow* const window = Find(sub_id);
  return window != nullptr && window->IsDiscarded(bookmark);
}

std::string BookmarkWindows::MostRecent(std::string_view sub_id) const {
  const BookmarkWindow* const window = Find(sub_id);
  if (window == nullptr || window->most_recent().empty()) return Client::Bookmarks::EPOCH;
  return window->most_recent();
}

size_t BookmarkWindows::Undiscarded(std::string_view sub_id) const {
  const BookmarkWindow* const window = Find(sub_id);
  return window == nullptr ? 0 : window->undiscarded();
}

}  // namespace AMPS::internal
