#include "client/amps/bookmark_window.h"

#include <algorithm>
#include <utility>

namespace AMPS::internal {

const BookmarkWindow::Entry* BookmarkWindow::Find(std::string_view bookmark) const {
  const auto found = numbers_.find(bookmark);
  return found == numbers_.end() ? nullptr : &entries_[found->second - passed_];
}

BookmarkWindow::Entry* BookmarkWindow::Find(std::string_view bookmark) {
  return const_cast<Entry*>(std::as_const(*this).Find(bookmark));
}

bool BookmarkWindow::Log(std::string_view bookmark) {
  const auto found = numbers_.find(bookmark);
  if (found == numbers_.end()) {
    DropExpectedBefore(passed_ + entries_.size());
    // A deque does not move what it has.
    entries_.push_back({std::string(bookmark), State::kHad});
    numbers_.emplace(entries_.back().bookmark, passed_ + entries_.size() - 1);
    ++undiscarded_;
    bytes_ += bookmark.size();
    return true;
  }
  const uint64_t number = found->second;
  Entry& entry = entries_[number - passed_];
  if (entry.state != State::kExpected) return false;
  entry.state = State::kHad;
  --expected_;
  DropExpectedBefore(number);
  return true;
}

// The gateway sends in order: what has not come before a later one does not come.
void BookmarkWindow::DropExpectedBefore(uint64_t number) {
  if (expected_ == 0) return;
  for (size_t i = 0; i < number - passed_; ++i) {
    if (entries_[i].state == State::kExpected) MarkDiscarded(entries_[i]);
  }
  Advance();
}

void BookmarkWindow::MarkDiscarded(Entry& entry) {
  if (entry.state == State::kExpected) --expected_;
  entry.state = State::kDiscarded;
  --undiscarded_;
}

bool BookmarkWindow::Discard(std::string_view bookmark) {
  Entry* const entry = Find(bookmark);
  if (entry == nullptr || entry->state == State::kDiscarded) return false;
  MarkDiscarded(*entry);
  Advance();
  return true;
}

bool BookmarkWindow::Persisted(std::string_view bookmark) {
  const auto found = numbers_.find(bookmark);
  if (found == numbers_.end() || found->second < persisted_) return false;
  hears_of_persisted_ = true;
  persisted_ = found->second + 1;
  Advance();
  return true;
}

void BookmarkWindow::Advance() {
  while (!entries_.empty() && entries_.front().state == State::kDiscarded) {
    if (hears_of_persisted_ && passed_ >= persisted_) return;
    numbers_.erase(entries_.front().bookmark);
    bytes_ -= entries_.front().bookmark.size();
    most_recent_ = std::move(entries_.front().bookmark);
    entries_.pop_front();
    ++passed_;
  }
}

bool BookmarkWindow::IsDiscarded(std::string_view bookmark) const {
  const Entry* const entry = Find(bookmark);
  if (entry == nullptr) return !most_recent_.empty() && bookmark == most_recent_;
  return entry->state != State::kExpected;
}

void BookmarkWindow::ForgetWhoHasThem() {
  for (Entry& entry : entries_) {
    if (entry.state != State::kHad) continue;
    entry.state = State::kExpected;
    ++expected_;
  }
}

void BookmarkWindow::Tell(const Teller& teller) const {
  if (!most_recent_.empty()) teller.most_recent(most_recent_);
  for (const Entry& entry : entries_) teller.log(entry.bookmark);
  // Before any is discarded, so that none is passed that is not persisted.
  if (hears_of_persisted_ && persisted_ > passed_) {
    teller.persisted(entries_[persisted_ - passed_ - 1].bookmark);
  }
  for (const Entry& entry : entries_) {
    if (entry.state == State::kDiscarded) teller.discard(entry.bookmark);
  }
}

}  // namespace AMPS::internal
