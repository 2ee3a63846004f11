// The person in front of it: messages, a progress line, Ctrl-C.
#ifndef FLUXGATE_CLIENT_CLI_TERMINAL_H_
#define FLUXGATE_CLIENT_CLI_TERMINAL_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/cli/exit_code.h"
#include "client/cpp/client.h"

namespace fluxgate::cli {

class AuthenticatorModule;

// From now on the first SIGINT or SIGTERM sets Interrupted(); the second one ends the process.
void CatchInterrupts();
bool Interrupted();

// "fluxgate: text" on standard error.
void Complain(std::string_view text);
void Complain(const absl::Status& status);
// A line for people on standard error.
void Say(std::string_view text);

// From now on, until null is given, connections log on with what this module says. It outlives the
// clients that ConnectTo makes.
void UseAuthenticator(const AuthenticatorModule* authenticator);

// Connects to a URI given as text. Null: the error has been printed and *exit_code says which.
std::unique_ptr<client::Client> ConnectTo(const std::string& uri, ExitCode* exit_code);

// One line on standard error that is written over and over, only when that is a terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  // wipes the line
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Whether enough time has passed to show something new: ask before making the text.
  bool due() const;
  void Show(std::string_view text);
  void Wipe();

 private:
  const bool is_terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

// "1 message", "2 messages".
std::string Count(uint64_t count, std::string_view noun);
// Messages per second, for people: "1234 msg/s", "1.25 M msg/s".
std::string Rate(uint64_t count, std::chrono::nanoseconds time);

}  // namespace fluxgate::cli

#endif  // FLUXGATE_CLIENT_CLI_TERMINAL_H_
