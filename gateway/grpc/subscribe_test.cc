// Subscribe through a real server.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "core/base/utf8.h"
#include "gateway/grpc/grpc_test_server.h"

namespace fluxgate::grpc_api {
namespace {

using Clock = std::chrono::system_clock;

// One Subscribe call, read message by message.
class Subscription {
 public:
  Subscription(GrpcTestServer& server, const v1::SubscriptionSpec& spec,
               grpc::ChannelArguments arguments = {})
      : stub_(v1::SubscriberService::NewStub(server.NewChannel(arguments))) {
    context.set_deadline(Clock::now() + std::chrono::seconds(20));
    v1::SubscribeRequest request;
    *request.mutable_spec() = spec;
    reader_ = stub_->Subscribe(&context, request);
  }
  ~Subscription() {
    context.TryCancel();
    if (!finished_) Finish();
  }

  // The next event; not set when the stream has ended.
  v1::SubscriptionEvent Next() {
    while (at_ == response_.events_size()) {
      at_ = 0;
      if (!reader_->Read(&response_)) {
        response_.Clear();
        return {};
      }
      go_away |= response_.has_go_away();
      ++responses;
    }
    return response_.events(at_++);
  }
  bool Started() { return Next().has_started(); }

  // The payloads of the next `count` messages.
  std::vector<std::string> Payloads(size_t count) {
    std::vector<std::string> payloads;
    while (payloads.size() < count) {
      const v1::SubscriptionEvent event = Next();
      if (event.event_case() == v1::SubscriptionEvent::EVENT_NOT_SET) break;
      for (const v1::Message& message : event.messages().messages()) {
        payloads.push_back(message.payload());
        last = message;
      }
    }
    return payloads;
  }

  grpc::Status Finish() {
    v1::SubscribeResponse ignored;
    while (reader_->Read(&ignored)) {
    }
    finished_ = true;
    return reader_->Finish();
  }

  grpc::ClientContext context;
  v1::Message last;
  int responses = 0;
  bool go_away = false;

 private:
  std::unique_ptr<v1::SubscriberService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader_;
  v1::SubscribeResponse response_;
  int at_ = 0;
  bool finished_ = false;
};

v1::SubscriptionSpec Spec(const std::string& topic, const std::string& filter = "") {
  v1::SubscriptionSpec spec;
  spec.set_topic(topic);
  spec.set_filter(filter);
  return spec;
}

TEST(Subscribe, DeliversWhatMatches) {
  GrpcTestServer server;
  Subscription subscription(server, Spec("orders", "/price > 10"));
  const v1::SubscriptionEvent started = subscription.Next();
  EXPECT_FALSE(started.started().server_subscription_id().empty());
  server.Publish("orders", R"({"price":5})");
  server.Publish("orders", R"({"price":15})", "c1");
  server.Publish("other", R"({"price":20})");
  server.Publish("orders", R"({"price":25})");
  EXPECT_EQ(subscription.Payloads(1), std::vector<std::string>{R"({"price":15})"});
  EXPECT_EQ(subscription.last.topic(), "orders");
  EXPECT_EQ(subscription.last.correlation_id(), "c1");
  EXPECT_EQ(subscription.Payloads(1), std::vector<std::string>{R"({"price":25})"});
}

TEST(Subscribe, PatternsMatchManyTopics) {
  GrpcTestServer server;
  Subscription subscription(server, Spec("^orders\\."));
  ASSERT_TRUE(subscription.Started());
  server.Publish("orders.eu", "1");
  server.Publish("trades", "2");
  server.Publish("orders.us", "3");
  EXPECT_EQ(subscription.Payloads(2), (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(subscription.last.topic(), "orders.us");
}

TEST(Subscribe, ManyMessagesRideInOneResponse) {
  GrpcTestServer server;
  Subscription subscription(server, Spec("orders"));
  ASSERT_TRUE(subscription.Started());
  auto stub = server.NewPublisher();
  v1::PublishRequest request;
  for (int i = 0; i < 5000; ++i) {
    request.add_messages()->set_topic("orders");
    request.mutable_messages(i)->set_payload(std::to_string(i));
  }
  grpc::ClientContext context;
  v1::PublishResponse response;
  ASSERT_TRUE(stub->Publish(&context, request, &response).ok());
  const std::vector<std::string> payloads = subscription.Payloads(5000);
  ASSERT_EQ(payloads.size(), 5000u);
  for (size_t i = 0; i < payloads.size(); ++i) EXPECT_EQ(payloads[i], std::to_string(i));
  EXPECT_LT(subscription.responses, 50);
}

TEST(Subscribe, BatchSizeIsKept) {
  GrpcTestServer server;
  v1::SubscriptionSpec spec = Spec("orders");
  spec.set_batch_size(3);
  Subscription subscription(server, spec);
  ASSERT_TRUE(subscription.Started());
  server.OnReactor([] {});
  auto stub = server.NewPublisher();
  v1::PublishRequest request;
  for (int i = 0; i < 10; ++i) request.add_messages()->set_topic("orders");
  grpc::ClientContext context;
  v1::PublishResponse response;
  ASSERT_TRUE(stub->Publish(&context, request, &response).ok());
  for (const int expected : {3, 3, 3, 1}) {
    EXPECT_EQ(subscription.Next().messages().messages_size(), expected);
  }
}

TEST(Subscribe, AFilterThatDoesNotParseIsExplained) {
  GrpcTestServer server;
  Subscription subscription(server, Spec("orders", "/price >"));
  EXPECT_EQ(subscription.Next().event_case(), v1::SubscriptionEvent::EVENT_NOT_SET);
  const grpc::Status status = subscription.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "FILTER_SYNTAX");
  const google::rpc::BadRequest bad_request = BadRequestOf(status);
  ASSERT_EQ(bad_request.field_violations_size(), 1);
  EXPECT_EQ(bad_request.field_violations(0).field(), "spec.filter");
  EXPECT_NE(bad_request.field_violations(0).description().find("offset"), std::string::npos);
  EXPECT_TRUE(server.Eventually([&] { return server.server().stream_count() == 0; }));
}

TEST(Subscribe, BadTopicsAreRefused) {
  GrpcTestServer server;
  for (const std::string topic : {"", "orders("}) {
    Subscription subscription(server, Spec(topic));
    const grpc::Status status = subscription.Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << topic;
    EXPECT_EQ(BadRequestOf(status).field_violations(0).field(), "spec.topic");
  }
}

TEST(Subscribe, WhatIsNotBuiltSaysSo) {
  GrpcTestServer server;
  v1::SubscriptionSpec spec = Spec("orders");
  spec.mutable_start()->set_earliest(true);
  Subscription subscription(server, spec);
  const grpc::Status status = subscription.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(status.error_message(), "start.earliest in a subscription is not built yet");
}

TEST(Subscribe, CancellingRemovesTheSubscription) {
  GrpcTestServer server;
  Subscription subscription(server, Spec("orders"));
  ASSERT_TRUE(subscription.Started());
  EXPECT_TRUE(server.Eventually([&] { return server.engine().subscription_count() == 1; }));
  subscription.context.TryCancel();
  EXPECT_EQ(subscription.Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(server.Eventually([&] {
    return server.engine().subscription_count() == 0 && server.server().stream_count() == 0;
  }));
}

TEST(Subscribe, TheDeadlineRemovesTheSubscription) {
  GrpcTestServer server;
  auto stub = server.NewSubscriber();
  grpc::ClientContext context;
  context.set_deadline(Clock::now() + std::chrono::milliseconds(300));
  v1::SubscribeRequest request;
  *request.mutable_spec() = Spec("orders");
  auto reader = stub->Subscribe(&context, request);
  v1::SubscribeResponse response;
  EXPECT_TRUE(reader->Read(&response));
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(server.Eventually([&] { return server.engine().subscription_count() == 0; }));
}

TEST(Subscribe, AVanishedClientIsForgotten) {
  GrpcTestServer server;
  {
    auto subscription = std::make_unique<Subscription>(server, Spec("orders"));
    ASSERT_TRUE(subscription->Started());
    EXPECT_TRUE(server.Eventually([&] { return server.gate().connections() == 1; }));
  }
  EXPECT_TRUE(server.Eventually([&] {
    return server.engine().subscription_count() == 0 && server.server().connection_count() == 0 &&
           server.gate().connections() == 0;
  }));
}

TEST(Subscribe, HeartbeatsWhenNothingElseIsSent) {
  GrpcTestServer server;
  v1::SubscriptionSpec spec = Spec("orders");
  spec.mutable_heartbeat_interval()->set_nanos(100'000'000);
  Subscription subscription(server, spec);
  ASSERT_TRUE(subscription.Started());
  const auto begin = Clock::now();
  for (int i = 0; i < 3; ++i) {
    const v1::SubscriptionEvent event = subscription.Next();
    ASSERT_TRUE(event.has_heartbeat());
    EXPECT_NEAR(static_cast<double>(event.heartbeat().server_time().seconds()),
                static_cast<double>(Clock::to_time_t(Clock::now())), 5);
  }
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(250));
}

TEST(Subscribe, TextOfOtherEdgesIsCleaned) {
  GrpcTestServer server;
  Subscription subscription(server, Spec("orders"));
  ASSERT_TRUE(subscription.Started());
  server.Publish("orders", "1", "id\xFF");
  EXPECT_EQ(subscription.Payloads(1), std::vector<std::string>{"1"});
  EXPECT_EQ(subscription.last.correlation_id(), "id?");
}

TEST(Subscribe, LargeMessagesAreSentAlone) {
  GrpcTestServer server;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  Subscription subscription(server, Spec("orders"), arguments);
  ASSERT_TRUE(subscription.Started());
  const std::string large = "\"" + std::string(10 << 20, 'x') + "\"";
  server.Publish("orders", large);
  server.Publish("orders", "1");
  const std::vector<std::string> payloads = subscription.Payloads(2);
  ASSERT_EQ(payloads.size(), 2u);
  EXPECT_TRUE(payloads[0] == large);
  EXPECT_EQ(payloads[1], "1");
}

// A client that does not read costs no more than its share, and is told when it looks again.
TEST(Subscribe, ASlowReaderIsEnded) {
  GrpcTestServer::Options options;
  options.outboxes.client_bytes_max = 4 << 20;
  options.grpc.end_grace_ns = 60'000'000'000;
  GrpcTestServer server(options);
  Subscription subscription(server, Spec("orders"));
  ASSERT_TRUE(subscription.Started());
  const std::string body = "\"" + std::string(50'000, 'x') + "\"";
  uint64_t most = 0;
  for (int i = 0; i < 400; ++i) {
    server.Publish("orders", body);
    server.OnReactor([&] { most = std::max(most, server.host().budget().total_bytes()); });
  }
  EXPECT_LE(most, 4u << 20);
  EXPECT_GT(most, 3u << 20);
  EXPECT_TRUE(server.Eventually([&] { return server.engine().subscription_count() == 0; }));
  const grpc::Status status = subscription.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "SLOW_CONSUMER");
  EXPECT_TRUE(server.Eventually([&] { return server.host().budget().total_bytes() == 0; }));
}

// One that never looks again is cut off after a grace, flow control or not.
TEST(Subscribe, ADeadReaderIsCutOff) {
  GrpcTestServer::Options options;
  options.outboxes.client_bytes_max = 4 << 20;
  options.grpc.end_grace_ns = 100'000'000;
  GrpcTestServer server(options);
  Subscription subscription(server, Spec("orders"));
  ASSERT_TRUE(subscription.Started());
  const std::string body = "\"" + std::string(50'000, 'x') + "\"";
  for (int i = 0; i < 400; ++i) server.Publish("orders", body);
  EXPECT_TRUE(server.Eventually([&] {
    return server.server().stream_count() == 0 && server.host().budget().total_bytes() == 0;
  }));
  EXPECT_EQ(subscription.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

// A fast publisher waits for a subscriber that reads: nothing is lost, nobody is ended.
TEST(Subscribe, PublishersWaitForSubscribersThatRead) {
  GrpcTestServer server;
  Subscription subscription(server, Spec("orders"));
  ASSERT_TRUE(subscription.Started());
  constexpr size_t kMessages = 300'000;
  std::thread publisher([&] {
    auto stub = server.NewPublisher();
    grpc::ClientContext context;
    auto stream = stub->PublishStream(&context);
    v1::PublishStreamRequest request;
    for (int i = 0; i < 100; ++i) {
      request.add_messages()->set_topic("orders");
      request.mutable_messages(i)->set_payload(std::string(500, '1'));
    }
    request.mutable_open()->set_ack_level(v1::ACK_LEVEL_NONE);
    for (size_t i = 0; i < kMessages / 100; ++i) {
      ASSERT_TRUE(stream->Write(request));
      request.clear_open();
    }
    stream->WritesDone();
    v1::PublishStreamResponse ignored;
    while (stream->Read(&ignored)) {
    }
    EXPECT_TRUE(stream->Finish().ok());
  });
  EXPECT_EQ(subscription.Payloads(kMessages).size(), kMessages);
  publisher.join();
}

}  // namespace
}  // namespace fluxgate::grpc_api
