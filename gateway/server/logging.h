// The gateway's log: targets from the configuration, one line an event:
// `2024-03-21T22:09:52.535075Z [1234] info: text`.
#ifndef FLUXGATE_GATEWAY_SERVER_LOGGING_H_
#define FLUXGATE_GATEWAY_SERVER_LOGGING_H_

#include <vector>

#include "absl/status/status.h"
#include "gateway/config/config.h"

namespace fluxgate {

// Once, before the first log line. Fails when a log file cannot be opened. No targets: no log.
absl::Status StartLogging(const std::vector<config::LogTarget>& targets);

// Any thread. Starts every log file anew (LogFileSink::Rotate); the first error there was.
absl::Status RotateLogs();

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SERVER_LOGGING_H_
