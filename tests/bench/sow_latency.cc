#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/connection.h"
#include "tests/bench/fail.h"
#include "tests/bench/orders.h"
#include "tests/bench/process_cost.h"
#include "tests/bench/records.h"
#include "tests/bench/runs.h"
#include "tests/bench/steady_rate.h"

namespace fluxgate::bench {
namespace {

constexpr size_t kFrames = 1024;  // so many records change

// Updates of random records, whose orders carry the time.
class TimedUpdates {
 public:
  TimedUpdates(const Wire& wire, const RunOptions& options) {
    std::mt19937_64 random(1);
    for (size_t i = 0; i < kFrames; ++i) {
      const uint64_t number = random() % options.keys;
      const std::string body = NewOrderBody(number, options.body_bytes);
      frames_.push_back(wire.Upsert(options.topic, number, body));
      body_at_ = frames_.back().find(body);
    }
  }
  std::string_view At(uint64_t number, int64_t monotonic_ns) {
    std::string& frame = frames_[number % kFrames];
    SetOrderTime(frame.data() + body_at_, monotonic_ns);
    return frame;
  }

 private:
  std::vector<std::string> frames_;
  size_t body_at_ = 0;
};

// sow_and_subscribe, unsubscribe, and again, on a connection and a thread of its own.
class Querying {
 public:
  explicit Querying(const RunOptions& options)
      : connection_(options.endpoint, options.wire, "querying"), topic_(options.topic) {
    // Quantities are 1000 to 9999.
    if (options.queries == "few") filter_ = "/qty < 1009";
    thread_ = std::thread([this] { Run(); });
  }
  ~Querying() {
    stop_.store(true);
    thread_.join();
  }
  uint64_t done() const { return done_.load(); }

 private:
  void Run() {
    while (!stop_.load()) {
      connection_.Ask(connection_.wire().QueryAndSubscribe("q", topic_, filter_), 1);
      done_.fetch_add(1);
      connection_.Ask(connection_.wire().Unsubscribe("q"), 1);
    }
  }

  Connection connection_;
  const std::string topic_;
  std::string filter_;
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> done_{0};
  std::thread thread_;
};

}  // namespace

Figures RunSowLatency(const RunOptions& options) {
  LoadRecords(options);
  Connection subscriber(options.endpoint, options.wire, "subscriber");
  subscriber.Subscribe({{1, options.topic, ""}});
  Connection publisher(options.endpoint, options.wire, "publisher", true);
  TimedUpdates updates(publisher.wire(), options);
  std::unique_ptr<Querying> querying;
  if (options.queries != "none") querying = std::make_unique<Querying>(options);

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
  uint64_t queries_before = 0;
  CostMeter cost(options.broker_pid);
  const uint64_t late = SendSteadily(options.rate, total, [&](uint64_t number, int64_t now) {
    if (number == warm_up) {
      cost.Start();
      if (querying != nullptr) queries_before = querying->done();
    }
    publisher.Write(updates.At(number, now));
  });
  receiving.join();
  cost.Stop();
  uint64_t queries = 0;
  if (querying != nullptr) queries = querying->done() - queries_before;
  querying.reset();

  std::vector<int64_t> samples(taken.begin() + static_cast<std::ptrdiff_t>(warm_up), taken.end());
  std::sort(samples.begin(), samples.end());
  const double seconds = static_cast<double>(cost.wall_ns()) / 1e9;
  return {{"p50_us", Percentile(samples, 0.50)},
          {"p99_us", Percentile(samples, 0.99)},
          {"p999_us", Percentile(samples, 0.999)},
          {"max_us", static_cast<double>(samples.back()) / 1e3},
          {"queries_per_s", static_cast<double>(queries) / seconds},
          {"late_share", static_cast<double>(late) / static_cast<double>(total)},
          {"broker_cpu_us",
           static_cast<double>(cost.broker_ns()) / 1e3 / static_cast<double>(samples.size())}};
}

}  // namespace fluxgate::bench
