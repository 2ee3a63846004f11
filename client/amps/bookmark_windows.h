// The windows of all subscriptions, which both bookmark stores have. Internal; one thread at a
// time.
#ifndef FLUXGATE_CLIENT_AMPS_BOOKMARK_WINDOWS_H_
#define FLUXGATE_CLIENT_AMPS_BOOKMARK_WINDOWS_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "client/amps/bookmark_window.h"

namespace AMPS::internal {

class BookmarkWindows {
 public:
  explicit BookmarkWindows(size_t bookmarks_max) : bookmarks_max_(bookmarks_max) {}

  // StoreException: Log would go above the limit.
  void CheckLog(std::string_view sub_id, std::string_view bookmark) const;
  BookmarkWindow& Get(std::string_view sub_id);               // makes it
  const BookmarkWindow* Find(std::string_view sub_id) const;  // null: there is none
  BookmarkWindow* Find(std::string_view sub_id);
  void Purge(std::string_view sub_id);
  void Purge() { windows_.clear(); }

  bool IsDiscarded(std::string_view sub_id, std::string_view bookmark) const;
  std::string MostRecent(std::string_view sub_id) const;
  size_t Undiscarded(std::string_view sub_id) const;

  auto& all() { return windows_; }
  const auto& all() const { return windows_; }

 private:
  const size_t bookmarks_max_;
  std::map<std::string, BookmarkWindow, std::less<>> windows_;
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_BOOKMARK_WINDOWS_H_
