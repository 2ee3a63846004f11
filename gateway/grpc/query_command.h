// A QueryRequest as a command for the engine. Reactor thread.
#ifndef FLUXGATE_GATEWAY_GRPC_QUERY_COMMAND_H_
#define FLUXGATE_GATEWAY_GRPC_QUERY_COMMAND_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/message/command.h"
#include "fluxgate/v1/gateway.pb.h"

namespace fluxgate::grpc_api {

// What a command refers to beside its request.
struct QueryCommandText {
  std::string options;
  std::string bookmark;
};

// A command of views into `request` and `text`, which is overwritten. kNotBuilt, naming the
// feature, for what is announced and not built; kBadOption for an impossible value.
absl::StatusOr<Command> QueryCommand(const v1::QueryRequest& request, QueryCommandText& text);

// The field of `request` that an error is about; empty: not known.
std::string_view QueryFieldToBlame(const v1::QueryRequest& request, const absl::Status& error);

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_QUERY_COMMAND_H_
