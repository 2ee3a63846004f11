// Runs a program to its end: no shell, a time limit, its output taken. Blocks; any thread.
#ifndef FLUXGATE_GATEWAY_ACTIONS_RUN_PROGRAM_H_
#define FLUXGATE_GATEWAY_ACTIONS_RUN_PROGRAM_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace fluxgate {

// Of standard output and error together; what comes beyond is read and thrown away.
inline constexpr size_t kProgramOutputBytesMax = 64 * 1024;

struct ProgramResult {
  absl::Status status;  // OK: ended with exit status 0
  std::string output;
};

// `arguments` begin with the program's path. `environment`: NAME=text, beside the process's own.
// After `timeout_ns`, or when `stop` says so (asked several times a second), the program is ended
// with its whole process group, at once. Programs that it leaves behind are ended with it.
ProgramResult RunProgram(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& environment, uint64_t timeout_ns,
                         const std::function<bool()>& stop);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_RUN_PROGRAM_H_
