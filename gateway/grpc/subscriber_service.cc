#include "gateway/grpc/subscriber_service.h"

#include "gateway/grpc/not_built_call.h"
#include "gateway/grpc/query_call.h"
#include "gateway/grpc/stream_adapters.h"
#include "gateway/grpc/subscribe_call.h"
#include "gateway/grpc/subscribe_stream.h"

namespace fluxgate::grpc_api {

grpc::ServerWriteReactor<grpc::ByteBuffer>* SubscriberService::Query(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  auto stream = std::make_shared<WriteAdapter<QueryCall>>(hub_, *context);
  stream->Begin(*request);
  return stream.get();
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* SubscriberService::Subscribe(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  auto stream = std::make_shared<WriteAdapter<SubscribeCall>>(hub_, *context);
  stream->Begin(*request);
  return stream.get();
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SubscriberService::SubscribeStream(
    grpc::CallbackServerContext* context) {
  auto stream = std::make_shared<BidiAdapter<grpc_api::SubscribeStream>>(hub_, *context);
  stream->Begin();
  return stream.get();
}

grpc::ServerUnaryReactor* SubscriberService::Acknowledge(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer*,
                                                         grpc::ByteBuffer*) {
  return NotBuiltCall(*context, "Acknowledge");
}

}  // namespace fluxgate::grpc_api
