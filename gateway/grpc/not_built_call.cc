#include "gateway/grpc/not_built_call.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "gateway/grpc/status_mapping.h"

namespace fluxgate::grpc_api {
namespace {

grpc::Status NotBuilt(std::string_view feature) {
  return ToGrpcStatus(MakeError(ErrorCode::kNotBuilt, fmt::format("{} is not built yet", feature)));
}

}  // namespace

grpc::ServerUnaryReactor* NotBuiltCall(grpc::CallbackServerContext& context,
                                       std::string_view feature) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  reactor->Finish(NotBuilt(feature));
  return reactor;
}

}  // namespace fluxgate::grpc_api
