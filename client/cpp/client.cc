#include "client/cpp/client.h"

#include "client/cpp/amps_client.h"
#include "client/cpp/grpc_client.h"
#include "core/base/error.h"

namespace fluxgate::client {

absl::Status CheckRequest(const SubscribeRequest& request) {
  if (request.with_snapshot || (request.order_by.empty() && request.top_n == 0)) {
    return absl::OkStatus();
  }
  return MakeError(ErrorCode::kBadOption,
                   "order_by and top_n are about the snapshot, and none is asked for");
}

absl::Status CheckSelector(const DeleteSelector& selector) {
  if (selector.filter.empty() != selector.keys.empty()) return absl::OkStatus();
  return MakeError(ErrorCode::kBadOption, "a delete needs either a filter or SOW keys");
}

absl::StatusOr<std::unique_ptr<Client>> Connect(const Uri& uri, const ClientOptions& options) {
  switch (uri.scheme) {
    case Scheme::kTcp:
    case Scheme::kUnix:
      return AmpsClient::Connect(uri, options);
    case Scheme::kGrpc:
      return GrpcClient::Connect(uri, options);
  }
  return MakeError(ErrorCode::kBadOption, "unknown scheme");
}

}  // namespace fluxgate::client
