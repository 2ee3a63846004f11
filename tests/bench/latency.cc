#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/connection.h"
#include "tests/bench/fail.h"
#include "tests/bench/orders.h"
#include "tests/bench/process_cost.h"
#include "tests/bench/runs.h"
#include "tests/bench/steady_rate.h"

namespace fluxgate::bench {
namespace {

// A publish frame whose order carries the time; written over for every message.
class TimedFrame {
 public:
  TimedFrame(const Wire& wire, const RunOptions& options) {
    const std::string body = NewOrderBody(0, options.body_bytes);
    bytes_ = wire.Publish(options.topic, body);
    body_at_ = bytes_.find(body);
  }
  std::string_view At(int64_t monotonic_ns) {
    SetOrderTime(bytes_.data() + body_at_, monotonic_ns);
    return bytes_;
  }

 private:
  std::string bytes_;
  size_t body_at_;
};

}  // namespace

Figures RunLatency(const RunOptions& options) {
  Connection subscriber(options.endpoint, options.wire, "subscriber");
  subscriber.Subscribe({{1, options.topic, std::string(kPassingFilter)}});
  Connection publisher(options.endpoint, options.wire, "publisher", true);

  const auto warm_up = static_cast<uint64_t>(options.warm_up_s * options.rate);
  const uint64_t total = warm_up + static_cast<uint64_t>(options.seconds * options.rate);
  std::vector<int64_t> taken;
  taken.reserve(total);
  std::thread receiving([&] {
    Scratch scratch;
    std::string body;
    while (taken.size() < total) {
      subscriber.AwaitMessage(scratch, body);
      taken.push_back(MonotonicNs() - OrderTime(body));
    }
  });

  TimedFrame frame(publisher.wire(), options);
  CostMeter cost(options.broker_pid);
  const uint64_t late = SendSteadily(options.rate, total, [&](uint64_t number, int64_t now) {
    if (number == warm_up) cost.Start();
    publisher.Write(frame.At(now));
  });
  receiving.join();
  cost.Stop();

  std::vector<int64_t> samples(taken.begin() + static_cast<std::ptrdiff_t>(warm_up), taken.end());
  std::sort(samples.begin(), samples.end());
  const auto messages = static_cast<double>(samples.size());
  return {{"p50_us", Percentile(samples, 0.50)},
          {"p99_us", Percentile(samples, 0.99)},
          {"p999_us", Percentile(samples, 0.999)},
          {"late_share", static_cast<double>(late) / static_cast<double>(total)},
          {"broker_cpu_us", static_cast<double>(cost.broker_ns()) / 1e3 / messages},
          {"client_cpu_us", static_cast<double>(cost.client_ns()) / 1e3 / messages},
          {"messages", messages}};
}

Figures RunRoundTrip(const RunOptions& options) {
  Connection subscriber(options.endpoint, options.wire, "subscriber");
  subscriber.Subscribe({{1, options.topic, std::string(kPassingFilter)}});
  Connection publisher(options.endpoint, options.wire, "publisher", true);
  TimedFrame frame(publisher.wire(), options);
  Scratch scratch;
  std::string body;
  std::vector<int64_t> samples;
  CostMeter cost(options.broker_pid);
  const int64_t start = MonotonicNs();
  const int64_t measured_from = start + ToNs(options.warm_up_s);
  const int64_t end = measured_from + ToNs(options.seconds);
  for (int64_t sent = start; sent < end || samples.empty();) {
    publisher.Write(frame.At(sent));
    subscriber.AwaitMessage(scratch, body);
    const int64_t now = MonotonicNs();
    if (OrderTime(body) != sent) Fail("another message came back than was sent");
    if (sent >= measured_from) {
      if (samples.empty()) cost.Start();
      samples.push_back(now - sent);
    }
    sent = now;
  }
  cost.Stop();
  std::sort(samples.begin(), samples.end());
  const auto messages = static_cast<double>(samples.size());
  return {{"p50_us", Percentile(samples, 0.50)},
          {"p99_us", Percentile(samples, 0.99)},
          {"broker_cpu_us", static_cast<double>(cost.broker_ns()) / 1e3 / messages},
          {"client_cpu_us", static_cast<double>(cost.client_ns()) / 1e3 / messages},
          {"messages", messages}};
}

}  // namespace fluxgate::bench
