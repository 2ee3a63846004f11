// How far each subscription has got: so that one that is put back after a reconnect (or by the next
// run) goes on where it was, and nothing is handled twice.
//
// A message is logged when it arrives and discarded when the program is done with it. What the
// gateway is asked to go on after is the last one before which all are discarded; where the gateway
// says what it has stored (persisted), not one behind that.
#ifndef AMPS_CPP_BOOKMARK_STORE_H_
#define AMPS_CPP_BOOKMARK_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "amps/message.h"

namespace AMPS {

// Any thread. Subscriptions are named by their ids: a program that wants to go on in its next run
// gives them itself.
class BookmarkStore {
 public:
  virtual ~BookmarkStore() = default;
  // A message has come, that isDiscarded did not know. StoreException: full, or cannot be written;
  // nothing has changed then.
  virtual void log(std::string_view sub_id, std::string_view bookmark) = 0;
  // The program is done with it. Unknown ones do nothing.
  virtual void discard(std::string_view sub_id, std::string_view bookmark) = 0;
  // Whether a message that has come is to be dropped: the program was done with it before, or has
  // had it in this run and is not done yet. Asked before it is logged. Nothing is remembered of
  // what getMostRecent is behind of: the gateway does not send it again.
  virtual bool isDiscarded(std::string_view sub_id, std::string_view bookmark) = 0;
  // Where to go on: "0" where nothing was discarded yet.
  virtual std::string getMostRecent(std::string_view sub_id) = 0;
  // All that came up to `bookmark` is stored by the gateway (persisted acks of the subscription).
  // Unknown ones do nothing.
  virtual void persisted(std::string_view sub_id, std::string_view bookmark) = 0;
  // Forgets the subscription, or all.
  virtual void purge(std::string_view sub_id) = 0;
  virtual void purge() = 0;
  virtual size_t undiscardedCount(std::string_view sub_id) const = 0;

  void discard(const Message& message) {
    discard(message.getSubscriptionId(), message.getBookmark());
  }
};

// In memory: survives the connection, not the process.
class MemoryBookmarkStore final : public BookmarkStore {
 public:
  // Messages of one subscription from the first on that the program is not done with.
  static constexpr size_t kUndiscardedMaxDefault = 1'000'000;
  explicit MemoryBookmarkStore(size_t undiscarded_max = kUndiscardedMaxDefault);
  ~MemoryBookmarkStore() override;
  void log(std::string_view sub_id, std::string_view bookmark) override;
  using BookmarkStore::discard;
  void discard(std::string_view sub_id, std::string_view bookmark) override;
  bool isDiscarded(std::string_view sub_id, std::string_view bookmark) override;
  std::string getMostRecent(std::string_view sub_id) override;
  void persisted(std::string_view sub_id, std::string_view bookmark) override;
  void purge(std::string_view sub_id) override;
  void purge() override;
  size_t undiscardedCount(std::string_view sub_id) const override;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

// In a file, as a log that is written anew when most of it is of no use any more. Lock, damage and
// size: as of a PublishStore. What a run was not done with is new to the next one.
class LoggedBookmarkStore final : public BookmarkStore {
 public:
  explicit LoggedBookmarkStore(
      const std::string& path,
      size_t undiscarded_max = MemoryBookmarkStore::kUndiscardedMaxDefault);
  ~LoggedBookmarkStore() override;
  void log(std::string_view sub_id, std::string_view bookmark) override;
  using BookmarkStore::discard;
  void discard(std::string_view sub_id, std::string_view bookmark) override;
  bool isDiscarded(std::string_view sub_id, std::string_view bookmark) override;
  std::string getMostRecent(std::string_view sub_id) override;
  void persisted(std::string_view sub_id, std::string_view bookmark) override;
  void purge(std::string_view sub_id) override;
  void purge() override;
  size_t undiscardedCount(std::string_view sub_id) const override;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

}  // namespace AMPS

#endif  // AMPS_CPP_BOOKMARK_STORE_H_
