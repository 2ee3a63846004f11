// fluxgate demo: market data through gRPC and tcp at once, and a count of everything that came out.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/demo_subscribers.h"
#include "client/cli/terminal.h"
#include "core/base/error.h"

namespace fluxgate::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr size_t kMessagesMax = 10'000'000;

struct DemoArguments {
  std::string grpc_uri;
  std::string tcp_uri;
  size_t orders = 4000;
  size_t quotes = 4000;
  double rate = 4000;
  double timeout_s = 60;
};

// Publishes every second row, beginning with `first`: the other protocol has the rest. At most
// `rows_per_s`, if not 0.
absl::Status PublishHalf(const DemoData& data, size_t first, double rows_per_s,
                         client::Client& client, std::atomic<uint64_t>& published) {
  const auto start = SteadyClock::now();
  const size_t rows = std::max(data.orders.size(), data.quotes.size());
  for (size_t i = first; i < rows && !Interrupted(); i += 2) {
    if (rows_per_s > 0 && i % 32 == first) {
      if (absl::Status status = client.Send(); !status.ok()) return status;
      std::this_thread::sleep_until(
          start + std::chrono::duration_cast<SteadyClock::duration>(
                      std::chrono::duration<double>(static_cast<double>(i) / rows_per_s)));
    }
    if (i < data.orders.size()) {
      absl::Status status = client.Publish(kDemoOrders, data.order_bodies[i]);
      if (!status.ok()) return status;
      ++published;
    }
    if (i < data.quotes.size()) {
      absl::Status status = client.Publish(kDemoQuotes, data.quote_bodies[i]);
      if (!status.ok()) return status;
      ++published;
    }
  }
  return client.Flush();
}

void PrintTable(const std::vector<std::unique_ptr<DemoSubscriber>>& subscribers) {
  size_t filter_width = 6;
  for (const auto& s : subscribers) filter_width = std::max(filter_width, s->filter().size());
  fmt::print("\n{:<8}  {:<11}  {:<{}}  {:>8}  {:>9}  {}\n", "protocol", "topic", "filter",
             filter_width, "expected", "delivered", "verdict");
  for (const auto& s : subscribers) {
    fmt::print("{:<8}  {:<11}  {:<{}}  {:>8}  {:>9}  {}\n", s->protocol(), s->topic(),
               s->filter().empty() ? "(all)" : s->filter(), filter_width, s->expected(),
               s->delivered(), s->Verdict());
  }
}

ExitCode Demo(const DemoArguments& arguments) {
  const DemoData data(arguments.orders, arguments.quotes);
  ExitCode code = kOk;
  std::vector<std::unique_ptr<DemoSubscriber>> subscribers = MakeDemoSubscribers(data);
  for (auto& subscriber : subscribers) {
    auto client =
        ConnectTo(subscriber->protocol() == "grpc" ? arguments.grpc_uri : arguments.tcp_uri, &code);
    if (client == nullptr) return code;
    if (absl::Status status = subscriber->Subscribe(std::move(client)); !status.ok()) {
      Complain(fmt::format("filter \"{}\": {}", subscriber->filter(), ErrorText(status)));
      return CallExitCode(status);
    }
  }
  const auto grpc = ConnectTo(arguments.grpc_uri, &code);
  if (grpc == nullptr) return code;
  const auto tcp = ConnectTo(arguments.tcp_uri, &code);
  if (tcp == nullptr) return code;

  const auto deadline =
      SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(
                               std::chrono::duration<double>(arguments.timeout_s));
  std::vector<std::thread> threads;
  std::atomic<size_t> receiving{subscribers.size()};
  for (auto& subscriber : subscribers) {
    threads.emplace_back([&, deadline] {
      subscriber->ReceiveUntil(deadline);
      --receiving;
    });
  }
  const auto start = SteadyClock::now();
  std::atomic<uint64_t> by_grpc{0}, by_tcp{0};
  absl::Status grpc_status, tcp_status;
  std::atomic<int> publishing{2};
  const double rows_per_s = arguments.rate *
                            static_cast<double>(std::max(data.orders.size(), data.quotes.size())) /
                            static_cast<double>(data.orders.size() + data.quotes.size());
  std::thread grpc_thread([&] {
    grpc_status = PublishHalf(data, 0, rows_per_s, *grpc, by_grpc);
    --publishing;
  });
  std::thread tcp_thread([&] {
    tcp_status = PublishHalf(data, 1, rows_per_s, *tcp, by_tcp);
    --publishing;
  });
  ProgressLine progress;
  const auto show = [&] {
    if (!progress.due()) return;
    uint64_t delivered = 0;
    for (const auto& s : subscribers) delivered += s->delivered();
    progress.Show(fmt::format("{} published by gRPC, {} by tcp, {} delivered to {}", by_grpc.load(),
                              by_tcp.load(), delivered, Count(subscribers.size(), "subscriber")));
  };
  while (publishing != 0) {
    show();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  grpc_thread.join();
  tcp_thread.join();
  // Everything has been matched; what follows on the same path comes after it.
  absl::Status status = !grpc_status.ok() ? grpc_status : tcp_status;
  if (status.ok()) status = tcp->PublishChecked(kDemoEnd, "{}");
  if (!status.ok() || Interrupted()) {
    for (auto& subscriber : subscribers) subscriber->Stop();
  }
  while (receiving != 0) {
    show();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (Interrupted()) {
      for (auto& subscriber : subscribers) subscriber->Stop();
    }
  }
  for (std::thread& thread : threads) thread.join();
  progress.Wipe();
  const std::chrono::nanoseconds time = SteadyClock::now() - start;

  fmt::print("published by gRPC: {}, by tcp: {} ({} and {}), in {:.3f} s\n",
             Count(by_grpc, "message"), Count(by_tcp, "message"),
             Count(data.orders.size(), "order"), Count(data.quotes.size(), "quote"),
             static_cast<double>(time.count()) / 1e9);
  PrintTable(subscribers);
  if (!status.ok()) {
    Complain(status);
    return CallExitCode(status);
  }
  if (Interrupted()) return kInterrupted;
  bool good = by_grpc + by_tcp == data.orders.size() + data.quotes.size();
  for (const auto& subscriber : subscribers) {
    if (!subscriber->status().ok()) Complain(subscriber->status());
    good = good && subscriber->ok();
  }
  fmt::print("\n{}\n", good ? "Every subscriber got exactly what its filter asks for."
                            : "MISMATCH: see the table.");
  return good ? kOk : kMismatch;
}

}  // namespace

void AddDemo(CLI::App& app, Action* action) {
  auto arguments = std::make_shared<DemoArguments>();
  CLI::App* command = app.add_subcommand(
      "demo", "Sends market data through gRPC and tcp and checks what every subscriber got");
  command->add_option("--grpc", arguments->grpc_uri, "The gateway's gRPC transport")->required();
  command->add_option("--tcp", arguments->tcp_uri, "The gateway's amps transport")->required();
  command->add_option("--orders", arguments->orders, "Orders to publish")
      ->capture_default_str()
      ->check(CLI::Range(size_t{1}, kMessagesMax));
  command->add_option("--quotes", arguments->quotes, "Quotes to publish")
      ->capture_default_str()
      ->check(CLI::Range(size_t{1}, kMessagesMax));
  command->add_option("--rate", arguments->rate, "Messages per second; 0: as fast as it goes")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--timeout", arguments->timeout_s, "Seconds for the whole run")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 3600.0));
  command->footer(
      "Expected counts come from plain comparisons over the generated data, not from the "
      "gateway's\n"
      "filter engine.\n\n"
      "Example:\n"
      "  fluxgate demo --grpc grpc://localhost:9008 --tcp tcp://localhost:9007/amps/json\n");
  command->callback([=] { *action = [=] { return Demo(*arguments); }; });
}

}  // namespace fluxgate::cli
