// fluxgate: the command line of the gateway's clients.
#include <signal.h>

#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/authenticator.h"
#include "client/cli/commands.h"
#include "client/cli/terminal.h"

namespace fluxgate::cli {
namespace {

constexpr char kFooter[] =
    "URIs:\n"
    "  tcp://[user[:password]@]host:port/amps/json[?tcp_nodelay=false&...]\n"
    "  unix://localhost:0/amps/json?path=/run/fluxgate.sock\n"
    "  grpc://[user[:password]@]host:port\n"
    "\n"
    "Examples:\n"
    "  fluxgate ping tcp://localhost:9007/amps/json\n"
    "  fluxgate subscribe tcp://localhost:9007/amps/json orders --filter '/price > 100'\n"
    "  fluxgate publish grpc://localhost:50051 orders '{\"id\":1,\"price\":101.5}'\n"
    "  fluxgate publish tcp://localhost:9007/amps/json orders < orders.jsonl\n"
    "  fluxgate sow tcp://localhost:9007/amps/json state/orders --order-by '/price DESC'\n"
    "  fluxgate --authenticator libauthenticator_file.so,File=/etc/fluxgate/logon ping "
    "tcp://localhost:9007/amps/json\n"
    "  fluxgate COMMAND --help\n"
    "\n"
    "Exit codes:\n"
    "  0    done\n"
    "  1    arguments, URI, file or authenticator wrong\n"
    "  2    cannot connect\n"
    "  3    refused by the gateway, or not the protocol it speaks\n"
    "  4    no answer, or too few messages, in time\n"
    "  5    connection lost\n"
    "  6    messages lost, doubled or wrong (bench, demo)\n"
    "  130  interrupted before the work was done\n";

int Main(int argc, char** argv) {
  CLI::App app("Publishes to, subscribes from and queries a Fluxgate gateway.", "fluxgate");
  app.set_version_flag("--version", "fluxgate 0.1.0");
  app.footer(kFooter);
  app.require_subcommand(1);
  // Also behind the subcommand.
  app.fallthrough();
  std::string authenticator_text;
  app.add_option("--authenticator", authenticator_text,
                 "Log on with the user and password that this module gives, instead of those of "
                 "the URI: a file, or the name of a module that comes with the gateway, and its "
                 "options; a comma in a value is written twice")
      ->type_name("MODULE[,Option=Value...]");
  Action action;
  AddPing(app, &action);
  AddPublish(app, &action);
  AddSubscribe(app, &action);
  AddSow(app, &action);
  AddDelete(app, &action);
  AddBench(app, &action);
  AddDemo(app, &action);
  AddPassword(app, &action);
  // The library reports by exception; nothing else here throws.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  CatchInterrupts();
  // A reader that has gone is an error of write, not the end of the process.
  signal(SIGPIPE, SIG_IGN);
  std::unique_ptr<AuthenticatorModule> authenticator;
  if (app.count("--authenticator") != 0) {
    auto loaded = AuthenticatorModule::Load(authenticator_text);
    if (!loaded.ok()) {
      Complain(loaded.status());
      return kUsage;
    }
    authenticator = *std::move(loaded);
    UseAuthenticator(authenticator.get());
  }
  const ExitCode code = action();
  UseAuthenticator(nullptr);
  std::fflush(stdout);
  return code;
}

}  // namespace
}  // namespace fluxgate::cli

int main(int argc, char** argv) { return fluxgate::cli::Main(argc, argv); }
