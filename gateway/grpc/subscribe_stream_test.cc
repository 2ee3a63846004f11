// SubscribeStream through a real server.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "gateway/grpc/grpc_test_server.h"
#include "gateway/grpc/stream_subscription.h"

namespace fluxgate::grpc_api {
namespace {

using Ids = std::vector<uint32_t>;

class StreamClient {
 public:
  explicit StreamClient(GrpcTestServer& server) : stub_(server.NewSubscriber()) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    stream = stub_->SubscribeStream(&context);
  }
  ~StreamClient() {
    context.TryCancel();
    if (!finished_) Finish();
  }

  void Add(uint32_t id, const std::string& topic, const std::string& filter = "") {
    v1::AddSubscription& add = *NewCommand().mutable_add();
    add.set_subscription_id(id);
    add.mutable_spec()->set_topic(topic);
    add.mutable_spec()->set_filter(filter);
  }
  v1::StreamCommand& NewCommand() { return *request.add_commands(); }
  bool Send() {
    const bool ok = stream->Write(request);
    request.Clear();
    return ok;
  }
  void Grant(uint32_t id, uint64_t messages) {
    v1::GrantCredit& grant = *NewCommand().mutable_credit();
    grant.set_subscription_id(id);
    grant.mutable_credit()->set_messages(messages);
    ASSERT_TRUE(Send());
  }

  // The next event; not set when the stream has ended.
  v1::StreamEvent Next() {
    while (events_.empty()) {
      v1::SubscribeStreamResponse response;
      if (!stream->Read(&response)) return {};
      for (v1::StreamEvent& event : *response.mutable_events()) {
        events_.push_back(std::move(event));
      }
    }
    v1::StreamEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  struct Received {
    Ids ids;
    std::string payload;
    bool operator==(const Received&) const = default;
  };
  std::vector<Received> Messages(size_t count) {
    std::vector<Received> received;
    while (received.size() < count) {
      const v1::StreamEvent event = Next();
      if (event.event_case() == v1::StreamEvent::EVENT_NOT_SET) break;
      for (const v1::Message& message : event.subscription().messages().messages()) {
        received.push_back({Ids(event.subscription_ids().begin(), event.subscription_ids().end()),
                            message.payload()});
      }
    }
    return received;
  }

  grpc::Status Finish() {
    v1::SubscribeStreamResponse ignored;
    while (stream->Read(&ignored)) {
    }
    finished_ = true;
    return stream->Finish();
  }

  grpc::ClientContext context;
  v1::SubscribeStreamRequest request;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SubscribeStreamRequest, v1::SubscribeStreamResponse>>
      stream;

 private:
  std::unique_ptr<v1::SubscriberService::Stub> stub_;
  std::deque<v1::StreamEvent> events_;
  bool finished_ = false;
};

using Received = StreamClient::Received;

bool IsStarted(const v1::StreamEvent& event, uint32_t id) {
  return event.subscription_ids_size() == 1 && event.subscription_ids(0) == id &&
         event.subscription().has_started();
}

TEST(SubscribeStream, LimitsComeFirst) {
  GrpcTestServer server;
  StreamClient client(server);
  const v1::StreamEvent event = client.Next();
  EXPECT_EQ(event.subscription_ids_size(), 0);
  EXPECT_EQ(event.limits().max_subscriptions(), 10'000u);
  EXPECT_EQ(event.limits().max_message_bytes(), 16u << 20);
  EXPECT_EQ(event.limits().max_buffer_bytes(), 64u << 20);
}

TEST(SubscribeStream, OneCopyNamesEverySubscriptionThatMatched) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(5, "orders");
  client.Add(3, "orders", "/price > 10");
  client.Add(900'000, "^ord");
  ASSERT_TRUE(client.Send());
  for (const uint32_t id : {5u, 3u, 900'000u}) EXPECT_TRUE(IsStarted(client.Next(), id));
  server.Publish("orders", R"({"price":20})");
  server.Publish("orders", R"({"price":1})");
  EXPECT_EQ(client.Messages(2), (std::vector<Received>{{{5, 3, 900'000}, R"({"price":20})"},
                                                       {{5, 900'000}, R"({"price":1})"}}));
}

TEST(SubscribeStream, RemovedSubscriptionsEnd) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(1, "orders");
  client.Add(2, "orders");
  client.NewCommand().mutable_remove()->set_subscription_id(1);
  ASSERT_TRUE(client.Send());
  client.Next();
  client.Next();
  const v1::StreamEvent event = client.Next();
  EXPECT_EQ(event.subscription_ids(0), 1u);
  EXPECT_TRUE(event.subscription().has_ended());
  EXPECT_FALSE(event.subscription().ended().has_error());
  server.Publish("orders", "1");
  EXPECT_EQ(client.Messages(1), (std::vector<Received>{{{2}, "1"}}));
  // The id is free again.
  client.Add(1, "orders");
  ASSERT_TRUE(client.Send());
  EXPECT_TRUE(IsStarted(client.Next(), 1));
}

TEST(SubscribeStream, AFailedSubscriptionEndsAloneWithItsReason) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(1, "orders", "/price >");
  client.Add(2, "");
  client.Add(3, "orders");
  client.request.mutable_commands(2)->mutable_add()->mutable_spec()->set_durable_name("n");
  client.Add(4, "orders");
  ASSERT_TRUE(client.Send());
  const char* reasons[] = {"FILTER_SYNTAX", "TOPIC_INVALID", "NOT_BUILT_YET"};
  for (uint32_t id = 1; id <= 3; ++id) {
    const v1::StreamEvent event = client.Next();
    EXPECT_EQ(event.subscription_ids(0), id);
    EXPECT_EQ(event.subscription().ended().error().reason(), reasons[id - 1]);
  }
  EXPECT_TRUE(IsStarted(client.Next(), 4));
}

TEST(SubscribeStream, CommandsThatFailAreNamed) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(1, "orders");
  client.Add(1, "orders");
  client.Add(0, "orders");
  client.NewCommand().mutable_remove()->set_subscription_id(7);
  client.NewCommand().mutable_credit()->set_subscription_id(7);
  client.NewCommand().mutable_pause()->set_subscription_id(7);
  client.NewCommand().mutable_replace_filter()->set_subscription_id(7);
  client.NewCommand().mutable_ack()->set_subscription_id(1);
  client.NewCommand().mutable_commit()->set_subscription_id(1);
  client.NewCommand();
  ASSERT_TRUE(client.Send());
  EXPECT_TRUE(IsStarted(client.Next(), 1));
  struct Expected {
    Ids ids;
    std::string command, reason;
  };
  const std::vector<Expected> expected = {{{1}, "add", "SUBSCRIPTION_EXISTS"},
                                          {{}, "add", "COMMAND_INVALID"},
                                          {{7}, "remove", "SUBSCRIPTION_UNKNOWN"},
                                          {{7}, "credit", "SUBSCRIPTION_UNKNOWN"},
                                          {{7}, "pause", "SUBSCRIPTION_UNKNOWN"},
                                          {{7}, "replace_filter", "SUBSCRIPTION_UNKNOWN"},
                                          {{1}, "ack", "NOT_BUILT_YET"},
                                          {{1}, "commit", "NOT_BUILT_YET"},
                                          {{}, "", "COMMAND_INVALID"}};
  for (const Expected& e : expected) {
    const v1::StreamEvent event = client.Next();
    EXPECT_EQ(Ids(event.subscription_ids().begin(), event.subscription_ids().end()), e.ids);
    EXPECT_EQ(event.command_failed().command(), e.command);
    EXPECT_EQ(event.command_failed().error().reason(), e.reason);
  }
  // The first one lives on.
  server.Publish("orders", "1");
  EXPECT_EQ(client.Messages(1), (std::vector<Received>{{{1}, "1"}}));
}

TEST(SubscribeStream, SubscriptionsAreLimited) {
  GrpcTestServer::Options options;
  options.engine.subscriptions_per_session_max = 2;
  GrpcTestServer server(options);
  StreamClient client(server);
  EXPECT_EQ(client.Next().limits().max_subscriptions(), 2u);
  for (const uint32_t id : {1u, 2u, 3u}) client.Add(id, "orders");
  ASSERT_TRUE(client.Send());
  EXPECT_TRUE(IsStarted(client.Next(), 1));
  EXPECT_TRUE(IsStarted(client.Next(), 2));
  EXPECT_EQ(client.Next().subscription().ended().error().reason(), "QUOTA_EXCEEDED");
}

TEST(SubscribeStream, CreditsHoldAndRelease) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(1, "orders");
  client.request.mutable_commands(0)->mutable_add()->mutable_initial_credit()->set_messages(2);
  client.Add(2, "orders");
  ASSERT_TRUE(client.Send());
  client.Next();
  client.Next();
  for (const char* body : {"1", "2", "3", "4"}) server.Publish("orders", body);
  EXPECT_EQ(client.Messages(4),
            (std::vector<Received>{{{1, 2}, "1"}, {{1, 2}, "2"}, {{2}, "3"}, {{2}, "4"}}));
  client.Grant(1, 1);
  EXPECT_EQ(client.Messages(1), (std::vector<Received>{{{1}, "3"}}));
  client.Grant(1, 2);
  EXPECT_EQ(client.Messages(1), (std::vector<Received>{{{1}, "4"}}));
  server.Publish("orders", "5");
  server.Publish("orders", "6");
  EXPECT_EQ(client.Messages(2), (std::vector<Received>{{{1, 2}, "5"}, {{2}, "6"}}));
}

TEST(SubscribeStream, ManyWaitingMessagesComeInOrder) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(1, "orders");
  client.request.mutable_commands(0)->mutable_add()->mutable_initial_credit()->set_messages(0);
  ASSERT_TRUE(client.Send());
  client.Next();
  constexpr int kMessages = 5000;
  for (int i = 0; i < kMessages; ++i) server.Publish("orders", std::to_string(i));
  client.Grant(1, kMessages);
  const std::vector<Received> received = client.Messages(kMessages);
  ASSERT_EQ(received.size(), static_cast<size_t>(kMessages));
  for (int i = 0; i < kMessages; ++i) {
    EXPECT_EQ(received[static_cast<size_t>(i)].payload, std::to_string(i));
  }
  EXPECT_TRUE(server.Eventually([&] { return server.host().budget().total_bytes() == 0; }));
}

TEST(SubscribeStream, ByteCreditsCount) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(1, "orders");
  client.request.mutable_commands(0)->mutable_add()->mutable_initial_credit()->set_bytes(5);
  client.Add(2, "orders");
  ASSERT_TRUE(client.Send());
  client.Next();
  client.Next();
  for (const char* body : {"1111", "2222", "3333"}) server.Publish("orders", body);
  EXPECT_EQ(client.Messages(3),
            (std::vector<Received>{{{1, 2}, "1111"}, {{1, 2}, "2222"}, {{2}, "3333"}}));
}

TEST(SubscribeStream, PauseHoldsUntilResumed) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(1, "orders");
  client.Add(2, "orders");
  const auto pause = [&](bool paused) {
    v1::PauseSubscription& command = *client.NewCommand().mutable_pause();
    command.set_subscription_id(1);
    command.set_paused(paused);
    ASSERT_TRUE(client.Send());
  };
  pause(true);
  client.Next();
  client.Next();
  server.Publish("orders", "1");
  EXPECT_EQ(client.Messages(1), (std::vector<Received>{{{2}, "1"}}));
  pause(false);
  EXPECT_EQ(client.Messages(1), (std::vector<Received>{{{1}, "1"}}));
}

TEST(SubscribeStream, OverItsBufferASubscriptionEndsAlone) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  const std::string body = "\"" + std::string(98, 'x') + "\"";
  client.Add(1, "orders");
  v1::AddSubscription& add = *client.request.mutable_commands(0)->mutable_add();
  add.mutable_initial_credit()->set_messages(0);
  // A message of this size waits for 100 bytes and what surrounds them.
  add.mutable_spec()->set_max_buffer_bytes(
      10 * (100 + 2 + 8 + 2 + StreamSubscription::kWaitingOverheadBytes));
  client.Add(2, "orders");
  ASSERT_TRUE(client.Send());
  client.Next();
  client.Next();
  for (int i = 0; i < 10; ++i) server.Publish("orders", body);
  EXPECT_EQ(client.Messages(10).size(), 10u);
  server.OnReactor([&] { EXPECT_EQ(server.engine().subscription_count(), 2u); });
  server.Publish("orders", body);
  for (;;) {
    const v1::StreamEvent event = client.Next();
    ASSERT_NE(event.event_case(), v1::StreamEvent::EVENT_NOT_SET);
    if (!event.subscription().has_ended()) continue;
    EXPECT_EQ(event.subscription_ids(0), 1u);
    EXPECT_EQ(event.subscription().ended().error().reason(), "SLOW_CONSUMER");
    EXPECT_EQ(event.subscription().ended().error().code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    break;
  }
  server.Publish("orders", "1");
  EXPECT_EQ(client.Messages(1), (std::vector<Received>{{{2}, "1"}}));
  EXPECT_TRUE(server.Eventually([&] { return server.host().budget().total_bytes() == 0; }));
}

TEST(SubscribeStream, FiltersAreReplacedInPlace) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(1, "orders", "/x = 1");
  ASSERT_TRUE(client.Send());
  client.Next();
  server.Publish("orders", R"({"x":1})");
  server.Publish("orders", R"({"x":2})");
  v1::ReplaceFilter& replace = *client.NewCommand().mutable_replace_filter();
  replace.set_subscription_id(1);
  replace.set_filter("/x = 2");
  ASSERT_TRUE(client.Send());
  EXPECT_EQ(client.Messages(1), (std::vector<Received>{{{1}, R"({"x":1})"}}));
  const v1::StreamEvent replaced = client.Next();
  EXPECT_EQ(replaced.subscription_ids(0), 1u);
  EXPECT_EQ(replaced.subscription().filter_replaced().filter(), "/x = 2");
  server.Publish("orders", R"({"x":1})");
  server.Publish("orders", R"({"x":2})");
  EXPECT_EQ(client.Messages(1), (std::vector<Received>{{{1}, R"({"x":2})"}}));

  // A filter that does not parse leaves the old one in force.
  v1::ReplaceFilter& bad = *client.NewCommand().mutable_replace_filter();
  bad.set_subscription_id(1);
  bad.set_filter("/x =");
  ASSERT_TRUE(client.Send());
  const v1::StreamEvent failed = client.Next();
  EXPECT_EQ(failed.command_failed().command(), "replace_filter");
  EXPECT_EQ(failed.command_failed().error().reason(), "FILTER_SYNTAX");
  EXPECT_FALSE(failed.command_failed().error().metadata().at("offset").empty());
  server.Publish("orders", R"({"x":2})");
  EXPECT_EQ(client.Messages(1).size(), 1u);
}

TEST(SubscribeStream, HalfCloseEndsItWhenNothingIsLeft) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.stream->WritesDone();
  EXPECT_TRUE(client.Finish().ok());
}

TEST(SubscribeStream, AfterHalfCloseDeliveriesGoOn) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(1, "orders");
  ASSERT_TRUE(client.Send());
  client.stream->WritesDone();
  client.Next();
  server.Publish("orders", "1");
  EXPECT_EQ(client.Messages(1).size(), 1u);
}

TEST(SubscribeStream, RequestsWithCommandsAreLimited) {
  GrpcTestServer::Options options;
  options.grpc.command_request_bytes_max = 1000;
  GrpcTestServer server(options);
  for (const size_t size : {size_t{1000}, size_t{1001}}) {
    StreamClient client(server);
    client.Next();
    client.Add(1, "orders", "/x = 1 ");
    while (client.request.ByteSizeLong() < size) {
      client.request.mutable_commands(0)->mutable_add()->mutable_spec()->mutable_filter()->append(
          " ");
    }
    ASSERT_EQ(client.request.ByteSizeLong(), size);
    client.Send();
    if (size == 1000) {
      EXPECT_TRUE(IsStarted(client.Next(), 1));
    } else {
      EXPECT_EQ(client.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    }
  }
}

TEST(SubscribeStream, HeartbeatsOfOneSubscription) {
  GrpcTestServer server;
  StreamClient client(server);
  client.Next();
  client.Add(1, "orders");
  client.request.mutable_commands(0)
      ->mutable_add()
      ->mutable_spec()
      ->mutable_heartbeat_interval()
      ->set_nanos(100'000'000);
  client.Add(2, "orders");
  ASSERT_TRUE(client.Send());
  client.Next();
  client.Next();
  for (int i = 0; i < 3; ++i) {
    const v1::StreamEvent event = client.Next();
    EXPECT_EQ(event.subscription_ids(0), 1u);
    EXPECT_TRUE(event.subscription().has_heartbeat());
  }
}

TEST(SubscribeStream, TheEndOfAStreamEndsItsSubscriptions) {
  GrpcTestServer server;
  {
    StreamClient client(server);
    client.Next();
    for (uint32_t id = 1; id <= 200; ++id) client.Add(id, "orders");
    ASSERT_TRUE(client.Send());
    for (int i = 0; i < 200; ++i) client.Next();
    server.OnReactor([&] { EXPECT_EQ(server.engine().subscription_count(), 200u); });
  }
  EXPECT_TRUE(server.Eventually([&] { return server.engine().subscription_count() == 0; }));
  server.Publish("orders", "1");
}

}  // namespace
}  // namespace fluxgate::grpc_api
