#include "client/cli/exit_code.h"

#include "core/base/error.h"

namespace fluxgate::cli {

ExitCode ConnectExitCode(const absl::Status& status) {
  if (status.ok()) return kOk;
  // Said about the URI before anything was sent.
  if (ErrorCodeOf(status) == ErrorCode::kBadOption || ErrorCodeOf(status) == ErrorCode::kNotBuilt) {
    return kUsage;
  }
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) return kCannotConnect;
  return kRefused;
}

ExitCode CallExitCode(const absl::Status& status) {
  if (status.ok()) return kOk;
  // Said about the arguments before anything was sent.
  if (ErrorCodeOf(status) == ErrorCode::kBadOption || ErrorCodeOf(status) == ErrorCode::kNotBuilt) {
    return kUsage;
  }
  if (absl::IsUnavailable(status)) return kConnectionLost;
  if (absl::IsDeadlineExceeded(status)) return kTimeout;
  return kRefused;
}

}  // namespace fluxgate::cli
