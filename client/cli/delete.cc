// fluxgate delete: takes records out of a stored topic.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/terminal.h"

namespace fluxgate::cli {
namespace {

struct DeleteArguments {
  std::string uri;
  std::string topic;
  client::DeleteSelector selector;
  bool quiet = false;
};

ExitCode Delete(const DeleteArguments& arguments) {
  ExitCode code = kOk;
  const auto client = ConnectTo(arguments.uri, &code);
  if (client == nullptr) return code;
  const auto deleted = client->Delete(arguments.topic, arguments.selector);
  if (!deleted.ok()) {
    Complain(deleted.status());
    return CallExitCode(deleted.status());
  }
  if (!arguments.quiet) Say(fmt::format("deleted {}", Count(*deleted, "record")));
  return kOk;
}

}  // namespace

void AddDelete(CLI::App& app, Action* action) {
  auto arguments = std::make_shared<DeleteArguments>();
  CLI::App* command = app.add_subcommand("delete", "Deletes records of a stored topic");
  command->add_option("uri", arguments->uri, "Where the gateway is")->required();
  command->add_option("topic", arguments->topic, "Stored topic")->required();
  CLI::Option_group* which = command->add_option_group("which", "Which records");
  which->add_option("--filter", arguments->selector.filter, "Those that match this content filter");
  which->add_option("--key", arguments->selector.keys, "The one with this SOW key; may be repeated")
      ->allow_extra_args(false);
  which->require_option(1);
  command->add_flag("-q,--quiet", arguments->quiet, "No summary");
  command->footer(
      "Examples:\n"
      "  fluxgate delete tcp://localhost:9007/amps/json state/orders --filter \"/id = 2\"\n"
      "  fluxgate delete grpc://localhost:50051 state/orders --key 17 --key 18\n");
  command->callback([=] { *action = [=] { return Delete(*arguments); }; });
}

}  // namespace fluxgate::cli
