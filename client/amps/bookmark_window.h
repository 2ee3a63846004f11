// Where one subscription has got to: the bookmarks from the first one on that the program is not
// done with, in order of arrival. Internal; one thread at a time.
#ifndef FLUXGATE_CLIENT_AMPS_BOOKMARK_WINDOW_H_
#define FLUXGATE_CLIENT_AMPS_BOOKMARK_WINDOW_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace AMPS::internal {

class BookmarkWindow {
 public:
  BookmarkWindow() = default;
  BookmarkWindow(const BookmarkWindow&) = delete;
  BookmarkWindow& operator=(const BookmarkWindow&) = delete;

  // Called for what a new window has to be told to become like this one.
  struct Teller {
    std::function<void(std::string_view bookmark)> most_recent;
    std::function<void(std::string_view bookmark)> log;
    std::function<void(std::string_view bookmark)> discard;
    std::function<void(std::string_view bookmark)> persisted;
  };

  // Each of these says whether anything has changed.
  bool Log(std::string_view bookmark);
  bool Discard(std::string_view bookmark);
  bool Persisted(std::string_view bookmark);
  void SetMostRecent(std::string_view bookmark) { most_recent_ = bookmark; }

  bool IsDiscarded(std::string_view bookmark) const;
  // Log would add to the window.
  bool IsNew(std::string_view bookmark) const { return Find(bookmark) == nullptr; }
  // Those that are not discarded will come again: the program that had them is gone.
  void ForgetWhoHasThem();
  void Tell(const Teller& teller) const;

  const std::string& most_recent() const { return most_recent_; }  // empty: none yet
  size_t size() const { return entries_.size(); }
  size_t undiscarded() const { return undiscarded_; }
  // Of all bookmarks in the window.
  uint64_t bytes() const { return bytes_; }

 private:
  enum class State { kHad, kExpected, kDiscarded };  // by the program; once more; for good
  struct Entry {
    std::string bookmark;
    State state;
  };

  const Entry* Find(std::string_view bookmark) const;
  Entry* Find(std::string_view bookmark);
  void DropExpectedBefore(uint64_t number);
  void MarkDiscarded(Entry& entry);
  void Advance();

  std::deque<Entry> entries_;
  uint64_t passed_ = 0;                                     // the number of entries_.front()
  std::unordered_map<std::string_view, uint64_t> numbers_;  // views of entries_
  std::string most_recent_;
  size_t undiscarded_ = 0;
  size_t expected_ = 0;
  uint64_t bytes_ = 0;
  bool hears_of_persisted_ = false;
  uint64_t persisted_ = 0;  // those with lower numbers
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_BOOKMARK_WINDOW_H_
