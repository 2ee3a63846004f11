// Stored topics over gRPC, without any library of ours. Needs a gateway that stores the topic
// "quotes" with the key /symbol. The parts between "begin" and "end" are printed in docs/grpc.md.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>
#include <string>

#include "fluxgate/v1/gateway.grpc.pb.h"

namespace v1 = fluxgate::v1;

namespace {

void Print(const char* what, const v1::Message& message) {
  std::printf("%s %s\n", what, message.payload().c_str());
}

bool Publish(const std::shared_ptr<grpc::Channel>& channel, const char* symbol, int price) {
  grpc::ClientContext context;
  v1::PublishRequest request;
  v1::Message& message = *request.add_messages();
  message.set_topic("quotes");
  message.set_payload("{\"symbol\":\"" + std::string(symbol) +
                      "\",\"price\":" + std::to_string(price) + "}");
  v1::PublishResponse response;
  const grpc::Status status =
      v1::PublisherService::NewStub(channel)->Publish(&context, request, &response);
  return status.ok() && !response.results(0).has_error();
}

bool Query(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  // begin
  v1::QueryRequest request;
  request.set_topic("quotes");
  request.set_filter("/price > 10");
  request.set_order_by("/price DESC");
  request.set_top_n(10);
  request.add_fields("/symbol");
  auto reader = v1::SubscriberService::NewStub(channel)->Query(&context, request);
  v1::QueryResponse response;
  while (reader->Read(&response)) {
    for (const v1::Message& record : response.batch().messages()) Print("found", record);
    if (response.has_end()) std::printf("%u records\n", unsigned(response.end().record_count()));
  }
  const grpc::Status status = reader->Finish();
  // end
  return status.ok();
}

bool Delete(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  // begin
  v1::DeleteRequest request;
  request.set_topic("quotes");
  request.set_filter("/symbol = 'ABC'");
  v1::DeleteResponse response;
  const grpc::Status status =
      v1::PublisherService::NewStub(channel)->Delete(&context, request, &response);
  // end
  return status.ok() && response.deleted_count() == 1;
}

// Whether that was all; changes the record when the snapshot is complete.
bool Step(const std::shared_ptr<grpc::Channel>& channel, const v1::SubscriptionEvent& event) {
  if (event.has_snapshot_end()) return !(Publish(channel, "ABC", 13) && Delete(channel));
  return event.has_out_of_focus();
}

bool Watch(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  // begin
  v1::SubscribeRequest request;
  v1::SubscriptionSpec& spec = *request.mutable_spec();
  spec.set_topic("quotes");
  spec.set_filter("/price > 10");
  spec.set_with_snapshot(true);
  spec.set_out_of_focus(true);
  auto reader = v1::SubscriberService::NewStub(channel)->Subscribe(&context, request);
  v1::SubscribeResponse response;
  while (reader->Read(&response)) {
    for (const v1::SubscriptionEvent& event : response.events()) {
      for (const v1::Message& record : event.snapshot().messages()) Print("is", record);
      for (const v1::Message& record : event.messages().messages()) Print("becomes", record);
      if (event.has_out_of_focus()) Print("left", event.out_of_focus().message());
      if (Step(channel, event)) context.TryCancel();
    }
  }
  // end
  return reader->Finish().error_code() == grpc::StatusCode::CANCELLED;
}

}  // namespace

int main(int argc, char** argv) {
  const auto channel = grpc::CreateChannel(argc > 1 ? argv[1] : "127.0.0.1:50051",
                                           grpc::InsecureChannelCredentials());
  const bool ok =
      Publish(channel, "ABC", 12) && Publish(channel, "DEF", 9) && Query(channel) && Watch(channel);
  return ok ? 0 : 1;
}
