// One measured run of gRPC streams, against the gateway or the bare peer (--bare): the client is
// the same for both. Prints its figures as one line of JSON.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "tests/bench/connection.h"
#include "tests/bench/fail.h"
#include "tests/bench/flow_window.h"
#include "tests/bench/grpc_bytes.h"
#include "tests/bench/grpc_calls.h"
#include "tests/bench/orders.h"
#include "tests/bench/process_cost.h"
#include "tests/bench/receiver.h"
#include "tests/bench/runs.h"

namespace fluxgate::bench {
namespace {

struct GrpcOptions : RunOptions {
  std::string address;
  uint32_t batch = 128;
  bool bare = false;
  std::string publish_over;  // tcp endpoint of the gateway
};

// Bodies between two flushes, and the orders of one cycle: after it the numbers begin again.
constexpr uint64_t kCycleBytes = 256 << 10;

struct Cycle {
  std::vector<grpc::ByteBuffer> requests;
  uint64_t messages = 0;
};

Cycle NewCycle(const GrpcOptions& options, Envelope envelope) {
  Cycle cycle;
  while (cycle.messages * options.body_bytes < kCycleBytes) {
    cycle.requests.push_back(
        ToBuffer(EncodeOrders(envelope, cycle.messages, options.batch, options.body_bytes)));
    cycle.messages += options.batch;
  }
  return cycle;
}

struct alignas(64) Tally {
  std::atomic<uint64_t> messages{0};
  std::atomic<uint64_t> responses{0};
};

class Tallies {
 public:
  Tallies(uint32_t streams, uint64_t cycle) : tallies_(streams), cycle_(cycle) {}

  void Parse(size_t stream, std::string_view response) {
    std::atomic<uint64_t>& tally = tallies_[stream].messages;
    const uint64_t before = tally.load(std::memory_order_relaxed);
    uint64_t messages = before;
    std::string_view first;
    if (!CountMessages(response, messages, first)) Fail("malformed SubscribeResponse");
    if (messages == before) return;
    if (OrderNumber(first) != before % cycle_) {
      Fail("stream " + std::to_string(stream) + " got order " + std::to_string(OrderNumber(first)) +
           " where " + std::to_string(before % cycle_) + " was due");
    }
    tally.store(messages, std::memory_order_relaxed);
    tallies_[stream].responses.fetch_add(1, std::memory_order_relaxed);
  }

  uint64_t Sum() const {
    uint64_t sum = 0;
    for (const Tally& tally : tallies_) sum += tally.messages.load(std::memory_order_relaxed);
    return sum;
  }
  uint64_t Responses() const {
    uint64_t sum = 0;
    for (const Tally& tally : tallies_) sum += tally.responses.load(std::memory_order_relaxed);
    return sum;
  }
  uint64_t Slowest() const {
    uint64_t slowest = UINT64_MAX;
    for (const Tally& tally : tallies_) {
      slowest = std::min(slowest, tally.messages.load(std::memory_order_relaxed));
    }
    return slowest;
  }

 private:
  std::vector<Tally> tallies_;
  const uint64_t cycle_;
};

Figures Throughput(const CostMeter& cost, uint64_t count, double messages_per_batch) {
  if (count == 0) Fail("nothing was delivered while measuring");
  const auto messages = static_cast<double>(count);
  return {{"delivered_per_s", messages / (static_cast<double>(cost.wall_ns()) / 1e9)},
          {"messages_per_batch", messages_per_batch},
          {"broker_cpu_us", static_cast<double>(cost.broker_ns()) / 1e3 / messages},
          {"client_cpu_us", static_cast<double>(cost.client_ns()) / 1e3 / messages},
          {"messages", messages}};
}

uint64_t WindowMessages(const GrpcOptions& options, uint64_t step) {
  return std::max(options.window_bytes / options.body_bytes, 2 * step);
}

// A publish stream alone. The gateway has one subscriber, whose filter the first order of every
// cycle passes: every message is looked into, and the cycles that come out prove the count.
Figures RunPublish(const GrpcOptions& options) {
  const Cycle cycle = NewCycle(options, Envelope::kPublishRequest);
  Tallies watched(1, 1);
  std::unique_ptr<GrpcReceiver> watcher;
  if (!options.bare) {
    watcher = std::make_unique<GrpcReceiver>(
        options.address, 1, ToBuffer(EncodeSubscribe("/id = 10000000")), GrpcCall::Metadata(),
        [&](size_t stream, std::string_view response) { watched.Parse(stream, response); });
  }
  GrpcPublisher publisher(options.address);
  const uint64_t cycles_in_flight = WindowMessages(options, cycle.messages) / cycle.messages;
  std::atomic<bool> stop{false};
  uint64_t cycles = 0;
  std::thread publishing([&] {
    while (!stop.load(std::memory_order_relaxed)) {
      for (const grpc::ByteBuffer& request : cycle.requests) publisher.Write(request);
      publisher.Flush(++cycles);
      if (cycles > cycles_in_flight) publisher.AwaitFlushed(cycles - cycles_in_flight);
    }
    publisher.AwaitFlushed(cycles);
  });
  const auto flushed = [&] { return publisher.flushed(); };
  Measure(options.warm_up_s, flushed, "gRPC publish, warm-up");
  CostMeter cost(options.broker_pid);
  cost.Start();
  const uint64_t before = flushed();
  Measure(options.seconds, flushed, "gRPC publish");
  const uint64_t count = flushed() - before;
  cost.Stop();
  stop.store(true);
  publishing.join();
  if (watcher != nullptr) {
    const auto seen = [&] { return watched.Sum(); };
    AwaitDone([&] { return seen() >= cycles; }, seen, "published messages are missing");
    if (seen() != cycles) Fail("more messages arrived than were published");
  }
  return Throughput(cost, count * cycle.messages, options.batch);
}

GrpcCall::Metadata OwnBatch(const GrpcOptions& options) {
  return {{kBatchHeader, std::to_string(options.batch)},
          {kBodyBytesHeader, std::to_string(options.body_bytes)}};
}

// Counts for a while what arrives; `stop` then ends the publishing and answers what was published.
Figures MeasureDelivery(const GrpcOptions& options, const Tallies& tallies,
                        const std::function<uint64_t()>& stop) {
  const auto delivered = [&] { return tallies.Sum(); };
  Measure(options.warm_up_s, delivered, "gRPC delivery, warm-up");
  CostMeter cost(options.broker_pid);
  cost.Start();
  const uint64_t before = delivered();
  const uint64_t responses_before = tallies.Responses();
  Measure(options.seconds, delivered, "gRPC delivery");
  const uint64_t count = delivered() - before;
  const uint64_t responses = tallies.Responses() - responses_before;
  cost.Stop();
  const uint64_t published = stop();
  AwaitDone([&] { return tallies.Slowest() >= published; }, delivered, "messages are missing");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  if (published > 0 && tallies.Sum() != published * options.subscribers) {
    Fail("more messages arrived than were published");
  }
  return Throughput(
      cost, count,
      static_cast<double>(count) / static_cast<double>(std::max<uint64_t>(responses, 1)));
}

// Subscribe streams alone: the bare peer sends a batch of its own, the gateway what is published
// over tcp, in batches as it likes.
Figures RunSubscribe(const GrpcOptions& options) {
  if (options.bare) {
    Tallies tallies(options.subscribers, options.batch);
    GrpcReceiver receiver(
        options.address, options.subscribers, ToBuffer(EncodeSubscribe("")), OwnBatch(options),
        [&](size_t stream, std::string_view response) { tallies.Parse(stream, response); });
    return MeasureDelivery(options, tallies, [] { return uint64_t{0}; });
  }
  if (options.publish_over.empty())
    Fail("the gateway needs --publish-over to have something to send");
  Connection publisher(ParseEndpoint(options.publish_over), "amps", "publisher", true);
  std::string chunk;
  uint64_t chunk_messages = 0;
  while (chunk.size() < options.chunk_bytes) {
    chunk +=
        publisher.wire().Publish(options.topic, NewOrderBody(chunk_messages++, options.body_bytes));
  }
  FlowWindow window(WindowMessages(options, chunk_messages));
  Tallies tallies(options.subscribers, chunk_messages);
  GrpcReceiver receiver(options.address, options.subscribers,
                        ToBuffer(EncodeSubscribe(kPassingFilter)), {},
                        [&](size_t stream, std::string_view response) {
                          tallies.Parse(stream, response);
                          window.Received(tallies.Slowest());
                        });
  uint64_t published = 0;
  std::thread publishing([&] {
    while (!window.stopped() && window.AwaitRoom(published, chunk_messages)) {
      publisher.Write(chunk);
      published += chunk_messages;
    }
  });
  return MeasureDelivery(options, tallies, [&] {
    window.Stop();
    publishing.join();
    return published;
  });
}

// Publish stream to subscribe streams.
Figures RunThrough(const GrpcOptions& options) {
  const Cycle cycle =
      NewCycle(options, options.bare ? Envelope::kSubscribeResponse : Envelope::kPublishRequest);
  FlowWindow window(WindowMessages(options, options.batch));
  Tallies tallies(options.subscribers, cycle.messages);
  GrpcReceiver receiver(options.address, options.subscribers,
                        ToBuffer(EncodeSubscribe(kPassingFilter)), {},
                        [&](size_t stream, std::string_view response) {
                          tallies.Parse(stream, response);
                          window.Received(tallies.Slowest());
                        });
  GrpcPublisher publisher(options.address);
  uint64_t published = 0;
  std::thread publishing([&] {
    for (size_t next = 0; !window.stopped() && window.AwaitRoom(published, options.batch);) {
      publisher.Write(cycle.requests[next]);
      next = (next + 1) % cycle.requests.size();
      published += options.batch;
    }
  });
  return MeasureDelivery(options, tallies, [&] {
    window.Stop();
    publishing.join();
    return published;
  });
}

// One message at a time, both ends on one thread and one completion queue.
Figures RunGrpcRoundTrip(const GrpcOptions& options) {
  const grpc::ByteBuffer request =
      ToBuffer(EncodeOrders(options.bare ? Envelope::kSubscribeResponse : Envelope::kPublishRequest,
                            0, 1, options.body_bytes));
  grpc::CompletionQueue queue;
  GrpcCall subscriber(NewChannel(options.address), queue, kSubscribeMethod);
  subscriber.StartWrite(ToBuffer(EncodeSubscribe(kPassingFilter)));
  subscriber.StartRead();
  while (subscriber.reading() || subscriber.writing()) GrpcCall::Pump(queue);
  GrpcCall publisher(NewChannel(options.address), queue, kPublishMethod);
  publisher.StartWrite(ToBuffer(EncodeOpen()));
  while (publisher.writing()) GrpcCall::Pump(queue);

  std::vector<int64_t> samples;
  std::vector<grpc::Slice> slices;
  std::string joined;
  CostMeter cost(options.broker_pid);
  const int64_t start = MonotonicNs();
  const int64_t measured_from = start + ToNs(options.warm_up_s);
  const int64_t end = measured_from + ToNs(options.seconds);
  for (int64_t sent = start; sent < end || samples.empty();) {
    subscriber.StartRead();
    publisher.StartWrite(request);
    while (subscriber.reading() || publisher.writing()) GrpcCall::Pump(queue);
    uint64_t messages = 0;
    std::string_view body;
    if (!CountMessages(OnePiece(subscriber.received(), slices, joined), messages, body) ||
        messages != 1 || OrderNumber(body) != 0) {
      Fail("another message came back than was sent");
    }
    const int64_t now = MonotonicNs();
    if (sent >= measured_from) {
      if (samples.empty()) cost.Start();
      samples.push_back(now - sent);
    }
    sent = now;
  }
  cost.Stop();
  for (GrpcCall* call : {&publisher, &subscriber}) {
    call->Cancel();
    while (!call->ended()) GrpcCall::Pump(queue);
  }
  std::sort(samples.begin(), samples.end());
  const auto messages = static_cast<double>(samples.size());
  return {{"p50_us", Percentile(samples, 0.50)},
          {"p99_us", Percentile(samples, 0.99)},
          {"broker_cpu_us", static_cast<double>(cost.broker_ns()) / 1e3 / messages},
          {"client_cpu_us", static_cast<double>(cost.client_ns()) / 1e3 / messages},
          {"messages", messages}};
}

using Run = Figures (*)(const GrpcOptions&);

const std::map<std::string, Run> kRuns = {{"publish", RunPublish},
                                          {"subscribe", RunSubscribe},
                                          {"through", RunThrough},
                                          {"round-trip", RunGrpcRoundTrip}};

}  // namespace
}  // namespace fluxgate::bench

int main(int argc, char** argv) {
  namespace bench = fluxgate::bench;
  CLI::App app("One measured run of gRPC streams; prints figures as JSON.");
  bench::GrpcOptions options;
  std::string run;
  std::vector<std::string> names;
  for (const auto& [name, function] : bench::kRuns) names.push_back(name);
  app.add_option("run", run, "what to measure")->required()->check(CLI::IsMember(names));
  app.add_option("--connect", options.address, "ADDRESS:PORT of the gRPC server")->required();
  app.add_flag("--bare", options.bare, "the server is grpc_peer");
  app.add_option("--publish-over", options.publish_over,
                 "subscribe: tcp:ADDRESS:PORT of the gateway");
  app.add_option("--batch", options.batch, "messages in one gRPC message")
      ->check(CLI::Range(1u, 65536u));
  app.add_option("--broker-pid", options.broker_pid, "whose CPU time is counted");
  app.add_option("--body-bytes", options.body_bytes, "size of a body")
      ->check(CLI::Range(bench::kOrderBytesMin, size_t{64} << 10));
  app.add_option("--subscribers", options.subscribers, "subscribe streams")
      ->check(CLI::Range(1u, 100u));
  app.add_option("--warm-up", options.warm_up_s, "seconds before measuring");
  app.add_option("--seconds", options.seconds, "seconds measured");
  app.add_option("--window-bytes", options.window_bytes,
                 "bodies published and not yet received, at most");
  app.add_option("--core", options.core, "stay on this core");
  CLI11_PARSE(app, argc, argv);
  if (options.core >= 0) bench::PinToCore(options.core);
  bench::Print(bench::kRuns.at(run)(options));
}
