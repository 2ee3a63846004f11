// The two streams of the gRPC API, without any library of ours: publishes three orders through
// PublishStream and receives through SubscribeStream those that a filter passes. The parts between
// "begin" and "end" are printed in docs/grpc.md.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <string>
#include <vector>

#include "fluxgate/v1/gateway.grpc.pb.h"

namespace v1 = fluxgate::v1;

namespace {

struct Order {
  double price;
  std::string ToJson() const { return "{\"price\":" + std::to_string(price) + "}"; }
};

void Report(const v1::PublishFailure& failure) {
  std::fprintf(stderr, "message %llu was refused\n",
               static_cast<unsigned long long>(failure.sequence()));
}

bool Publish(const std::shared_ptr<grpc::Channel>& channel, const std::vector<Order>& orders) {
  grpc::ClientContext context;
  // begin
  auto stream = v1::PublisherService::NewStub(channel)->PublishStream(&context);
  v1::PublishStreamRequest request;
  request.mutable_open()->set_publisher_id("pricing-7");  // first request only
  for (const Order& order : orders) {
    v1::Message& message = *request.add_messages();
    message.set_topic("orders");
    message.set_payload(order.ToJson());
  }
  request.mutable_flush()->set_flush_id(1);  // tell me when all of it is in
  stream->Write(request);

  v1::PublishStreamResponse response;
  while (stream->Read(&response)) {
    for (const auto& failure : response.ack().failures()) Report(failure);
    if (response.flushed_size() > 0) break;
  }
  // end
  stream->WritesDone();
  while (stream->Read(&response)) {
  }
  return stream->Finish().ok();
}

int left = 2;
grpc::ClientContext* subscribing = nullptr;

void Handle(const v1::Message& message) {
  std::printf("%s\n", message.payload().c_str());
  if (--left == 0) subscribing->TryCancel();
}

void Subscribe(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  subscribing = &context;
  // begin
  auto stream = v1::SubscriberService::NewStub(channel)->SubscribeStream(&context);
  v1::SubscribeStreamRequest request;
  v1::AddSubscription& add = *request.add_commands()->mutable_add();
  add.set_subscription_id(1);  // ours to choose, never 0
  add.mutable_spec()->set_topic("orders");
  add.mutable_spec()->set_filter("/price > 100");
  add.mutable_initial_credit()->set_messages(1000);
  stream->Write(request);

  v1::SubscribeStreamResponse response;
  while (stream->Read(&response)) {
    for (const v1::StreamEvent& event : response.events()) {
      for (const v1::Message& message : event.subscription().messages().messages()) Handle(message);
      if (event.subscription().has_started()) Publish(channel, {{99}, {101.5}, {250}});
    }
  }
  // end
  stream->Finish();
}

}  // namespace

int main(int argc, char** argv) {
  Subscribe(grpc::CreateChannel(argc > 1 ? argv[1] : "127.0.0.1:50051",
                                grpc::InsecureChannelCredentials()));
  return left == 0 ? 0 : 1;
}
