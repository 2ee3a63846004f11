// Errors as gRPC clients see them: a status code, a text, and google.rpc.Status with ErrorInfo
// (plus BadRequest and RetryInfo where they apply) in grpc-status-details-bin. Any thread.
#ifndef FLUXGATE_GATEWAY_GRPC_STATUS_MAPPING_H_
#define FLUXGATE_GATEWAY_GRPC_STATUS_MAPPING_H_

#include <grpcpp/support/status.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "fluxgate/v1/gateway.pb.h"

namespace fluxgate::grpc_api {

inline constexpr char kErrorDomain[] = "fluxgate";

// Longer texts are cut, so that a status fits in the metadata a peer accepts (8 KiB by default).
inline constexpr size_t kErrorTextBytesMax = 512;

// `field` names the request field to blame in BadRequest ("spec.filter"); empty: none; not given:
// the one of a subscription that the error's kind suggests.
grpc::Status ToGrpcStatus(const absl::Status& status,
                          std::optional<std::string_view> field = std::nullopt);

// For errors inside streams and result lists. `status` is not OK.
void ToProtoError(const absl::Status& status, v1::Error& error);

// `text` with what is not UTF-8 replaced by '?', cut at a character's end to `bytes_max`.
std::string CleanText(std::string_view text, size_t bytes_max);

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_STATUS_MAPPING_H_
