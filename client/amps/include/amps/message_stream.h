// Messages one after the other, for programs that would rather loop than be called:
//
//   for (AMPS::Message message : client.subscribe("orders", "/price > 100"))
//     std::cout << message.getData() << '\n';
//
// The client puts messages in as they come; what is not taken waits in memory, up to
// setMaxDepth messages, and then in the gateway. The stream of a query ends after its last record;
// that of a subscription when it is closed or the client disconnects for good. Records, messages,
// out-of-focus messages, group begin and end, and the acks that the command asked for.
//
// One thread takes; any thread may close. Destroying it ends the subscription. The client must
// outlive it.
#ifndef AMPS_CPP_MESSAGE_STREAM_H_
#define AMPS_CPP_MESSAGE_STREAM_H_

#include <cstddef>
#include <iterator>
#include <memory>

#include "amps/message.h"

namespace AMPS {

class MessageStream {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Message;
    using difference_type = std::ptrdiff_t;
    using pointer = const Message*;
    using reference = const Message&;

    Iterator() = default;
    explicit Iterator(MessageStream* stream) : stream_(stream) { ++*this; }
    reference operator*() const { return message_; }
    pointer operator->() const { return &message_; }
    Iterator& operator++() {
      if (!stream_->next(message_)) stream_ = nullptr;
      return *this;
    }
    bool operator==(const Iterator& other) const { return stream_ == other.stream_; }
    bool operator!=(const Iterator& other) const { return !(*this == other); }

   private:
    MessageStream* stream_ = nullptr;
    Message message_;
  };

  MessageStream();  // an ended one
  ~MessageStream();
  MessageStream(MessageStream&&) noexcept;
  MessageStream& operator=(MessageStream&&) noexcept;

  // The next message, waiting for it; false at the end. With a time set (below) an empty Message
  // (`!message`) says that it ran out; the stream goes on. DisconnectedException where the
  // connection was lost and nobody brings it back.
  bool next(Message& message);

  // next() waits this long; 0: for ever.
  MessageStream& timeout(long milliseconds);
  // The same, but the end of the time is the end of the stream.
  MessageStream& waitAtMost(long milliseconds);
  // Messages waiting here at most; 0 (at first): as many as the client's memory limit allows. At
  // the limit the client stops reading: the gateway holds the rest.
  MessageStream& setMaxDepth(size_t messages);
  size_t getDepth() const;
  // Only the last message of each record that waits (for topics with State of the World), in the
  // place of the first. UsageException: the stream is of deltas, which cannot stand for each other.
  MessageStream& conflate();

  // Ends the subscription or query; next() returns what waits, then the end.
  void close();

  Iterator begin() { return Iterator(this); }
  Iterator end() { return Iterator(); }

  class Queue;
  explicit MessageStream(std::shared_ptr<Queue> queue);  // the library's

 private:
  std::shared_ptr<Queue> queue_;
};

}  // namespace AMPS

#endif  // AMPS_CPP_MESSAGE_STREAM_H_
