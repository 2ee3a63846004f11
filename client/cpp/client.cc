#include "client/cpp/client.h"

#include "client/cpp/amps_client.h"
#include "client/cpp/grpc_client.h"
#include "core/base/error.h"

namespace fluxgate::client {

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
