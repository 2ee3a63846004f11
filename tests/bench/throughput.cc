#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/connection.h"
#include "tests/bench/fail.h"
#include "tests/bench/flow_window.h"
#include "tests/bench/orders.h"
#include "tests/bench/process_cost.h"
#include "tests/bench/receiver.h"
#include "tests/bench/records.h"
#include "tests/bench/runs.h"

namespace fluxgate::bench {
namespace {

struct alignas(64) Tally {
  std::atomic<uint64_t> messages{0};
};

// A run of frames that is written as it is, again and again: encoding costs nothing.
struct Chunk {
  std::string bytes;
  uint64_t messages = 0;
};

// What is published, over and over from its begin.
struct Load {
  std::vector<Chunk> chunks;
  std::vector<uint32_t> orders;  // numbers of the orders, in their order
};

Load OneChunk(const Wire& wire, const RunOptions& options) {
  Load load;
  Chunk& chunk = load.chunks.emplace_back();
  do {
    const auto number = static_cast<uint32_t>(load.orders.size());
    chunk.bytes += wire.Publish(options.topic, NewOrderBody(number, options.body_bytes));
    load.orders.push_back(number);
    ++chunk.messages;
  } while (chunk.bytes.size() < options.chunk_bytes);
  return load;
}

Load Upserts(const Wire& wire, const RunOptions& options) {
  Load load;
  load.orders = ShuffledRecords(options.keys);
  for (const uint32_t number : load.orders) {
    if (load.chunks.empty() || load.chunks.back().bytes.size() >= options.chunk_bytes) {
      load.chunks.emplace_back();
    }
    Chunk& chunk = load.chunks.back();
    chunk.bytes += wire.Upsert(options.topic, number, NewOrderBody(number, options.body_bytes));
    ++chunk.messages;
  }
  return load;
}

uint64_t Sum(const std::vector<Tally>& tallies) {
  uint64_t sum = 0;
  for (const Tally& tally : tallies) sum += tally.messages.load(std::memory_order_relaxed);
  return sum;
}

uint64_t Slowest(const std::vector<Tally>& tallies) {
  uint64_t slowest = UINT64_MAX;
  for (const Tally& tally : tallies) {
    slowest = std::min(slowest, tally.messages.load(std::memory_order_relaxed));
  }
  return slowest;
}

Figures Run(const RunOptions& options, std::string_view filter,
            Load (*new_load)(const Wire&, const RunOptions&)) {
  std::vector<std::unique_ptr<Connection>> subscribers;
  for (uint32_t i = 0; i < options.subscribers; ++i) {
    subscribers.push_back(std::make_unique<Connection>(options.endpoint, options.wire,
                                                       "subscriber-" + std::to_string(i)));
    subscribers.back()->Subscribe({{1, options.topic, std::string(filter)}});
  }
  Connection publisher(options.endpoint, options.wire, "publisher", true);
  const Load load = new_load(publisher.wire(), options);
  const uint64_t window_messages =
      std::max(options.window_bytes / options.body_bytes, 2 * load.chunks[0].messages);
  FlowWindow window(window_messages);
  std::vector<Tally> tallies(options.subscribers);

  auto parse = [&](size_t index, std::string_view bytes) {
    std::atomic<uint64_t>& tally = tallies[index].messages;
    const uint64_t before = tally.load(std::memory_order_relaxed);
    uint64_t messages = before;
    std::string_view first;
    const size_t used = subscribers[index]->wire().Count(bytes, messages, first);
    // One message of every read shows that nothing is lost, doubled or out of order.
    const uint32_t due = load.orders[before % load.orders.size()];
    if (messages > before && OrderNumber(first) != due) {
      Fail("subscriber " + std::to_string(index) + " got order " +
           std::to_string(OrderNumber(first)) + " where " + std::to_string(due) + " was due");
    }
    tally.store(messages, std::memory_order_relaxed);
    return used;
  };
  Receiver receiver(subscribers, parse, [&] { window.Received(Slowest(tallies)); });

  std::atomic<uint64_t> published{0};
  std::thread publishing([&] {
    uint64_t count = 0;
    for (size_t i = 0; !window.stopped(); i = (i + 1) % load.chunks.size()) {
      const Chunk& chunk = load.chunks[i];
      if (!window.AwaitRoom(count, chunk.messages)) break;
      publisher.Write(chunk.bytes);
      count += chunk.messages;
      published.store(count, std::memory_order_relaxed);
    }
  });

  const auto delivered = [&] { return Sum(tallies); };
  Measure(options.warm_up_s, delivered, "throughput, warm-up");
  CostMeter cost(options.broker_pid);
  cost.Start();
  const uint64_t before = delivered();
  Measure(options.seconds, delivered, "throughput");
  const uint64_t count = delivered() - before;
  cost.Stop();
  window.Stop();
  publishing.join();

  const uint64_t all = published.load();
  AwaitDone([&] { return Slowest(tallies) >= all; }, delivered, "messages are missing");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  for (const Tally& tally : tallies) {
    if (tally.messages.load() != all) Fail("more messages arrived than were published");
  }
  Scratch scratch;
  publisher.CheckNoComplaint(scratch);
  if (count == 0) Fail("nothing was delivered while measuring");

  const double seconds = static_cast<double>(cost.wall_ns()) / 1e9;
  const auto messages = static_cast<double>(count);
  return {{"delivered_per_s", messages / seconds},
          {"published_per_s", messages / seconds / options.subscribers},
          {"broker_cpu_us", static_cast<double>(cost.broker_ns()) / 1e3 / messages},
          {"client_cpu_us", static_cast<double>(cost.client_ns()) / 1e3 / messages},
          {"messages", messages}};
}

}  // namespace

Figures RunThroughput(const RunOptions& options) { return Run(options, kPassingFilter, OneChunk); }

Figures RunUpserts(const RunOptions& options) {
  LoadRecords(options);
  return Run(options, "", Upserts);
}

}  // namespace fluxgate::bench
