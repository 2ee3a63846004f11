// Records: what was done (a letter), 4 bytes length of the subscription's id, the id, the bookmark.
#include <mutex>

#include "amps/bookmark_store.h"
#include "client/amps/bookmark_windows.h"
#include "client/amps/record_file.h"

namespace AMPS {
namespace {

constexpr std::string_view kMagic = "FGbook01";
static_assert(kMagic.size() == internal::RecordFile::kMagicBytes);
constexpr char kLog = 'l';
constexpr char kDiscard = 'd';
constexpr char kPersisted = 'p';
constexpr char kMostRecent = 'm';
constexpr char kPurge = 'x';
constexpr char kPurgeAll = 'X';
constexpr size_t kHeadBytes = 1 + sizeof(uint32_t);

std::string Head(char what, std::string_view sub_id) {
  const auto size = static_cast<uint32_t>(sub_id.size());
  char bytes[sizeof(size)];
  std::memcpy(bytes, &size, sizeof(size));
  return std::string(1, what).append(bytes, sizeof(bytes)).append(sub_id);
}

}  // namespace

class LoggedBookmarkStore::State {
 public:
  State(const std::string& path, size_t bookmarks_max)
      : windows(bookmarks_max),
        file(path, kMagic, /*syncs=*/false,
             [this](uint64_t, std::string_view record) { return ReadIn(record); }) {
    for (auto& [sub_id, window] : windows.all()) window.ForgetWhoHasThem();
  }

  std::string ReadIn(std::string_view record) {
    constexpr char kUnknown[] = "the record is of no known kind";
    if (record.size() < kHeadBytes) return kUnknown;
    uint32_t size;
    std::memcpy(&size, record.data() + 1, sizeof(size));
    if (size > record.size() - kHeadBytes) return kUnknown;
    const std::string_view sub_id = record.substr(kHeadBytes, size);
    const std::string_view bookmark = record.substr(kHeadBytes + size);
    switch (record[0]) {
      case kLog:
        // Another run had those before.
        if (windows.Get(sub_id).IsDiscarded(bookmark)) return {};
        windows.Get(sub_id).Log(bookmark);
        return {};
      case kDiscard:
        windows.Get(sub_id).Discard(bookmark);
        return {};
      case kPersisted:
        windows.Get(sub_id).Persisted(bookmark);
        return {};
      case kMostRecent:
        windows.Get(sub_id).SetMostRecent(bookmark);
        return {};
      case kPurge:
        windows.Purge(sub_id);
        return {};
      case kPurgeAll:
        windows.Purge();
        return {};
      default:
        return kUnknown;
    }
  }

  // What a new file would be, or more.
  uint64_t LiveBytes() const {
    uint64_t bytes = 0;
    for (const auto& [sub_id, window] : windows.all()) {
      const uint64_t record_bytes =
          internal::RecordFile::kRecordHeaderBytes + kHeadBytes + sub_id.size();
      bytes += 2 * (window.bytes() + window.size() * record_bytes);
    }
    return bytes;
  }

  void MakeSmallerIfDue() {
    if (file.size() < look_above) return;
    if (!file.WantsRewrite(LiveBytes())) {
      look_above = file.size() + internal::RecordFile::kDeadBytesMin / 4;  // looking takes time
      return;
    }
    look_above = 0;
    file.Rewrite([&](const internal::RecordFile::Appender& append) {
      for (const auto& [id, window] : windows.all()) {
        const auto writer = [&append, &id = id](char what) {
          return [&append, head = Head(what, id)](std::string_view bookmark) {
            append(head, bookmark);
          };
        };
        window.Tell({.most_recent = writer(kMostRecent),
                     .log = writer(kLog),
                     .discard = writer(kDiscard),
                     .persisted = writer(kPersisted)});
      }
    });
  }

  mutable std::mutex mutex;
  internal::BookmarkWindows windows;
  uint64_t look_above = 0;
  internal::RecordFile file;
};

LoggedBookmarkStore::LoggedBookmarkStore(const std::string& path, size_t undiscarded_max)
    : state_(std::make_unique<State>(path, undiscarded_max)) {}

LoggedBookmarkStore::~LoggedBookmarkStore() = default;

void LoggedBookmarkStore::log(std::string_view sub_id, std::string_view bookmark) {
  const std::lock_guard lock(state_->mutex);
  state_->windows.CheckLog(sub_id, bookmark);
  if (state_->windows.IsDiscarded(sub_id, bookmark)) return;
  state_->file.Append(Head(kLog, sub_id), bookmark);
  state_->windows.Get(sub_id).Log(bookmark);
}

void LoggedBookmarkStore::discard(std::string_view sub_id, std::string_view bookmark) {
  const std::lock_guard lock(state_->mutex);
  internal::BookmarkWindow* const window = state_->windows.Find(sub_id);
  if (window == nullptr || window->IsNew(bookmark)) return;
  state_->file.Append(Head(kDiscard, sub_id), bookmark);
  window->Discard(bookmark);
  state_->MakeSmallerIfDue();
}

bool LoggedBookmarkStore::isDiscarded(std::string_view sub_id, std::string_view bookmark) {
  const std::lock_guard lock(state_->mutex);
  return state_->windows.IsDiscarded(sub_id, bookmark);
}

std::string LoggedBookmarkStore::getMostRecent(std::string_view sub_id) {
  const std::lock_guard lock(state_->mutex);
  return state_->windows.MostRecent(sub_id);
}

void LoggedBookmarkStore::persisted(std::string_view sub_id, std::string_view bookmark) {
  const std::lock_guard lock(state_->mutex);
  internal::BookmarkWindow* const window = state_->windows.Find(sub_id);
  if (window == nullptr || window->IsNew(bookmark)) return;
  state_->file.Append(Head(kPersisted, sub_id), bookmark);
  window->Persisted(bookmark);
}

void LoggedBookmarkStore::purge(std::string_view sub_id) {
  const std::lock_guard lock(state_->mutex);
  if (state_->windows.Find(sub_id) == nullptr) return;
  state_->file.Append(Head(kPurge, sub_id), {});
  state_->windows.Purge(sub_id);
}

void LoggedBookmarkStore::purge() {
  const std::lock_guard lock(state_->mutex);
  state_->file.Append(Head(kPurgeAll, {}), {});
  state_->windows.Purge();
}

size_t LoggedBookmarkStore::undiscardedCount(std::string_view sub_id) const {
  const std::lock_guard lock(state_->mutex);
  return state_->windows.Undiscarded(sub_id);
}

}  // namespace AMPS
