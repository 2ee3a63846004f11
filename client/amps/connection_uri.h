// A connection string, and the stream of bytes that it asks for.
#ifndef FLUXGATE_CLIENT_AMPS_CONNECTION_URI_H_
#define FLUXGATE_CLIENT_AMPS_CONNECTION_URI_H_

#include <chrono>
#include <memory>
#include <string>

#include "client/amps/byte_stream.h"
#include "client/cpp/uri.h"

namespace AMPS::internal {

// With the defaults of the documented table. InvalidURIException and the like say which part.
fluxgate::client::Uri ParseUri(const std::string& text);

// For people.
std::string WithoutPassword(const std::string& uri);

// On a connected socket, which stays the caller's: plain, or after the handshake of TLS.
std::unique_ptr<ByteStream> MakeStream(int fd, const fluxgate::client::Uri& uri,
                                       std::chrono::steady_clock::time_point deadline,
                                       int interrupt_fd);

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_CONNECTION_URI_H_
