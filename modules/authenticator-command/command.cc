// Logs on elsewhere with the password that a program prints.
#include <fmt/format.h>

#include "modules/authenticator-command/run_command.h"
#include "modules/common/authenticator_module.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class CommandAuthenticator : public AuthenticatorContext {
 public:
  CommandAuthenticator(Command command, std::string user)
      : command_(std::move(command)), user_(std::move(user)) {}

  absl::StatusOr<Credentials> Make(const OutgoingLogon& logon) override {
    Command command = command_;
    const std::string user = user_.empty() ? std::string(logon.user) : user_;
    command.environment = {
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "FLUXGATE_USER=" + user,
        fmt::format("FLUXGATE_REMOTE_ADDRESS={}", logon.remote_address),
        fmt::format("FLUXGATE_CHALLENGE={}", logon.challenge),
        fmt::format("FLUXGATE_ATTEMPT={}", logon.attempt),
    };
    absl::StatusOr<std::string> output = RunCommand(command);
    if (!output.ok()) return output.status();
    std::string password = output->substr(0, output->find('\n'));
    Wipe(&*output);
    if (password.ends_with('\r')) password.pop_back();
    if (password.empty() || password.find('\0') != std::string::npos) {
      Wipe(&password);
      return Failure(command_.arguments[0] + ": its first line is no password");
    }
    return Credentials{user, std::move(password)};
  }

 private:
  const Command command_;
  const std::string user_;
};

constexpr OptionName kOptions[] = {
    {"Command"}, {"Argument", true}, {"User"}, {"TimeLimit"}, {"OutputMax"}};

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<AuthenticatorContext>> CreateAuthenticatorContext(Options& options) {
  Command command;
  command.arguments.push_back(options.Required("Command"));
  // Where a program is looked for must not depend on who starts the server, and where.
  if (options.status().ok() && !command.arguments[0].starts_with('/')) {
    options.Wrong("Command", "is not an absolute path");
  }
  for (std::string& argument : options.All("Argument")) {
    command.arguments.push_back(std::move(argument));
  }
  command.time_limit = options.Time("TimeLimit", command.time_limit, 10ms, 300s);
  command.output_max = static_cast<size_t>(
      options.Number("OutputMax", static_cast<int64_t>(command.output_max), 1, 1024 * 1024));
  return std::make_unique<CommandAuthenticator>(std::move(command), options.Text("User"));
}

}  // namespace fluxgate::modules
