// TLS of the gRPC library, fed by a TlsContext, so that certificates are checked and read again in
// one place for all protocols; and what the library knows of a client's certificate.
#ifndef FLUXGATE_GATEWAY_GRPC_TLS_CREDENTIALS_H_
#define FLUXGATE_GATEWAY_GRPC_TLS_CREDENTIALS_H_

#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "gateway/net/peer_certificate.h"
#include "gateway/net/tls_context.h"

namespace fluxgate::grpc_api {

// Every handshake uses what `tls` holds then. `tls` outlives the server that is given this. Of the
// options certificates, CA and `verify_client` are used; protocols (TLS 1.2 and 1.3) and ciphers
// are the library's, and of several certificates it takes the first whose own names fit the host
// name that is asked for.
std::shared_ptr<grpc::ServerCredentials> NewTlsCredentials(const net::TlsContext& tls);

// The certificate that the client of a call has shown (ServerContextBase::auth_context); null when
// it has shown none. Any thread.
std::unique_ptr<net::PeerCertificate> PeerCertificateOf(const grpc::AuthContext& context);

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_TLS_CREDENTIALS_H_
