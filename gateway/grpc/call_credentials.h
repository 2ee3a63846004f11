// What a gRPC call shows of who makes it: the `authorization` header (Basic or Bearer), or the
// client certificate of its connection. Any thread.
#ifndef FLUXGATE_GATEWAY_GRPC_CALL_CREDENTIALS_H_
#define FLUXGATE_GATEWAY_GRPC_CALL_CREDENTIALS_H_

#include <grpcpp/server_context.h>

#include <string_view>

#include "gateway/security/authentication.h"

namespace fluxgate::grpc_api {

Credentials CredentialsOf(const grpc::ServerContextBase& context);

// The header's text into `credentials`; what it is not clear about counts as not there.
void ReadAuthorization(std::string_view header, Credentials& credentials);

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_CALL_CREDENTIALS_H_
