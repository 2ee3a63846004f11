// Runs a program and takes what it prints, within a time and a size.
#ifndef FLUXGATE_MODULES_AUTHENTICATOR_COMMAND_RUN_COMMAND_H_
#define FLUXGATE_MODULES_AUTHENTICATOR_COMMAND_RUN_COMMAND_H_

#include <chrono>
#include <string>
#include <vector>

#include "modules/common/failure.h"

namespace fluxgate::modules {

struct Command {
  std::vector<std::string> arguments;    // the first is the program's path
  std::vector<std::string> environment;  // "NAME=value", and nothing else
  std::chrono::milliseconds time_limit{10000};
  size_t output_max = 4096;
};

// What it wrote to its standard output. No shell; its input is empty, its errors go nowhere, it has
// no other descriptor and a process group of its own, which is ended with it. Errors: it cannot be
// started, takes too long, writes too much, ends with another status than 0; they name the program
// and nothing of its output.
absl::StatusOr<std::string> RunCommand(const Command& command);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_AUTHENTICATOR_COMMAND_RUN_COMMAND_H_
