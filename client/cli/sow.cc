// fluxgate sow: the records of a stored topic, one per line on standard output.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/delimiter.h"
#include "client/cli/record_printer.h"
#include "client/cli/terminal.h"

namespace fluxgate::cli {
namespace {

struct SowArguments {
  std::string uri;
  client::QueryRequest query;
  std::string fields;
  RecordFormat format;
  std::string delimiter = "\\n";
  bool quiet = false;
};

ExitCode Sow(const SowArguments& arguments) {
  const auto delimiter = ParseDelimiter(arguments.delimiter);
  if (!delimiter.ok()) {
    Complain(delimiter.status());
    return kUsage;
  }
  ExitCode code = kOk;
  const auto client = ConnectTo(arguments.uri, &code);
  if (client == nullptr) return code;
  client::QueryRequest query = arguments.query;
  query.fields = SplitFields(arguments.fields);
  RecordFormat format = arguments.format;
  format.delimiter = *delimiter;
  RecordPrinter printer(format);
  uint64_t records = 0;
  const auto start = std::chrono::steady_clock::now();
  const absl::Status status = client->Query(query, [&](const client::Message& record) {
    ++records;
    return printer.Print(record) && !Interrupted();
  });
  std::fflush(stdout);
  if (!status.ok()) {
    Complain(status);
    return CallExitCode(status);
  }
  if (!arguments.quiet) {
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    Say(fmt::format("{} of {} in {:.3f} s", Count(records, "record"), query.topic, time.count()));
  }
  return Interrupted() ? kInterrupted : kOk;
}

}  // namespace

void AddSow(CLI::App& app, Action* action) {
  auto arguments = std::make_shared<SowArguments>();
  client::QueryRequest& query = arguments->query;
  CLI::App* command =
      app.add_subcommand("sow", "Prints the records of a stored topic, one per line");
  command->add_option("uri", arguments->uri, "Where the gateway is")->required();
  command->add_option("topic", query.topic, "Topic, or a regular expression over topic names")
      ->required();
  command->add_option("--filter", query.filter, "Content filter, such as \"/price > 100\"");
  command->add_option("--order-by", query.order_by, "Order, such as \"/price DESC, /id\"");
  command->add_option("--top-n", query.top_n, "At most this many records")
      ->check(CLI::PositiveNumber);
  command->add_option("--skip-n", query.skip_n, "Leave out this many records first")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--key", query.keys, "The record with this SOW key; may be repeated (amps only)")
      ->allow_extra_args(false);
  command->add_option("--fields", arguments->fields, "Print these fields only: /a,/b");
  command->add_option("--as-of", query.as_of,
                      "As it was at a time such as 20261122T093000Z (topics with history)");
  command->add_option("--batch-size", query.batch_size, "Records in one frame or response")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  AddFormatOptions(*command, arguments->format, arguments->delimiter, "record");
  command->add_flag("-q,--quiet", arguments->quiet, "Records only");
  command->footer(
      "All records are of one state: that of the moment when the query was accepted.\n\n"
      "Examples:\n"
      "  fluxgate sow tcp://localhost:9007/amps/json state/orders --filter \"/price > 100\"\n"
      "  fluxgate sow grpc://localhost:50051 state/orders --order-by \"/price DESC\" --top-n 10\n");
  command->callback([=] { *action = [=] { return Sow(*arguments); }; });
}

}  // namespace fluxgate::cli
