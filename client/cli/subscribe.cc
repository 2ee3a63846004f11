// fluxgate subscribe: one message per line on standard output.
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

using SteadyClock = std::chrono::steady_clock;

struct SubscribeArguments {
  std::string uri;
  client::SubscribeRequest request;
  std::string fields;
  RecordFormat format;
  std::string delimiter = "\\n";
  uint64_t count = 0;
  double timeout_s = 0;
  bool quiet = false;
};

// Prints until the end of `arguments`. *received counts.
ExitCode PrintMessages(const SubscribeArguments& arguments, RecordPrinter& printer,
                       client::Client& client, uint64_t* received) {
  const auto deadline =
      arguments.timeout_s > 0
          ? SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(
                                     std::chrono::duration<double>(arguments.timeout_s))
          : SteadyClock::time_point::max();
  // What waits in the output buffer is written out when nothing follows at once.
  bool written = true;
  ProgressLine progress;
  while (!Interrupted() && (arguments.count == 0 || *received < arguments.count)) {
    // In slices, so that Ctrl-C is noticed.
    auto wait = std::chrono::milliseconds(written ? 200 : 0);
    if (deadline != SteadyClock::time_point::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
      if (left.count() <= 0) return arguments.count == 0 ? kOk : kTimeout;
      wait = std::min(wait, left);
    }
    client::Message message;
    const auto got = client.Next(&message, wait);
    if (!got.ok()) {
      Complain(got.status());
      return CallExitCode(got.status());
    }
    if (!*got) {
      if (!written && std::fflush(stdout) != 0) return kOk;
      written = true;
      continue;
    }
    if (message.kind == client::MessageKind::kEndOfSnapshot) continue;
    ++*received;
    written = false;
    // The reader of a pipe has gone: it has seen what it wanted.
    if (!printer.Print(message)) return kOk;
  }
  return kOk;
}

ExitCode Subscribe(const SubscribeArguments& arguments) {
  const auto delimiter = ParseDelimiter(arguments.delimiter);
  if (!delimiter.ok()) {
    Complain(delimiter.status());
    return kUsage;
  }
  ExitCode code = kOk;
  const auto client = ConnectTo(arguments.uri, &code);
  if (client == nullptr) return code;
  client::SubscribeRequest request = arguments.request;
  request.fields = SplitFields(arguments.fields);
  const auto id = client->Subscribe(request);
  if (!id.ok()) {
    Complain(id.status());
    return CallExitCode(id.status());
  }
  if (!arguments.quiet) Say(fmt::format("subscribed to {}", request.topic));
  const auto start = SteadyClock::now();
  RecordFormat format = arguments.format;
  format.delimiter = *delimiter;
  RecordPrinter printer(format);
  uint64_t received = 0;
  code = PrintMessages(arguments, printer, *client, &received);
  std::fflush(stdout);
  if (code == kTimeout) {
    Complain(fmt::format("{} of {} in {} s", received, Count(arguments.count, "message"),
                         arguments.timeout_s));
  } else if (!arguments.quiet) {
    const std::chrono::duration<double> time = SteadyClock::now() - start;
    Say(fmt::format("received {} in {:.3f} s", Count(received, "message"), time.count()));
  }
  return code;
}

}  // namespace

void AddSubscribe(CLI::App& app, Action* action) {
  auto arguments = std::make_shared<SubscribeArguments>();
  client::SubscribeRequest& request = arguments->request;
  CLI::App* command =
      app.add_subcommand("subscribe", "Prints the messages of a topic, one per line");
  command->add_option("uri", arguments->uri, "Where the gateway is")->required();
  command->add_option("topic", request.topic, "Topic, or a regular expression over topic names")
      ->required();
  command->add_option("--filter", request.filter, "Content filter, such as \"/price > 100\"");
  CLI::Option* sow = command->add_flag("--sow", request.with_snapshot,
                                       "The stored records first, then what becomes of them");
  command->add_option("--order-by", request.order_by, "Order of the stored records")->needs(sow);
  command->add_option("--top-n", request.top_n, "At most this many stored records")
      ->needs(sow)
      ->check(CLI::PositiveNumber);
  command->add_flag("--delta", request.delta, "Of a change, the fields that changed and the key");
  command->add_flag("--oof", request.out_of_focus,
                    "Print \"oof REASON KEY BODY\" when a record leaves what is subscribed to");
  command->add_option("--fields", arguments->fields, "Print these fields only: /a,/b");
  command->add_option("--options", request.options, "Subscription options (amps only)");
  command->add_option("-n,--count", arguments->count, "End after this many messages")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--timeout", arguments->timeout_s,
                   "End after this many seconds; with -n, fewer messages are an error")
      ->check(CLI::PositiveNumber);
  AddFormatOptions(*command, arguments->format, arguments->delimiter, "message");
  command->add_flag("-q,--quiet", arguments->quiet, "Messages only");
  command->footer(
      "\"subscribed to TOPIC\" appears on standard error once the subscription stands. Ctrl-C ends "
      "it.\n\n"
      "Examples:\n"
      "  fluxgate subscribe tcp://localhost:9007/amps/json orders --filter \"/symbol = 'IBM'\"\n"
      "  fluxgate subscribe grpc://localhost:50051 '^orders' -n 10 --timeout 30\n"
      "  fluxgate subscribe tcp://localhost:9007/amps/json state/orders --sow --oof\n");
  command->callback([=] { *action = [=] { return Subscribe(*arguments); }; });
}

}  // namespace fluxgate::cli
