// Errors of the shipped modules: absl::Status with a line for people. A module sees nothing of the
// server's own error codes.
#ifndef FLUXGATE_MODULES_COMMON_FAILURE_H_
#define FLUXGATE_MODULES_COMMON_FAILURE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace fluxgate::modules {

// `text`: one line, no period, no secret.
inline absl::Status Failure(const std::string& text) { return absl::InvalidArgumentError(text); }

inline std::string FailureText(const absl::Status& status) { return std::string(status.message()); }

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_FAILURE_H_
