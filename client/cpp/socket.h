// A connected socket for a URI.
#ifndef FLUXGATE_CLIENT_CPP_SOCKET_H_
#define FLUXGATE_CLIENT_CPP_SOCKET_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/uri.h"

namespace fluxgate::client {

struct SocketProblem {
  enum class Kind : uint8_t { kNone, kUnavailable, kTimedOut, kCancelled, kBadOption };
  Kind kind = Kind::kNone;
  std::string text;
  bool ok() const { return kind == Kind::kNone; }
};

// Connects to the tcp or unix address of `uri`, trying every address its host has; within `timeout`
// (looking the name up not counted). The descriptor is non-blocking and the caller's. kUnavailable
// with what to do when nobody answers, kTimedOut (kDeadlineExceeded) when nobody answers in time,
// kCancelled when `interrupt_fd` (-1: none) becomes readable meanwhile.
SocketProblem ConnectSocket(const Uri& uri, std::chrono::milliseconds timeout, int interrupt_fd,
                            int* fd);
absl::StatusOr<int> ConnectSocket(const Uri& uri, std::chrono::milliseconds timeout);

// "connection refused", from errno.
std::string SystemErrorText(int error);

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_SOCKET_H_
