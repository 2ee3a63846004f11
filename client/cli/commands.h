// The subcommands. Each adds itself, with its arguments and help, to the application; when the
// command line names it, its action is stored in `*action` and run after parsing.
#ifndef FLUXGATE_CLIENT_CLI_COMMANDS_H_
#define FLUXGATE_CLIENT_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <functional>

#include "client/cli/exit_code.h"

namespace fluxgate::cli {

using Action = std::function<ExitCode()>;

void AddPing(CLI::App& app, Action* action);
void AddPublish(CLI::App& app, Action* action);
void AddSubscribe(CLI::App& app, Action* action);
void AddSow(CLI::App& app, Action* action);
void AddDelete(CLI::App& app, Action* action);
void AddBench(CLI::App& app, Action* action);
void AddDemo(CLI::App& app, Action* action);
void AddPassword(CLI::App& app, Action* action);

}  // namespace fluxgate::cli

#endif  // FLUXGATE_CLIENT_CLI_COMMANDS_H_
