// fluxgate.v1.PublisherService: each rpc to the class that serves it.
#ifndef FLUXGATE_GATEWAY_GRPC_PUBLISHER_SERVICE_H_
#define FLUXGATE_GATEWAY_GRPC_PUBLISHER_SERVICE_H_

#include <memory>

#include "fluxgate/v1/gateway.grpc.pb.h"
#include "gateway/grpc/stream_hub.h"

namespace fluxgate::grpc_api {

// All methods raw: requests are decoded here, piece by piece, so that a request cannot take many
// times its size in memory.
using RawPublisherService = v1::PublisherService::WithRawCallbackMethod_Publish<
    v1::PublisherService::WithRawCallbackMethod_PublishStream<
        v1::PublisherService::WithRawCallbackMethod_Delete<v1::PublisherService::Service>>>;

class PublisherService final : public RawPublisherService {
 public:
  explicit PublisherService(std::shared_ptr<StreamHub> hub) : hub_(std::move(hub)) {}

  grpc::ServerUnaryReactor* Publish(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* PublishStream(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Delete(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;

 private:
  const std::shared_ptr<StreamHub> hub_;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_PUBLISHER_SERVICE_H_
