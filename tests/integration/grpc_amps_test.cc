// gRPC clients and clients of the native protocol on one gateway.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fluxgate/v1/gateway.grpc.pb.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

using Publisher = v1::PublisherService;
using Subscriber = v1::SubscriberService;

std::shared_ptr<grpc::Channel> Connect(const TestGateway& gateway) {
  static int number = 0;
  grpc::ChannelArguments arguments;
  arguments.SetInt("fluxgate.test.channel", ++number);  // a connection of its own
  return grpc::CreateCustomChannel(fmt::format("127.0.0.1:{}", gateway.grpc_port()),
                                   grpc::InsecureChannelCredentials(), arguments);
}

// A Subscribe call, started on return.
class GrpcSubscription {
 public:
  GrpcSubscription(const TestGateway& gateway, const std::string& topic, const std::string& filter)
      : stub_(Subscriber::NewStub(Connect(gateway))) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::SubscribeRequest request;
    request.mutable_spec()->set_topic(topic);
    request.mutable_spec()->set_filter(filter);
    reader_ = stub_->Subscribe(&context_, request);
    EXPECT_TRUE(reader_->Read(&response_));
  }
  ~GrpcSubscription() { End(); }

  std::vector<std::string> Payloads(size_t count) {
    std::vector<std::string> payloads;
    while (payloads.size() < count && reader_->Read(&response_)) {
      for (const auto& event : response_.events()) {
        for (const auto& message : event.messages().messages()) {
          payloads.push_back(message.payload());
        }
      }
    }
    return payloads;
  }

  grpc::Status End() {
    if (reader_ == nullptr) return grpc::Status::OK;
    context_.TryCancel();
    while (reader_->Read(&response_)) {
    }
    const grpc::Status status = reader_->Finish();
    reader_.reset();
    return status;
  }

 private:
  std::unique_ptr<Subscriber::Stub> stub_;
  grpc::ClientContext context_;
  v1::SubscribeResponse response_;
  std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader_;
};

std::string Order(int n) { return fmt::format(R"({{"n":{}}})", n); }

TEST(GrpcAndAmps, AGrpcTransportSpeaksItsMessageType) {
  TestGateway gateway([](config::Config& config) {
    for (config::Transport& transport : config.transports) transport.message_type = "nvfix";
  });
  GrpcSubscription subscription(gateway, "orders", "/qty > 50 AND /leg = 'b'");
  RawClient publisher = RawClient::Tcp(gateway.tcp_port());
  publisher.Logon("native", "nvfix");
  publisher.SendFrame("{\"c\":\"p\",\"t\":\"orders\"}qty=10\x01leg=b\x01");
  publisher.SendFrame("{\"c\":\"p\",\"t\":\"orders\"}qty=100\x01leg=a\x01leg=b\x01");
  EXPECT_EQ(subscription.Payloads(1), std::vector<std::string>{"qty=100\x01leg=a\x01leg=b\x01"});
}

TEST(GrpcAndAmps, WhatIsPublishedThereArrivesHere) {
  TestGateway gateway;
  GrpcSubscription subscription(gateway, "orders", "/n IN (1, 3) OR /n > 4");
  RawClient publisher = RawClient::Tcp(gateway.tcp_port());
  publisher.Logon();
  for (int n = 0; n < 6; ++n) {
    publisher.SendFrame(R"({"c":"p","t":"orders"})" + Order(n));
  }
  EXPECT_EQ(subscription.Payloads(3), (std::vector<std::string>{Order(1), Order(3), Order(5)}));
}

TEST(GrpcAndAmps, WhatIsPublishedHereArrivesThere) {
  TestGateway gateway;
  RawClient subscriber = RawClient::Tcp(gateway.tcp_port());
  subscriber.Logon();
  subscriber.SendFrame(
      R"({"c":"subscribe","cid":"1","t":"orders","filter":"/n > 2","a":"processed"})");
  ASSERT_TRUE(subscriber.ReadFrame().has_value());
  auto publisher = Publisher::NewStub(Connect(gateway));
  v1::PublishRequest request;
  for (int n = 0; n < 5; ++n) {
    request.add_messages()->set_topic("orders");
    request.mutable_messages(n)->set_payload(Order(n));
  }
  grpc::ClientContext context;
  v1::PublishResponse response;
  ASSERT_TRUE(publisher->Publish(&context, request, &response).ok());
  for (const int n : {3, 4}) {
    const auto frame = subscriber.ReadFrame();
    ASSERT_TRUE(frame.has_value());
    EXPECT_TRUE(frame->ends_with(Order(n))) << *frame;
  }
}

// Everything from both sides reaches both sides, in one order.
TEST(GrpcAndAmps, BothSidesSeeOneOrder) {
  TestGateway gateway;
  constexpr int kEach = 5000;
  GrpcSubscription here(gateway, "orders", "");
  GrpcSubscription here_too(gateway, "^orders$", "/n >= 0");
  std::thread amps([&] {
    RawClient publisher = RawClient::Tcp(gateway.tcp_port());
    publisher.Logon();
    for (int n = 0; n < kEach; ++n) {
      publisher.SendFrame(R"({"c":"p","t":"orders"})" + Order(n));
    }
    publisher.SendFrame(R"({"c":"flush","cid":"f","a":"processed"})");
    EXPECT_TRUE(publisher.ReadFrame().has_value());
  });
  std::thread grpc_side([&] {
    auto publisher = Publisher::NewStub(Connect(gateway));
    grpc::ClientContext context;
    auto stream = publisher->PublishStream(&context);
    for (int n = 0; n < kEach; n += 50) {
      v1::PublishStreamRequest request;
      for (int i = 0; i < 50; ++i) {
        request.add_messages()->set_topic("orders");
        request.mutable_messages(i)->set_payload(Order(kEach + n + i));
      }
      ASSERT_TRUE(stream->Write(request));
    }
    stream->WritesDone();
    v1::PublishStreamResponse response;
    uint64_t acked = 0;
    while (stream->Read(&response)) {
      acked = std::max(acked, response.ack().up_to_sequence());
    }
    EXPECT_TRUE(stream->Finish().ok());
    EXPECT_EQ(acked, static_cast<uint64_t>(kEach));
  });
  const std::vector<std::string> first = here.Payloads(2 * kEach);
  const std::vector<std::string> second = here_too.Payloads(2 * kEach);
  amps.join();
  grpc_side.join();
  EXPECT_EQ(first.size(), 2u * kEach);
  EXPECT_TRUE(first == second);
}

// The accept layer counts connections of every protocol together, and gives a place back when gRPC
// has let go of it.
TEST(GrpcAndAmps, ConnectionsAreCountedTogether) {
  TestGateway gateway([](config::Config& config) { config.limits.connections_max = 2; });
  auto held = std::make_unique<GrpcSubscription>(gateway, "orders", "");
  RawClient second = RawClient::Tcp(gateway.tcp_port());
  second.Logon();
  RawClient refused = RawClient::Tcp(gateway.tcp_port());
  EXPECT_TRUE(refused.ReadToEnd());
  held.reset();
  for (int i = 0; i < 500; ++i) {
    RawClient again = RawClient::Tcp(gateway.tcp_port());
    again.SendFrame(R"({"c":"logon","cid":"1","a":"processed"})");
    if (again.ReadFrame().has_value()) return;
    usleep(10'000);
  }
  FAIL() << "the place of the gRPC connection was not given to another";
}

TEST(GrpcAndAmps, DrainEndsBoth) {
  TestGateway gateway;
  RawClient amps = RawClient::Tcp(gateway.tcp_port());
  amps.Logon();
  auto stub = Subscriber::NewStub(Connect(gateway));
  grpc::ClientContext context;
  auto stream = stub->SubscribeStream(&context);
  v1::SubscribeStreamRequest request;
  request.add_commands()->mutable_add()->set_subscription_id(1);
  request.mutable_commands(0)->mutable_add()->mutable_spec()->set_topic("orders");
  ASSERT_TRUE(stream->Write(request));
  v1::SubscribeStreamResponse response;
  bool started = false;
  while (!started && stream->Read(&response)) {
    for (const auto& event : response.events()) started |= event.subscription().has_started();
  }
  ASSERT_TRUE(started);
  std::thread stopper([&] { EXPECT_TRUE(gateway.Stop()); });
  bool go_away = false;
  while (stream->Read(&response)) {
    for (const auto& event : response.events()) go_away |= event.has_go_away();
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(go_away);
  EXPECT_TRUE(amps.ReadToEnd());
  stopper.join();
}

}  // namespace
}  // namespace fluxgate::testing
