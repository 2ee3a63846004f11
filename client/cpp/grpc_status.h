// Errors that come inside gRPC messages.
#ifndef FLUXGATE_CLIENT_CPP_GRPC_STATUS_H_
#define FLUXGATE_CLIENT_CPP_GRPC_STATUS_H_

#include <fmt/format.h>

#include "absl/status/status.h"
#include "core/base/strings.h"
#include "fluxgate/v1/gateway.pb.h"

namespace fluxgate::client {

inline absl::Status ToStatus(const v1::Error& error) {
  return absl::Status(static_cast<absl::StatusCode>(error.code()),
                      ToAbsl(fmt::format("{} ({})", error.message(), error.reason())));
}

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_GRPC_STATUS_H_
