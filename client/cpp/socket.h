// A connected socket for a URI.
#ifndef FLUXGATE_CLIENT_CPP_SOCKET_H_
#define FLUXGATE_CLIENT_CPP_SOCKET_H_

#include <chrono>

#include "absl/status/statusor.h"
#include "client/cpp/uri.h"

namespace fluxgate::client {

// Connects to the tcp or unix address of `uri`, trying every address its host has; within `timeout`
// (looking the name up not counted). The descriptor is non-blocking and the caller's. kUnavailable
// with what to do when nobody answers, kDeadlineExceeded when nobody answers in time, kCancelled
// when `interrupt_fd` becomes readable meanwhile.
absl::StatusOr<int> ConnectSocket(const Uri& uri, std::chrono::milliseconds timeout,
                                  int interrupt_fd = -1);

// "connection refused", from errno.
std::string SystemErrorText(int error);

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_SOCKET_H_
