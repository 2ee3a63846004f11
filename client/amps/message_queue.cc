#include "client/amps/message_queue.h"

#include <algorithm>
#include <utility>

#include "amps/exceptions.h"
#include "client/amps/wait_at_most.h"

namespace AMPS {
MessageStream::Queue::Queue(std::shared_ptr<internal::StreamMemory> memory, Options options)
    : memory_(std::move(memory)),
      on_close_(std::move(options.on_close)),
      carries_deltas_(options.carries_deltas) {}

MessageStream::Queue::~Queue() { Discard(); }

size_t MessageStream::Queue::BytesOf(const Message& message) {
  const Message::Fields& fields = message.fields();
  // What else there is is short.
  return sizeof(Message) + fields.topic.size() + fields.data.size() + fields.sow_key.size();
}

std::string MessageStream::Queue::RecordOf(const Message& message) {
  const auto command = message.getCommandEnum();
  if ((command & (Message::Publish | Message::SOW | Message::OOF)) == 0) return {};
  if (message.getSowKey().empty()) return {};
  std::string record(message.getTopic());
  record.push_back('\0');  // no topic has one
  return record.append(message.getSowKey());
}

bool MessageStream::Queue::HasRoom() const {
  if (depth_max_ != 0 && messages_.size() >= depth_max_) return false;
  return messages_.empty() || memory_->bytes_ < memory_->bytes_max_;
}

bool MessageStream::Queue::Replace(Message& message, const std::string& record) {
  const auto found = waiting_of_.find(record);
  if (found == waiting_of_.end()) return false;
  Message& before = messages_[found->second - taken_];
  memory_->bytes_ += BytesOf(message);
  memory_->bytes_ -= BytesOf(before);
  before = std::move(message);
  return true;
}

bool MessageStream::Queue::Put(const Message& message) {
  Message copy(message);
  std::unique_lock lock(memory_->mutex_);
  while (true) {
    if (is_stopped_) return false;
    std::string record;
    if (conflates_) {
      record = RecordOf(copy);
      if (!record.empty() && Replace(copy, record)) return true;
    }
    if (HasRoom()) {
      if (!record.empty()) waiting_of_.emplace(std::move(record), taken_ + messages_.size());
      break;
    }
    memory_->room_.wait(lock);
  }
  memory_->bytes_ += BytesOf(copy);
  messages_.push_back(std::move(copy));
  if (std::exchange(taker_waits_, false)) {
    lock.unlock();
    not_empty_.notify_one();
  }
  return true;
}

void MessageStream::Queue::Stop() {
  is_stopped_ = true;
  memory_->room_.notify_all();
  not_empty_.notify_all();
}

void MessageStream::Queue::End() { Fail(nullptr); }

void MessageStream::Queue::Fail(std::exception_ptr error) {
  std::function<void()> on_close;  // there is nothing to unsubscribe from
  const std::lock_guard lock(memory_->mutex_);
  if (is_stopped_) return;
  error_ = std::move(error);
  on_close.swap(on_close_);
  Stop();
}

void MessageStream::Queue::PopFront(Message& message) {
  memory_->bytes_ -= BytesOf(messages_.front());
  message = std::move(messages_.front());
  messages_.pop_front();
  if (!waiting_of_.empty()) {
    const auto waiting = waiting_of_.find(RecordOf(message));
    if (waiting != waiting_of_.end() && waiting->second == taken_) waiting_of_.erase(waiting);
  }
  ++taken_;
  // Any queue of the client may be waited for; there is one thread that waits.
  memory_->room_.notify_one();
}

void MessageStream::Queue::TakeBatch() {
  if (conflates_ || depth_max_ != 0) return;
  size_t bytes = 0;
  while (!messages_.empty() && batch_.size() < kBatchMax && bytes < kBatchBytesMax) {
    bytes += BytesOf(messages_.front());
    batch_.push_back(std::move(messages_.front()));
    messages_.pop_front();
    ++taken_;
  }
  if (batch_.empty()) return;
  memory_->bytes_ -= bytes;
  batched_.store(batch_.size(), std::memory_order_relaxed);
  std::reverse(batch_.begin(), batch_.end());
  memory_->room_.notify_one();
}

bool MessageStream::Queue::Next(Message& message) {
  if (!batch_.empty()) {
    message = std::move(batch_.back());
    batch_.pop_back();
    batched_.store(batch_.size(), std::memory_order_relaxed);
    return true;
  }
  std::unique_lock lock(memory_->mutex_);
  const auto is_ready = [&] {
    if (!messages_.empty() || is_stopped_) return true;
    taker_waits_ = true;
    return false;
  };
  if (!internal::WaitAtMost(not_empty_, lock, timeout_ms_, is_ready)) {
    return RunOut(lock, message);
  }
  if (!messages_.empty()) {
    PopFront(message);
    TakeBatch();
    return true;
  }
  if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
  return false;
}

bool MessageStream::Queue::RunOut(std::unique_lock<std::mutex>& lock, Message& message) {
  taker_waits_ = false;
  if (!timeout_ends_stream_) {
    message = Message();
    return true;
  }
  lock.unlock();
  Close();
  return false;
}

void MessageStream::Queue::SetTimeout(long milliseconds, bool ends_stream) {
  const std::lock_guard lock(memory_->mutex_);
  timeout_ms_ = milliseconds;
  timeout_ends_stream_ = ends_stream;
}

void MessageStream::Queue::SetDepthMax(size_t messages) {
  const std::lock_guard lock(memory_->mutex_);
  depth_max_ = messages;
  memory_->room_.notify_all();
}

size_t MessageStream::Queue::depth() const {
  const std::lock_guard lock(memory_->mutex_);
  return messages_.size() + batched_.load(std::memory_order_relaxed);
}

void MessageStream::Queue::Conflate() {
  if (carries_deltas_) {
    throw UsageException("a stream of deltas cannot be conflated: changes would be lost");
  }
  const std::lock_guard lock(memory_->mutex_);
  if (std::exchange(conflates_, true)) return;
  // What waits already stays; of a record the last one is what the next one replaces.
  for (size_t i = 0; i < messages_.size(); ++i) {
    std::string record = RecordOf(messages_[i]);
    if (!record.empty()) waiting_of_[std::move(record)] = taken_ + i;
  }
}

void MessageStream::Queue::Close() {
  std::function<void()> on_close;
  {
    const std::lock_guard lock(memory_->mutex_);
    if (is_stopped_) return;
    on_close = std::exchange(on_close_, nullptr);
    Stop();
  }
  if (on_close) on_close();
}

void MessageStream::Queue::Discard() {
  const std::lock_guard lock(memory_->mutex_);
  for (const Message& message : messages_) memory_->bytes_ -= BytesOf(message);
  taken_ += messages_.size();
  messages_.clear();
  waiting_of_.clear();
  Stop();
}

}  // namespace AMPS
