// What the process tells its caller. Part of the interface: docs/cli.md lists them.
#ifndef FLUXGATE_CLIENT_CLI_EXIT_CODE_H_
#define FLUXGATE_CLIENT_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace fluxgate::cli {

enum ExitCode : int {
  kOk = 0,
  kUsage = 1,  // arguments, URI, file or authenticator
  kCannotConnect = 2,
  kRefused = 3,  // the gateway said no, or does not speak the protocol
  kTimeout = 4,  // an answer or a message did not come in time
  kConnectionLost = 5,
  kMismatch = 6,       // messages lost, doubled or wrong (bench, demo)
  kInterrupted = 130,  // a signal came before the work was done
};

// Of an error while connecting, and later.
ExitCode ConnectExitCode(const absl::Status& status);
ExitCode CallExitCode(const absl::Status& status);

}  // namespace fluxgate::cli

#endif  // FLUXGATE_CLIENT_CLI_EXIT_CODE_H_
