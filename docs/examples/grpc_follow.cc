// Publishes records, follows those that a filter passes, loses the connection and goes on. The
// parts between "begin" and "end" are printed in docs/clients/grpc.md.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fluxgate/v1/gateway.grpc.pb.h"

namespace v1 = fluxgate::v1;

namespace {

// begin
bool Publish(const std::shared_ptr<grpc::Channel>& channel,
             const std::vector<std::string>& payloads) {
  v1::PublishRequest request;
  for (const std::string& payload : payloads) {
    v1::Message& message = *request.add_messages();
    message.set_topic("state/quotes");
    message.set_payload(payload);
  }
  grpc::ClientContext context;
  v1::PublishResponse response;
  const grpc::Status status =
      v1::PublisherService::NewStub(channel)->Publish(&context, request, &response);
  for (const v1::PublishResult& result : response.results()) {
    if (result.has_error()) std::printf("refused: %s\n", result.error().message().c_str());
  }
  return status.ok();
}
// end

// begin
// What the filter passes, by key: the same before and after a connection is lost.
std::map<std::string, std::string> records;

void Take(const v1::Message& message) {
  records[message.key()] = message.payload();
  std::printf("is   %s\n", message.payload().c_str());
}

void Leave(const std::string& key) {
  std::printf("left %s\n", records[key].c_str());
  records.erase(key);
}
// end

int steps = 0;

// Whether the program wants to go on; plays the rest of the world.
bool Step(const std::shared_ptr<grpc::Channel>& channel) {
  ++steps;
  if (steps == 1) Publish(channel, {R"({"id":"DEF","price":11})"});  // after the first snapshot
  return steps == 1;  // the change has come: lose the connection; or this was all
}

// begin
grpc::Status Follow(const std::shared_ptr<grpc::Channel>& channel) {
  v1::SubscribeRequest request;
  v1::SubscriptionSpec& spec = *request.mutable_spec();
  spec.set_topic("state/quotes");
  spec.set_filter("/price > 10");
  spec.set_with_snapshot(true);
  spec.set_order_by("/id");
  spec.set_out_of_focus(true);
  spec.mutable_heartbeat_interval()->set_seconds(5);  // tells a dead connection from a quiet topic
  grpc::ClientContext context;
  auto reader = v1::SubscriberService::NewStub(channel)->Subscribe(&context, request);

  std::map<std::string, std::string> gone = records;  // unless the snapshot has them
  v1::SubscribeResponse response;
  while (reader->Read(&response)) {
    for (const v1::SubscriptionEvent& event : response.events()) {
      bool go_on = true;
      for (const v1::Message& message : event.snapshot().messages()) {
        gone.erase(message.key());
        Take(message);
      }
      if (event.has_snapshot_end()) {
        for (const auto& [key, payload] : gone) Leave(key);
        go_on = Step(channel);
      }
      for (const v1::Message& message : event.messages().messages()) {
        Take(message);
        go_on = Step(channel);
      }
      if (event.has_out_of_focus()) Leave(event.out_of_focus().message().key());
      if (!go_on) context.TryCancel();
    }
  }
  return reader->Finish();
}
// end

bool finished = false;

void Lost(const std::shared_ptr<grpc::Channel>& channel) {
  finished = steps == 3;
  if (finished) return;
  std::printf("lost\n");
  Publish(channel, {R"({"id":"ABC","price":13})", R"({"id":"GHI","price":5})"});
}

// begin
bool FollowForEver(const std::shared_ptr<grpc::Channel>& channel) {
  while (!finished) {
    const grpc::Status status = Follow(channel);
    if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT ||
        status.error_code() == grpc::StatusCode::UNIMPLEMENTED ||
        status.error_code() == grpc::StatusCode::PERMISSION_DENIED) {
      std::printf("%s\n", status.error_message().c_str());
      return false;  // asking again would not help
    }
    Lost(channel);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return true;
}
// end

}  // namespace

int main(int argc, char** argv) {
  const auto channel = grpc::CreateChannel(argc > 1 ? argv[1] : "127.0.0.1:50051",
                                           grpc::InsecureChannelCredentials());
  const bool ok = Publish(channel, {R"({"id":"ABC","price":12})", R"({"id":"DEF","price":9})",
                                    R"({"id":"GHI","price":30})"}) &&
                  FollowForEver(channel);
  return ok ? 0 : 1;
}
