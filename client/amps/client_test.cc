// The client against a real gateway: what a program sees.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "amps/client.h"
#include "tests/support/test_gateway.h"

namespace AMPS {
namespace {

using fluxgate::testing::TestGateway;

// Messages as a handler got them, to be waited for.
class Inbox {
 public:
  MessageHandler handler() {
    return [this](Message& message) {
      const std::lock_guard lock(mutex_);
      messages_.push_back(message);
      changed_.notify_all();
    };
  }
  std::vector<Message> Await(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20),
                                  [&] { return messages_.size() >= count; }))
        << messages_.size() << " of " << count;
    return messages_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Message> messages_;
};

TEST(ClientTest, PublishAndSubscribe) {
  TestGateway gateway;
  Client subscriber("subscriber");
  EXPECT_FALSE(subscriber.isConnected());
  subscriber.connect(gateway.tcp_uri());
  subscriber.logon();
  EXPECT_TRUE(subscriber.isConnected());
  EXPECT_FALSE(subscriber.getServerVersion().empty());
  Inbox inbox;
  const std::string id = subscriber.subscribe(inbox.handler(), "orders", 5000, "/price > 100");
  Client publisher("publisher");
  publisher.connect(gateway.unix_uri());
  publisher.logon(5000);
  publisher.publish("orders", R"({"id":1,"price":100})");
  publisher.publish("orders", R"({"id":2,"price":101})");
  publisher.publishFlush(5000);
  const Message message = inbox.Await(1).front();
  EXPECT_EQ(message.getCommandEnum(), Message::Publish);
  EXPECT_EQ(message.getTopic(), "orders");
  EXPECT_EQ(message.getData(), R"({"id":2,"price":101})");
  EXPECT_EQ(message.getSubscriptionId(), id);
  subscriber.unsubscribe(id);
  publisher.publish("orders", R"({"id":3,"price":102})");
  publisher.publishFlush(5000);
  Inbox after;
  subscriber.subscribe(after.handler(), "orders");
  publisher.publish("orders", R"({"id":4,"price":103})");
  EXPECT_EQ(after.Await(1).front().getData(), R"({"id":4,"price":103})");
  EXPECT_EQ(inbox.Await(1).size(), 1u);
  subscriber.disconnect();
  EXPECT_FALSE(subscriber.isConnected());
}

}  // namespace
}  // namespace AMPS
