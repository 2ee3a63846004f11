#include "amps/message_stream.h"

#include <utility>

#include "amps/exceptions.h"
#include "client/amps/message_queue.h"

namespace AMPS {

MessageStream::MessageStream() = default;
MessageStream::MessageStream(std::shared_ptr<Queue> queue) : queue_(std::move(queue)) {}
MessageStream::MessageStream(MessageStream&&) noexcept = default;

MessageStream& MessageStream::operator=(MessageStream&& other) noexcept {
  MessageStream before(std::exchange(queue_, std::exchange(other.queue_, nullptr)));
  return *this;
}

MessageStream::~MessageStream() {
  if (queue_ == nullptr) return;
  try {
    queue_->Close();
  } catch (const std::exception&) {
    // The connection is gone, and the subscription with it.
  }
  queue_->Discard();
}

bool MessageStream::next(Message& message) { return queue_ != nullptr && queue_->Next(message); }

MessageStream& MessageStream::timeout(long milliseconds) {
  if (queue_ != nullptr) queue_->SetTimeout(milliseconds, /*ends_stream=*/false);
  return *this;
}

MessageStream& MessageStream::waitAtMost(long milliseconds) {
  if (queue_ != nullptr) queue_->SetTimeout(milliseconds, /*ends_stream=*/true);
  return *this;
}

MessageStream& MessageStream::setMaxDepth(size_t messages) {
  if (queue_ != nullptr) queue_->SetDepthMax(messages);
  return *this;
}

size_t MessageStream::getDepth() const { return queue_ == nullptr ? 0 : queue_->depth(); }

MessageStream& MessageStream::conflate() {
  if (queue_ != nullptr) queue_->Conflate();
  return *this;
}

void MessageStream::close() {
  if (queue_ != nullptr) queue_->Close();
}

}  // namespace AMPS
