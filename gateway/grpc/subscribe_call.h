// Subscribe: one subscription, server-streaming.
#ifndef FLUXGATE_GATEWAY_GRPC_SUBSCRIBE_CALL_H_
#define FLUXGATE_GATEWAY_GRPC_SUBSCRIBE_CALL_H_

#include <memory>
#include <string_view>

#include "gateway/grpc/subscriber.h"

namespace fluxgate::grpc_api {

class SubscribeCall : public Subscriber {
 public:
  SubscribeCall(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context);

 private:
  void OnOpen() override {}
  bool OnRequest(std::string_view request) override;
  void OnHalfClose() override {}
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_SUBSCRIBE_CALL_H_
