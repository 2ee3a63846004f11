// fluxgate ping: is it there, and how far away.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "client/cli/commands.h"
#include "client/cli/terminal.h"

namespace fluxgate::cli {
namespace {

struct PingArguments {
  std::string uri;
  uint64_t count = 1;
  double interval_s = 1.0;
};

double Ms(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

ExitCode Ping(const PingArguments& arguments) {
  ExitCode code = kOk;
  const auto client = ConnectTo(arguments.uri, &code);
  if (client == nullptr) return code;
  if (!client->server_version().empty()) {
    fmt::print("gateway version {}\n", client->server_version());
  }
  std::chrono::nanoseconds least = std::chrono::nanoseconds::max(), most{}, sum{};
  uint64_t done = 0;
  while (done < arguments.count && !Interrupted()) {
    if (done != 0) {
      std::this_thread::sleep_for(std::chrono::duration<double>(arguments.interval_s));
    }
    const auto time = client->Ping();
    if (!time.ok()) {
      Complain(time.status());
      return CallExitCode(time.status());
    }
    fmt::print("answer in {:.3f} ms\n", Ms(*time));
    std::fflush(stdout);
    least = std::min(least, *time);
    most = std::max(most, *time);
    sum += *time;
    ++done;
  }
  if (done > 1) {
    fmt::print("{}: least {:.3f} ms, mean {:.3f} ms, most {:.3f} ms\n", Count(done, "answer"),
               Ms(least), Ms(sum / static_cast<int64_t>(done)), Ms(most));
  }
  return done == arguments.count ? kOk : kInterrupted;
}

}  // namespace

void AddPing(CLI::App& app, Action* action) {
  auto arguments = std::make_shared<PingArguments>();
  CLI::App* command = app.add_subcommand("ping", "Logs on and measures the time to the gateway");
  command->add_option("uri", arguments->uri, "Where the gateway is")->required();
  command->add_option("-n,--count", arguments->count, "How often")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--interval", arguments->interval_s, "Seconds between two")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0));
  command->footer("Example:\n  fluxgate ping tcp://localhost:9007/amps/json -n 5\n");
  command->callback([=] { *action = [=] { return Ping(*arguments); }; });
}

}  // namespace fluxgate::cli
