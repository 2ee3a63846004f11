#include "amps/message_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "amps/exceptions.h"
#include "client/amps/message_queue.h"

namespace AMPS {
namespace {

constexpr size_t kBytesMax = 1 << 20;

Message Make(Message::Command command, std::string_view data, std::string_view key = {},
             std::string_view topic = "orders") {
  Message::Fields fields;
  fields.command = command;
  fields.topic = topic;
  fields.data = data;
  fields.sow_key = key;
  return Message(fields);
}

Message Published(std::string_view data, std::string_view key = {}) {
  return Make(Message::Publish, data, key);
}

class MessageStreamTest : public ::testing::Test {
 protected:
  std::shared_ptr<MessageStream::Queue> MakeQueue(bool carries_deltas = false) {
    return std::make_shared<MessageStream::Queue>(
        memory_, MessageStream::Queue::Options{[this] { ++closed_; }, carries_deltas});
  }

  std::vector<std::string> TakeAll(MessageStream& stream) {
    std::vector<std::string> bodies;
    for (const Message& message : stream) bodies.emplace_back(message.getData());
    return bodies;
  }

  // Puts on a thread of its own; waits until that waits for room.
  std::thread PutBlocked(MessageStream::Queue& queue, std::string_view data,
                         std::atomic<int>* result) {
    return std::thread([&queue, data, result] { *result = queue.Put(Published(data)) ? 1 : 0; });
  }

  void ExpectNoChange(const std::atomic<int>& result) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(result, -1);
  }

  std::shared_ptr<internal::StreamMemory> memory_ =
      std::make_shared<internal::StreamMemory>(kBytesMax);
  std::atomic<int> closed_ = 0;
};

TEST_F(MessageStreamTest, OneWithoutAQueueIsAtItsEnd) {
  MessageStream stream;
  Message message;
  EXPECT_FALSE(stream.next(message));
  EXPECT_TRUE(stream.begin() == stream.end());
  EXPECT_EQ(stream.getDepth(), 0u);
  stream.timeout(1).waitAtMost(1).setMaxDepth(1).conflate().close();
}

TEST_F(MessageStreamTest, MessagesComeInOrderAndThenTheEnd) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  {
    const std::string received = "first,second";
    EXPECT_TRUE(queue->Put(Published(std::string_view(received).substr(0, 5))));
    EXPECT_TRUE(queue->Put(Published(std::string_view(received).substr(6))));
  }
  EXPECT_EQ(stream.getDepth(), 2u);
  queue->End();
  EXPECT_FALSE(queue->Put(Published("too late")));
  EXPECT_EQ(TakeAll(stream), (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(memory_->bytes(), 0u);
}

TEST_F(MessageStreamTest, WaitsForTheNextMessage) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  std::thread putter([&] {
    for (int i = 0; i < 1000; ++i) queue->Put(Published(std::to_string(i)));
    queue->End();
  });
  Message message;
  int next = 0;
  while (stream.next(message)) EXPECT_EQ(message.getData(), std::to_string(next++));
  putter.join();
  EXPECT_EQ(next, 1000);
}

TEST_F(MessageStreamTest, AnErrorComesAfterWhatWaitsAndOnce) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  queue->Put(Published("last"));
  queue->Fail(std::make_exception_ptr(DisconnectedException("the gateway is gone")));
  queue->End();  // the first counts
  Message message;
  ASSERT_TRUE(stream.next(message));
  EXPECT_EQ(message.getData(), "last");
  EXPECT_THROW(stream.next(message), DisconnectedException);
  EXPECT_FALSE(stream.next(message));
}

TEST_F(MessageStreamTest, CloseUnsubscribesOnceAndLeavesWhatWaits) {
  auto queue = MakeQueue();
  {
    MessageStream stream(queue);
    queue->Put(Published("kept"));
    stream.close();
    stream.close();
    EXPECT_EQ(closed_, 1);
    EXPECT_FALSE(queue->Put(Published("dropped")));
    EXPECT_EQ(TakeAll(stream), std::vector<std::string>{"kept"});
  }
  EXPECT_EQ(closed_, 1);
}

TEST_F(MessageStreamTest, DestroyingUnsubscribesAndForgets) {
  auto queue = MakeQueue();
  {
    MessageStream stream(queue);
    queue->Put(Published("never read"));
    EXPECT_GT(memory_->bytes(), 0u);
    MessageStream moved(std::move(stream));
    EXPECT_EQ(moved.getDepth(), 1u);
  }
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(memory_->bytes(), 0u);
  EXPECT_FALSE(queue->Put(Published("nobody")));
}

TEST_F(MessageStreamTest, AssigningEndsTheOneBefore) {
  auto first = MakeQueue();
  auto second = MakeQueue();
  MessageStream stream(first);
  stream = MessageStream(second);
  EXPECT_EQ(closed_, 1);
  EXPECT_FALSE(first->Put(Published("")));
  EXPECT_TRUE(second->Put(Published("here")));
  EXPECT_EQ(stream.getDepth(), 1u);
}

TEST_F(MessageStreamTest, AStreamThatHasEndedDoesNotUnsubscribe) {
  auto queue = MakeQueue();
  {
    MessageStream stream(queue);
    queue->End();
  }
  EXPECT_EQ(closed_, 0);
}

TEST_F(MessageStreamTest, DestroyingSwallowsWhatUnsubscribingThrows) {
  auto queue = std::make_shared<MessageStream::Queue>(
      memory_, MessageStream::Queue::Options{[] { throw DisconnectedException("gone"); }, false});
  MessageStream stream(queue);
  stream = MessageStream();
  EXPECT_FALSE(queue->Put(Published("")));
}

TEST_F(MessageStreamTest, ATimeoutGivesAnEmptyMessageAndTheStreamGoesOn) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  stream.timeout(5);
  Message message = Published("before");
  ASSERT_TRUE(stream.next(message));
  EXPECT_FALSE(message);
  queue->Put(Published("after"));
  ASSERT_TRUE(stream.next(message));
  EXPECT_EQ(message.getData(), "after");
  stream.timeout(std::numeric_limits<long>::max());
  queue->End();
  EXPECT_FALSE(stream.next(message));
}

TEST_F(MessageStreamTest, WaitingAtMostEndsTheStream) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  stream.waitAtMost(5);
  queue->Put(Published("one"));
  EXPECT_EQ(TakeAll(stream), std::vector<std::string>{"one"});
  EXPECT_EQ(closed_, 1);
  EXPECT_FALSE(queue->Put(Published("late")));
}

TEST_F(MessageStreamTest, AtTheDepthTheClientWaits) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  stream.setMaxDepth(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue->Put(Published(std::to_string(i))));
  std::atomic<int> result = -1;
  std::thread putter = PutBlocked(*queue, "3", &result);
  ExpectNoChange(result);
  Message message;
  ASSERT_TRUE(stream.next(message));
  putter.join();
  EXPECT_EQ(result, 1);
  EXPECT_EQ(stream.getDepth(), 3u);
}

TEST_F(MessageStreamTest, ALargerDepthLetsTheClientGoOn) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  stream.setMaxDepth(1);
  queue->Put(Published("0"));
  std::atomic<int> result = -1;
  std::thread putter = PutBlocked(*queue, "1", &result);
  ExpectNoChange(result);
  stream.setMaxDepth(2);
  putter.join();
  EXPECT_EQ(result, 1);
}

TEST_F(MessageStreamTest, ClosingAndEndingLetAWaitingClientGo) {
  for (const bool by_program : {true, false}) {
    auto queue = MakeQueue();
    MessageStream stream(queue);
    stream.setMaxDepth(1);
    queue->Put(Published("0"));
    std::atomic<int> result = -1;
    std::thread putter = PutBlocked(*queue, "1", &result);
    ExpectNoChange(result);
    by_program ? stream.close() : queue->End();
    putter.join();
    EXPECT_EQ(result, 0);
  }
}

TEST_F(MessageStreamTest, AtTheClientsByteLimitTheClientWaitsForAnyOfItsStreams) {
  auto full = MakeQueue();
  auto other = MakeQueue();
  MessageStream full_stream(full);
  MessageStream other_stream(other);
  const std::string body(kBytesMax / 4, 'x');
  other->Put(Published("first"));
  const size_t first_bytes = memory_->bytes();
  full->Put(Published(body));
  memory_->set_bytes_max(memory_->bytes() + 1);
  ASSERT_TRUE(other->Put(Published("")));  // one byte was left
  std::atomic<int> result = -1;
  std::thread putter = PutBlocked(*other, "", &result);
  ExpectNoChange(result);
  Message message;
  ASSERT_TRUE(full_stream.next(message));
  putter.join();
  EXPECT_EQ(result, 1);
  EXPECT_EQ(message.getData().size(), body.size());
  EXPECT_LT(memory_->bytes(), 3 * first_bytes);
}

TEST_F(MessageStreamTest, AMessageLongerThanTheLimitComesThroughOnItsOwn) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  const std::string body(2 * kBytesMax, 'x');
  EXPECT_TRUE(queue->Put(Published(body)));
  std::atomic<int> result = -1;
  std::thread putter = PutBlocked(*queue, "next", &result);
  ExpectNoChange(result);
  Message message;
  ASSERT_TRUE(stream.next(message));
  EXPECT_EQ(message.getData().size(), body.size());
  putter.join();
  EXPECT_EQ(result, 1);
}

TEST_F(MessageStreamTest, ConflationKeepsTheLastMessageOfEachRecordInThePlaceOfTheFirst) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  stream.conflate();
  queue->Put(Make(Message::GroupBegin, ""));
  queue->Put(Make(Message::SOW, "a1", "a"));
  queue->Put(Make(Message::SOW, "b1", "b"));
  queue->Put(Make(Message::GroupEnd, ""));
  queue->Put(Published("a2", "a"));
  queue->Put(Make(Message::Publish, "other topic", "a", "trades"));
  queue->Put(Published("no record"));
  queue->Put(Published("no record"));
  queue->Put(Published("a3", "a"));
  queue->Put(Make(Message::OOF, "b gone", "b"));
  EXPECT_EQ(stream.getDepth(), 7u);
  queue->End();
  EXPECT_EQ(TakeAll(stream), (std::vector<std::string>{"", "a3", "b gone", "", "other topic",
                                                       "no record", "no record"}));
  EXPECT_EQ(memory_->bytes(), 0u);
}

TEST_F(MessageStreamTest, ConflationDoesNotTouchWhatWasTaken) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  queue->Put(Published("a1", "a"));  // conflation begins when something waits already
  queue->Put(Published("a2", "a"));
  stream.conflate().conflate();
  queue->Put(Published("a3", "a"));
  Message message;
  ASSERT_TRUE(stream.next(message));
  EXPECT_EQ(message.getData(), "a1");
  ASSERT_TRUE(stream.next(message));
  EXPECT_EQ(message.getData(), "a3");
  queue->Put(Published("a4", "a"));
  ASSERT_TRUE(stream.next(message));
  EXPECT_EQ(message.getData(), "a4");
  EXPECT_EQ(stream.getDepth(), 0u);
}

TEST_F(MessageStreamTest, ConflatingNeedsNoRoom) {
  auto queue = MakeQueue();
  MessageStream stream(queue);
  stream.conflate().setMaxDepth(1);
  EXPECT_TRUE(queue->Put(Published("1", "a")));
  EXPECT_TRUE(queue->Put(Published("2", "a")));
  EXPECT_EQ(stream.getDepth(), 1u);
}

TEST_F(MessageStreamTest, DeltasAreNotConflated) {
  MessageStream stream(MakeQueue(/*carries_deltas=*/true));
  EXPECT_THROW(stream.conflate(), UsageException);
}

}  // namespace
}  // namespace AMPS
