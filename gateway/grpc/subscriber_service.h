// fluxgate.v1.SubscriberService: each rpc to the class that serves it.
#ifndef FLUXGATE_GATEWAY_GRPC_SUBSCRIBER_SERVICE_H_
#define FLUXGATE_GATEWAY_GRPC_SUBSCRIBER_SERVICE_H_

#include <memory>

#include "fluxgate/v1/gateway.grpc.pb.h"
#include "gateway/grpc/stream_hub.h"

namespace fluxgate::grpc_api {

// All methods raw, for the reason given in publisher_service.h.
using RawSubscriberService = v1::SubscriberService::WithRawCallbackMethod_Query<
    v1::SubscriberService::WithRawCallbackMethod_Subscribe<
        v1::SubscriberService::WithRawCallbackMethod_SubscribeStream<
            v1::SubscriberService::WithRawCallbackMethod_Acknowledge<
                v1::SubscriberService::Service>>>>;

class SubscriberService final : public RawSubscriberService {
 public:
  explicit SubscriberService(std::shared_ptr<StreamHub> hub) : hub_(std::move(hub)) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Query(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Subscribe(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SubscribeStream(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Acknowledge(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;

 private:
  const std::shared_ptr<StreamHub> hub_;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_SUBSCRIBER_SERVICE_H_
