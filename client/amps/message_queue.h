// What waits in a MessageStream: the client puts in, the program takes out. Internal.
#ifndef FLUXGATE_CLIENT_AMPS_MESSAGE_QUEUE_H_
#define FLUXGATE_CLIENT_AMPS_MESSAGE_QUEUE_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "amps/message_stream.h"

namespace AMPS {
namespace internal {

// What all streams of a client hold together. Made by the client, which it may outlive.
class StreamMemory {
 public:
  explicit StreamMemory(size_t bytes_max) : bytes_max_(bytes_max) {}
  void set_bytes_max(size_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes_max_ = bytes;
    room_.notify_all();
  }
  size_t bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  friend class AMPS::MessageStream::Queue;

  mutable std::mutex mutex_;      // of the queues, too
  std::condition_variable room_;  // waited for by whoever puts
  size_t bytes_max_;
  size_t bytes_ = 0;
};

}  // namespace internal

// One thread puts (the client's, which handlers run on), one takes; the rest from any thread.
class MessageStream::Queue {
 public:
  struct Options {
    // The program is done with the stream before its end: unsubscribe. Called at most once, by the
    // thread that closes, without locks. May throw.
    std::function<void()> on_close;
    bool carries_deltas = false;  // cannot be conflated
  };

  Queue(std::shared_ptr<internal::StreamMemory> memory, Options options);
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // ---- The client ----

  // Copies it in, waiting for room: below the depth, and below the limit of the client's streams
  // unless nothing waits here. False: closed or ended; the message is dropped.
  bool Put(const Message& message);
  // No more messages: next() returns what waits, then the end. A waiting Put returns.
  void End();
  // The same, but next() throws `error` before the end. The first of End and Fail counts.
  void Fail(std::exception_ptr error);

  // ---- The program ----

  bool Next(Message& message);
  void SetTimeout(long milliseconds, bool ends_stream);
  void SetDepthMax(size_t messages);
  size_t depth() const;
  void Conflate();  // UsageException: the stream carries deltas
  void Close();
  // Nothing is taken any more either.
  void Discard();

 private:
  static size_t BytesOf(const Message& message);
  static std::string RecordOf(const Message& message);  // empty: of no record
  bool HasRoom() const;                                 // mutex held, as for the following
  bool Replace(Message& message, const std::string& record);
  void PopFront(Message& message);
  void TakeBatch();
  void Stop();
  bool RunOut(std::unique_lock<std::mutex>& lock, Message& message);

  // What the taker takes at once, so that the two threads do not meet at the mutex for each
  // message.
  static constexpr size_t kBatchMax = 64;
  static constexpr size_t kBatchBytesMax = 64 << 10;

  const std::shared_ptr<internal::StreamMemory> memory_;
  std::function<void()> on_close_;
  const bool carries_deltas_;

  // The taker's: taken already, the next one last.
  std::vector<Message> batch_;
  std::atomic<size_t> batched_{0};

  // All under the mutex of memory_.
  std::condition_variable not_empty_;
  bool taker_waits_ = false;
  std::deque<Message> messages_;
  uint64_t taken_ = 0;  // the number of messages_.front()
  // Conflated streams: the number of the message of a record.
  std::unordered_map<std::string, uint64_t> waiting_of_;
  bool conflates_ = false;
  bool is_stopped_ = false;  // ended or closed
  std::exception_ptr error_;
  size_t depth_max_ = 0;
  long timeout_ms_ = 0;
  bool timeout_ends_stream_ = false;
};

}  // namespace AMPS

#endif  // FLUXGATE_CLIENT_AMPS_MESSAGE_QUEUE_H_
