// amps-action-do-execute-system: a program of the operator's choice. Off unless the configuration's
// root says AllowExecuteSystem. Variables never become part of a shell's command: with Shell they
// are in its environment only.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/thread_activity.h"
#include "gateway/actions/action_services.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"
#include "gateway/actions/run_program.h"

namespace fluxgate {
namespace {

constexpr uint64_t kTimeoutMinNs = 1'000'000;
constexpr uint64_t kTimeoutNs = 10'000'000'000;
// An environment's limit in Linux is 128 KiB a variable.
constexpr size_t kVariableBytesMax = 64 * 1024;

// Names that a program may find in its environment: no way to change PATH or what is loaded.
std::vector<std::string> EnvironmentOf(const ActionVariables& variables) {
  std::vector<std::string> environment;
  for (const auto& [name, value] : variables) {
    const bool is_name = std::ranges::all_of(
        name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
    if (!is_name || !name.starts_with("AMPS_") || value.size() > kVariableBytesMax) continue;
    environment.push_back(fmt::format("{}={}", name, std::string_view(value.c_str())));
  }
  return environment;
}

class DoExecuteSystem final : public ActionStep {
 public:
  DoExecuteSystem(std::string command, std::vector<std::string> arguments, bool shell,
                  uint64_t timeout_ns)
      : command_(std::move(command)),
        arguments_(std::move(arguments)),
        shell_(shell),
        timeout_ns_(timeout_ns) {}

  Place place() const override { return Place::kHelper; }

  absl::Status Run(ActionContext& context) override {
    std::vector<std::string> arguments;
    if (shell_) {
      arguments = {"/bin/sh", "-c", command_};
    } else {
      arguments = {command_};
      for (const std::string& text : arguments_) {
        auto argument = context.Expand(text);
        if (!argument.ok()) return argument.status();
        arguments.push_back(*std::move(argument));
      }
    }
    const ProgramResult result =
        RunProgram(arguments, EnvironmentOf(context.variables()), timeout_ns_, [&context] {
          ThreadActivity::Ping();
          return context.services().stopping();
        });
    Log(result.output);
    return result.status;
  }

 private:
  void Log(std::string_view output) const {
    while (!output.empty()) {
      const size_t end = std::min(output.find('\n'), output.size());
      std::string line(output.substr(0, end));
      for (char& c : line) {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
      }
      if (!line.empty()) spdlog::info("{}: {}", shell_ ? "sh" : command_, line);
      output.remove_prefix(std::min(end + 1, output.size()));
    }
  }

  const std::string command_;
  const std::vector<std::string> arguments_;
  const bool shell_;
  const uint64_t timeout_ns_;
};

}  // namespace

StepPtr MakeDoExecuteSystem(OptionReader& options) {
  if (!options.config().allow_execute_system) {
    options.Fail("", "needs <AllowExecuteSystem>true</AllowExecuteSystem> in the configuration");
  }
  std::string command = options.Required("Command");
  std::vector<std::string> arguments = options.All("Argument");
  const bool shell = options.Flag("Shell");
  if (!shell && !command.empty() && command.front() != '/') {
    options.Fail("Command", "is no absolute path", "/path/to/program");
  }
  if (shell && !arguments.empty()) options.Fail("Argument", "has no use with Shell");
  return std::make_unique<DoExecuteSystem>(std::move(command), std::move(arguments), shell,
                                           options.Interval("Timeout", kTimeoutMinNs, kTimeoutNs));
}

}  // namespace fluxgate
