// fluxgate bench: how much goes through a gateway, and how long it takes.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/latency_histogram.h"
#include "client/cli/terminal.h"
#include "core/base/error.h"

namespace fluxgate::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

// How long the last messages may take after everything has been published.
constexpr std::chrono::seconds kDrainTimeout(30);
constexpr int kClientsMax = 256;
constexpr size_t kBodyBytesMin = 64;

struct BenchArguments {
  std::string uri;
  std::string subscriber_uri;
  std::string topic = "bench";
  std::string filter;
  int publishers = 1;
  int subscribers = 1;
  size_t size = 128;
  double seconds = 5;
  double rate = 0;
};

uint64_t NowNs() { return static_cast<uint64_t>(SteadyClock::now().time_since_epoch().count()); }

// {"t":"<19 digits>","id":<number>,"pad":"..."}: the time of publishing at a fixed place.
class BenchBody {
 public:
  explicit BenchBody(size_t size) : size_(size) {}

  std::string_view Make(uint64_t id) {
    body_.clear();
    fmt::format_to(std::back_inserter(body_), R"({{"t":"{:019}","id":{},"pad":")", NowNs(), id);
    body_.append(size_ - std::min(size_, body_.size() + 2), 'x');
    body_.append("\"}");
    return body_;
  }

  // 0 for what was not made here.
  static uint64_t TimeOf(std::string_view body) {
    constexpr std::string_view kStart = R"({"t":")";
    if (!body.starts_with(kStart) || body.size() < kStart.size() + 19) return 0;
    uint64_t time = 0;
    std::from_chars(body.data() + kStart.size(), body.data() + kStart.size() + 19, time);
    return time;
  }

 private:
  const size_t size_;
  std::string body_;
};

struct Run {
  Run(const BenchArguments& a, std::string t) : arguments(a), topic(std::move(t)) {}

  const BenchArguments& arguments;
  const std::string topic;
  std::atomic<uint64_t> published{0};
  std::atomic<uint64_t> delivered{0};
  std::atomic<bool> publishing{true};
  std::mutex mutex;
  absl::Status status;         // guarded by mutex: the first error
  LatencyHistogram latencies;  // guarded by mutex

  void Fail(const absl::Status& error) {
    std::lock_guard lock(mutex);
    if (status.ok()) status = error;
    publishing = false;
  }
};

void PublishAll(Run& run, client::Client& client, int number) {
  BenchBody body(run.arguments.size);
  const double rate = run.arguments.rate / run.arguments.publishers;
  const auto start = SteadyClock::now();
  uint64_t count = 0;
  absl::Status status;
  while (status.ok() && run.publishing.load(std::memory_order_relaxed)) {
    if (rate > 0) {
      const auto turn =
          start + std::chrono::duration_cast<SteadyClock::duration>(
                      std::chrono::duration<double>(static_cast<double>(count) / rate));
      if (SteadyClock::now() < turn) {
        status = client.Send();
        std::this_thread::sleep_until(
            std::min(turn, SteadyClock::now() + std::chrono::milliseconds(100)));
        continue;
      }
    }
    status = client.Publish(run.topic, body.Make(static_cast<uint64_t>(number) << 40 | count));
    ++count;
    if (count % 64 == 0) run.published.fetch_add(64, std::memory_order_relaxed);
  }
  run.published += count % 64;
  if (status.ok()) status = client.Flush();
  if (!status.ok()) run.Fail(status);
}

void ReceiveAll(Run& run, client::Client& client, const std::atomic<bool>& done) {
  LatencyHistogram latencies;
  uint64_t count = 0;
  client::Message message;
  bool idle = false;
  while (true) {
    // The count is told before a wait, so that nobody takes the wait for a part of the work.
    const auto got = client.Next(&message, std::chrono::milliseconds(idle ? 50 : 0));
    if (!got.ok()) {
      run.Fail(got.status());
      break;
    }
    if (!*got) {
      run.delivered.fetch_add(std::exchange(count, 0));
      if (idle && done) break;
      idle = true;
      continue;
    }
    idle = false;
    const uint64_t sent = BenchBody::TimeOf(message.body);
    const uint64_t now = NowNs();
    if (sent != 0 && now > sent) latencies.Add(now - sent);
    if (++count == 64) run.delivered.fetch_add(std::exchange(count, 0));
  }
  std::lock_guard lock(run.mutex);
  run.latencies.Add(latencies);
}

std::string Us(uint64_t ns) {
  if (ns >= 10'000'000) return fmt::format("{:.1f} ms", static_cast<double>(ns) / 1e6);
  return fmt::format("{:.1f} us", static_cast<double>(ns) / 1e3);
}

void Report(const Run& run, std::chrono::nanoseconds publish_time,
            std::chrono::nanoseconds total_time) {
  const uint64_t published = run.published, delivered = run.delivered;
  fmt::print("published  {:>12} messages of {} bytes, {}\n", published, run.arguments.size,
             Rate(published, publish_time));
  if (run.arguments.subscribers == 0) return;
  fmt::print("delivered  {:>12} messages, {}\n", delivered, Rate(delivered, total_time));
  const LatencyHistogram& l = run.latencies;
  fmt::print("latency    50 % {}, 90 % {}, 99 % {}, 99.9 % {}, most {}\n", Us(l.Quantile(0.5)),
             Us(l.Quantile(0.9)), Us(l.Quantile(0.99)), Us(l.Quantile(0.999)), Us(l.most()));
}

ExitCode Bench(const BenchArguments& arguments) {
  Run run(arguments, fmt::format("{}-{}", arguments.topic, NowNs()));
  ExitCode code = kOk;
  std::vector<std::unique_ptr<client::Client>> subscribers, publishers;
  const std::string& subscriber_uri =
      arguments.subscriber_uri.empty() ? arguments.uri : arguments.subscriber_uri;
  for (int i = 0; i < arguments.subscribers; ++i) {
    subscribers.push_back(ConnectTo(subscriber_uri, &code));
    if (subscribers.back() == nullptr) return code;
    const auto id = subscribers.back()->Subscribe(run.topic, arguments.filter);
    if (!id.ok()) {
      Complain(id.status());
      return CallExitCode(id.status());
    }
  }
  for (int i = 0; i < arguments.publishers; ++i) {
    publishers.push_back(ConnectTo(arguments.uri, &code));
    if (publishers.back() == nullptr) return code;
  }

  std::atomic<bool> done{false};
  std::vector<std::thread> receiving, sending;
  for (auto& client : subscribers) {
    receiving.emplace_back([&run, &client, &done] { ReceiveAll(run, *client, done); });
  }
  const auto start = SteadyClock::now();
  for (size_t i = 0; i < publishers.size(); ++i) {
    sending.emplace_back(
        [&run, &publishers, i] { PublishAll(run, *publishers[i], static_cast<int>(i)); });
  }
  const auto stop = start + std::chrono::duration_cast<SteadyClock::duration>(
                                std::chrono::duration<double>(arguments.seconds));
  ProgressLine progress;
  while (run.publishing && !Interrupted() && SteadyClock::now() < stop) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (progress.due()) {
      const auto time = SteadyClock::now() - start;
      progress.Show(fmt::format("{:.0f} s: {} published, {} delivered ({})",
                                std::chrono::duration<double>(time).count(), run.published.load(),
                                run.delivered.load(), Rate(run.delivered, time)));
    }
  }
  run.publishing = false;
  for (std::thread& thread : sending) thread.join();
  const auto published_at = SteadyClock::now();

  // With a filter nobody knows how many are due: until nothing comes any more.
  const uint64_t due = run.published * static_cast<uint64_t>(arguments.subscribers);
  uint64_t seen = 0;
  auto last_change = published_at, end = published_at;
  while (SteadyClock::now() < published_at + kDrainTimeout && !Interrupted()) {
    const uint64_t now = run.delivered;
    if (now != seen) last_change = end = SteadyClock::now();
    seen = now;
    if (arguments.filter.empty() && seen >= due) break;
    if (SteadyClock::now() - last_change > std::chrono::seconds(arguments.filter.empty() ? 5 : 1)) {
      break;
    }
    {
      std::lock_guard lock(run.mutex);
      if (!run.status.ok()) break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  done = true;
  for (std::thread& thread : receiving) thread.join();
  progress.Wipe();

  Report(run, published_at - start, end - start);
  if (!run.status.ok()) {
    Complain(run.status);
    return CallExitCode(run.status);
  }
  if (Interrupted()) return kInterrupted;
  if (arguments.filter.empty() && run.delivered != due) {
    Complain(fmt::format("{} of {} delivered", run.delivered.load(), Count(due, "message")));
    return kMismatch;
  }
  return kOk;
}

}  // namespace

void AddBench(CLI::App& app, Action* action) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = app.add_subcommand("bench", "Measures throughput and latency of a gateway");
  command->add_option("uri", arguments->uri, "Where the gateway is")->required();
  command->add_option("--subscriber-uri", arguments->subscriber_uri,
                      "Where subscribers connect, if not there");
  command->add_option("-p,--publishers", arguments->publishers, "Publishing clients")
      ->capture_default_str()
      ->check(CLI::Range(1, kClientsMax));
  command->add_option("-s,--subscribers", arguments->subscribers, "Subscribing clients")
      ->capture_default_str()
      ->check(CLI::Range(0, kClientsMax));
  command->add_option("--size", arguments->size, "Bytes of a message body")
      ->capture_default_str()
      ->check(CLI::Range(kBodyBytesMin, size_t{16} << 20));
  command->add_option("--seconds", arguments->seconds, "How long to publish")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 86400.0));
  command
      ->add_option("--rate", arguments->rate,
                   "Messages per second, all publishers together; default: as fast as it goes")
      ->check(CLI::PositiveNumber);
  command->add_option("--topic", arguments->topic, "Start of the topic's name")
      ->capture_default_str();
  command->add_option("--filter", arguments->filter,
                      "Content filter of all subscribers; bodies have /t, /id and /pad");
  command->footer(
      "Every message carries the time it was published at; latency is from there to the "
      "subscriber's\n"
      "hands. Unless --rate is given, most of it is queueing.\n\n"
      "Examples:\n"
      "  fluxgate bench tcp://localhost:9007/amps/json --seconds 10 --size 200\n"
      "  fluxgate bench grpc://localhost:50051 -p 2 -s 4 --rate 50000\n");
  command->callback([=] { *action = [=] { return Bench(*arguments); }; });
}

}  // namespace fluxgate::cli
