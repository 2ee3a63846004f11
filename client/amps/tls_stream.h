// TLS on a connected socket: the client's side, by a library that is loaded at run time.
#ifndef FLUXGATE_CLIENT_AMPS_TLS_STREAM_H_
#define FLUXGATE_CLIENT_AMPS_TLS_STREAM_H_

#include <chrono>
#include <memory>

#include "client/amps/byte_stream.h"
#include "client/cpp/uri.h"

namespace AMPS::internal {

// Makes the handshake, and takes nobody but a server with a certificate for the host of `uri` by a
// CA of its ca_file or ca_path, or of the system's where it names none. `fd` (non-blocking) stays
// the caller's. SslException with the reason; InvalidTransportOptionsException: a file cannot be
// used. `interrupt_fd`: DisconnectedException when it becomes readable meanwhile.
std::unique_ptr<ByteStream> ConnectTls(int fd, const fluxgate::client::Uri& uri,
                                       std::chrono::steady_clock::time_point deadline,
                                       int interrupt_fd);

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_TLS_STREAM_H_
