#include "client/cpp/socket.h"
#include "core/base/error.h"

namespace fluxgate::client {

absl::StatusOr<int> ConnectSocket(const Uri& uri, std::chrono::milliseconds timeout) {
  int fd = -1;
  const SocketProblem problem = ConnectSocket(uri, timeout, /*interrupt_fd=*/-1, &fd);
  switch (problem.kind) {
    case SocketProblem::Kind::kNone:
      return fd;
    case SocketProblem::Kind::kUnavailable:
      return absl::UnavailableError(problem.text);
    case SocketProblem::Kind::kTimedOut:
      return absl::DeadlineExceededError(problem.text);
    case SocketProblem::Kind::kCancelled:
      return absl::CancelledError(problem.text);
    case SocketProblem::Kind::kBadOption:
      return MakeError(ErrorCode::kBadOption, problem.text);
  }
  return absl::InternalError(problem.text);
}

}  // namespace fluxgate::client
