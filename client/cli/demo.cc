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

class DemoRun {
 public:
  explicit DemoRun(const DemoArguments& arguments)
      : arguments_(arguments),
        data_(arguments.orders, arguments.quotes),
        subscribers_(MakeDemoSubscribers(data_)) {}

  ExitCode Run() {
    if (const ExitCode code = Connect(); code != kOk) return code;
    const auto start = SteadyClock::now();
    StartReceiving(start + Seconds(arguments_.timeout_s));
    const absl::Status status = PublishEverything();
    AwaitReceivers(status);
    progress_.Wipe();
    fmt::print("published by gRPC: {}, by tcp: {} ({} and {}), in {:.3f} s\n",
               Count(by_grpc_, "message"), Count(by_tcp_, "message"),
               Count(data_.orders.size(), "order"), Count(data_.quotes.size(), "quote"),
               std::chrono::duration<double>(SteadyClock::now() - start).count());
    PrintTable();
    if (!status.ok()) {
      Complain(status);
      return CallExitCode(status);
    }
    return Interrupted() ? kInterrupted : Judge();
  }

 private:
  static SteadyClock::duration Seconds(double seconds) {
    return std::chrono::duration_cast<SteadyClock::duration>(
        std::chrono::duration<double>(seconds));
  }

  ExitCode Connect() {
    ExitCode code = kOk;
    for (auto& subscriber : subscribers_) {
      auto client = ConnectTo(
          subscriber->protocol() == "grpc" ? arguments_.grpc_uri : arguments_.tcp_uri, &code);
      if (client == nullptr) return code;
      if (absl::Status status = subscriber->Subscribe(std::move(client)); !status.ok()) {
        Complain(fmt::format("filter \"{}\": {}", subscriber->filter(), ErrorText(status)));
        return CallExitCode(status);
      }
    }
    grpc_ = ConnectTo(arguments_.grpc_uri, &code);
    if (grpc_ == nullptr) return code;
    tcp_ = ConnectTo(arguments_.tcp_uri, &code);
    return tcp_ == nullptr ? code : kOk;
  }

  void StartReceiving(SteadyClock::time_point deadline) {
    receiving_ = subscribers_.size();
    for (auto& subscriber : subscribers_) {
      receivers_.emplace_back([this, &subscriber, deadline] {
        subscriber->ReceiveUntil(deadline);
        --receiving_;
      });
    }
  }

  // Both halves at once; then the end mark, which comes after everything on every path because
  // everything has been matched when it is sent.
  absl::Status PublishEverything() {
    absl::Status grpc_status, tcp_status;
    std::atomic<int> publishing{2};
    std::thread by_grpc([&] {
      grpc_status = PublishHalf(0, *grpc_, by_grpc_);
      --publishing;
    });
    std::thread by_tcp([&] {
      tcp_status = PublishHalf(1, *tcp_, by_tcp_);
      --publishing;
    });
    while (publishing != 0) ShowProgress();
    by_grpc.join();
    by_tcp.join();
    if (!grpc_status.ok()) return grpc_status;
    if (!tcp_status.ok()) return tcp_status;
    return tcp_->PublishChecked(kDemoEnd, "{}");
  }

  // Every second row of the data, beginning with `first`: the other protocol has the rest.
  absl::Status PublishHalf(size_t first, client::Client& client, std::atomic<uint64_t>& published) {
    constexpr size_t kRowsBetweenWaits = 32;
    const size_t rows = std::max(data_.orders.size(), data_.quotes.size());
    const double rows_per_s = arguments_.rate * static_cast<double>(rows) /
                              static_cast<double>(data_.orders.size() + data_.quotes.size());
    const auto start = SteadyClock::now();
    for (size_t i = first; i < rows && !Interrupted(); i += 2) {
      if (rows_per_s > 0 && i % kRowsBetweenWaits == first) {
        if (absl::Status status = client.Send(); !status.ok()) return status;
        std::this_thread::sleep_until(start + Seconds(static_cast<double>(i) / rows_per_s));
      }
      if (i < data_.orders.size()) {
        absl::Status status = client.Publish(kDemoOrders, data_.order_bodies[i]);
        if (!status.ok()) return status;
        ++published;
      }
      if (i < data_.quotes.size()) {
        absl::Status status = client.Publish(kDemoQuotes, data_.quote_bodies[i]);
        if (!status.ok()) return status;
        ++published;
      }
    }
    return client.Flush();
  }

  void AwaitReceivers(const absl::Status& published) {
    while (receiving_ != 0) {
      ShowProgress();
      if (!published.ok() || Interrupted()) {
        for (auto& subscriber : subscribers_) subscriber->Stop();
      }
    }
    for (std::thread& thread : receivers_) thread.join();
  }

  void ShowProgress() {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (!progress_.due()) return;
    uint64_t delivered = 0;
    for (const auto& s : subscribers_) delivered += s->delivered();
    progress_.Show(fmt::format("{} published by gRPC, {} by tcp, {} delivered to {}",
                               by_grpc_.load(), by_tcp_.load(), delivered,
                               Count(subscribers_.size(), "subscriber")));
  }

  void PrintTable() const {
    size_t filter_width = 6;
    for (const auto& s : subscribers_) filter_width = std::max(filter_width, s->filter().size());
    fmt::print("\n{:<8}  {:<11}  {:<{}}  {:>8}  {:>9}  {}\n", "protocol", "topic", "filter",
               filter_width, "expected", "delivered", "verdict");
    for (const auto& s : subscribers_) {
      fmt::print("{:<8}  {:<11}  {:<{}}  {:>8}  {:>9}  {}\n", s->protocol(), s->topic(),
                 s->filter().empty() ? "(all)" : s->filter(), filter_width, s->expected(),
                 s->delivered(), s->Verdict());
    }
  }

  ExitCode Judge() const {
    bool good = by_grpc_ + by_tcp_ == data_.orders.size() + data_.quotes.size();
    for (const auto& subscriber : subscribers_) {
      if (!subscriber->status().ok()) Complain(subscriber->status());
      good = good && subscriber->ok();
    }
    fmt::print("\n{}\n", good ? "Every subscriber got exactly what its filter asks for."
                              : "MISMATCH: see the table.");
    return good ? kOk : kMismatch;
  }

  const DemoArguments& arguments_;
  const DemoData data_;
  std::vector<std::unique_ptr<DemoSubscriber>> subscribers_;
  std::unique_ptr<client::Client> grpc_, tcp_;
  std::vector<std::thread> receivers_;
  std::atomic<size_t> receiving_{0};
  std::atomic<uint64_t> by_grpc_{0}, by_tcp_{0};
  ProgressLine progress_;
};

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
      "  fluxgate demo --grpc grpc://localhost:50051 --tcp tcp://localhost:9007/amps/json\n");
  command->callback([=] { *action = [=] { return DemoRun(*arguments).Run(); }; });
}

}  // namespace fluxgate::cli
