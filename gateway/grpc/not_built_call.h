// Acknowledge: it needs queues, which are not built yet. The request is not looked at.
#ifndef FLUXGATE_GATEWAY_GRPC_NOT_BUILT_CALL_H_
#define FLUXGATE_GATEWAY_GRPC_NOT_BUILT_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <string_view>

namespace fluxgate::grpc_api {

// Ends with UNIMPLEMENTED and a text that names `feature`.
grpc::ServerUnaryReactor* NotBuiltCall(grpc::CallbackServerContext& context,
                                       std::string_view feature);

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_NOT_BUILT_CALL_H_
