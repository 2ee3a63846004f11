// Runs a program as a user does: arguments and input in, exit code and output out. For tests.
#ifndef FLUXGATE_CLIENT_CLI_PROCESS_H_
#define FLUXGATE_CLIENT_CLI_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace fluxgate::cli {

class Process {
 public:
  // Starts it; its input is `input`.
  explicit Process(const std::vector<std::string>& command, const std::string& input = "");
  ~Process();  // ends it if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Signal(int number);
  // Waits, for at most `seconds` in all, until the output so far has `text`.
  bool WaitForOutput(const std::string& text, int seconds = 20);
  bool WaitForErrors(const std::string& text, int seconds = 20);
  // Waits for its end. The exit code, or minus the signal that ended it.
  int Wait();

  // What it has written so far.
  std::string output() const;
  std::string errors() const;

 private:
  std::string directory_;
  pid_t pid_ = -1;
};

}  // namespace fluxgate::cli

#endif  // FLUXGATE_CLIENT_CLI_PROCESS_H_
