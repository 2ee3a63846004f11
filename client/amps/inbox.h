// Messages as a handler got them, to be waited for. For tests.
#ifndef FLUXGATE_CLIENT_AMPS_INBOX_H_
#define FLUXGATE_CLIENT_AMPS_INBOX_H_

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "amps/message_handler.h"

namespace AMPS {

class Inbox {
 public:
  MessageHandler handler() {
    return [this](Message& message) { Put(message); };
  }
  void Put(const Message& message) {
    const std::lock_guard lock(mutex_);
    messages_.push_back(message);
    changed_.notify_all();
  }
  std::vector<Message> Await(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20),
                                  [&] { return messages_.size() >= count; }))
        << messages_.size() << " of " << count;
    messages_.resize(std::max(messages_.size(), count));
    return messages_;
  }
  size_t size() {
    const std::lock_guard lock(mutex_);
    return messages_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Message> messages_;
};

// Something that happens once.
class Signal {
 public:
  void Set() {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
    changed_.notify_all();
  }
  bool Await(std::chrono::milliseconds time = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return is_set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
};

}  // namespace AMPS

#endif  // FLUXGATE_CLIENT_AMPS_INBOX_H_
