// Publish: one call, one batch, one result per message.
#ifndef FLUXGATE_GATEWAY_GRPC_PUBLISH_CALL_H_
#define FLUXGATE_GATEWAY_GRPC_PUBLISH_CALL_H_

#include <optional>
#include <string>
#include <string_view>

#include "gateway/grpc/unary_call.h"

namespace fluxgate::grpc_api {

class PublishCall final : public UnaryCall {
 public:
  using UnaryCall::UnaryCall;

 private:
  std::optional<absl::Status> Run(std::string_view request, std::string& response) override;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_PUBLISH_CALL_H_
