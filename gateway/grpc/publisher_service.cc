#include "gateway/grpc/publisher_service.h"

#include "gateway/grpc/delete_call.h"
#include "gateway/grpc/publish_call.h"
#include "gateway/grpc/publish_stream.h"
#include "gateway/grpc/stream_adapters.h"

namespace fluxgate::grpc_api {

grpc::ServerUnaryReactor* PublisherService::Publish(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return StartCall<PublishCall>(hub_, *context, request, response);
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* PublisherService::PublishStream(
    grpc::CallbackServerContext* context) {
  auto stream = std::make_shared<BidiAdapter<grpc_api::PublishStream>>(hub_, *context);
  stream->Begin();
  return stream.get();
}

grpc::ServerUnaryReactor* PublisherService::Delete(grpc::CallbackServerContext* context,
                                                   const grpc::ByteBuffer* request,
                                                   grpc::ByteBuffer* response) {
  return StartCall<DeleteCall>(hub_, *context, request, response);
}

}  // namespace fluxgate::grpc_api
