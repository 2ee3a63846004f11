#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/connection.h"
#include "tests/bench/fail.h"
#include "tests/bench/flow_window.h"
#include "tests/bench/orders.h"
#include "tests/bench/process_cost.h"
#include "tests/bench/receiver.h"
#include "tests/bench/runs.h"

namespace fluxgate::bench {
namespace {

// The event stream is cut into segments. A segment ends with a mark, which every connection gets:
// marks are the flow control (few events match anything) and the end of the run.
constexpr size_t kSegments = 8;
constexpr size_t kEventsPerSegment = 4096;
constexpr std::string_view kMarkBody = "{\"id\":0,\"symbol\":\"MARK\",\"price\":0,\"qty\":0}";
constexpr std::string_view kMarkFilter = "/symbol = 'MARK'";
constexpr uint64_t kSegmentsInFlight = 4;
constexpr uint64_t kSeed = 20'240'601;

struct Segment {
  std::string bytes;  // publish frames, with the mark
  // What must come out of it, worked out here by trying every filter on every event.
  std::vector<uint64_t> frames;  // by connection: events with a match there, each sent once
  uint64_t matches = 0;          // of all filters
};

struct alignas(64) Tally {
  std::atomic<uint64_t> marks{0};
  std::atomic<uint64_t> frames{0};
  std::atomic<uint64_t> matches{0};
};

struct Workload {
  std::vector<std::vector<EventFilter>> filters;  // by connection
  std::vector<Segment> segments;
};

Workload NewWorkload(const RunOptions& options, const Wire& wire) {
  if (options.filters < 2 * options.connections) Fail("too few filters for the connections");
  Workload workload;
  workload.filters.resize(options.connections);
  std::mt19937_64 random(kSeed);
  // Of the subscriptions one a connection is for the marks.
  std::vector<std::array<std::vector<EventFilter>, 1000>> by_symbol(options.connections);
  for (uint32_t i = 0; i < options.filters - options.connections; ++i) {
    const EventFilter filter = NewEventFilter(random, options.selectivity);
    workload.filters[i % options.connections].push_back(filter);
    by_symbol[i % options.connections][static_cast<size_t>(filter.symbol)].push_back(filter);
  }
  for (size_t s = 0; s < kSegments; ++s) {
    Segment segment;
    segment.frames.resize(options.connections);
    for (size_t e = 0; e < kEventsPerSegment; ++e) {
      const Event event = NewEvent(random);
      segment.bytes += wire.Publish(options.topic, event.body);
      for (uint32_t c = 0; c < options.connections; ++c) {
        uint64_t matches = 0;
        for (const EventFilter& filter : by_symbol[c][static_cast<size_t>(event.symbol)]) {
          matches += filter.Matches(event) ? 1 : 0;
        }
        segment.frames[c] += matches > 0 ? 1 : 0;
        segment.matches += matches;
      }
    }
    segment.bytes += wire.Publish(options.topic, kMarkBody);
    workload.segments.push_back(std::move(segment));
  }
  return workload;
}

}  // namespace

Figures RunFilters(const RunOptions& options) {
  Connection publisher(options.endpoint, options.wire, "publisher", true);
  const Workload workload = NewWorkload(options, publisher.wire());
  std::vector<std::unique_ptr<Connection>> subscribers;
  const int64_t subscribing = MonotonicNs();
  for (uint32_t c = 0; c < options.connections; ++c) {
    subscribers.push_back(std::make_unique<Connection>(options.endpoint, options.wire,
                                                       "subscriber-" + std::to_string(c)));
    std::vector<Interest> interests = {{0, options.topic, std::string(kMarkFilter)}};
    for (const EventFilter& filter : workload.filters[c]) {
      interests.push_back({interests.size(), options.topic, filter.Text()});
    }
    subscribers.back()->Subscribe(interests);
  }
  const int64_t subscribed = MonotonicNs();

  FlowWindow window(kSegmentsInFlight);
  std::vector<Tally> tallies(options.connections);
  const auto slowest = [&] {
    uint64_t marks = UINT64_MAX;
    for (const Tally& tally : tallies) marks = std::min(marks, tally.marks.load());
    return marks;
  };
  auto parse = [&](size_t index, std::string_view bytes) {
    Tally& tally = tallies[index];
    Wire& wire = subscribers[index]->wire();
    Frame frame;
    size_t used = 0;
    uint64_t marks = 0;
    uint64_t frames = 0;
    uint64_t matches = 0;
    while (const size_t taken = wire.Next(bytes.substr(used), frame)) {
      used += taken;
      if (frame.kind != Frame::Kind::kMessage) continue;
      if (frame.body == kMarkBody) {
        ++marks;
      } else {
        ++frames;
        matches += wire.SubscriptionCount(frame.head);
      }
    }
    tally.frames.fetch_add(frames, std::memory_order_relaxed);
    tally.matches.fetch_add(matches, std::memory_order_relaxed);
    if (marks > 0) tally.marks.fetch_add(marks);
    return used;
  };
  Receiver receiver(subscribers, parse, [&] { window.Received(slowest()); });

  std::atomic<uint64_t> published{0};  // segments
  std::thread publishing([&] {
    uint64_t count = 0;
    while (!window.stopped() && window.AwaitRoom(count, 1)) {
      std::string_view rest = workload.segments[count % kSegments].bytes;
      while (!rest.empty()) {
        const std::string_view part = rest.substr(0, options.chunk_bytes);
        publisher.Write(part);
        rest.remove_prefix(part.size());
      }
      published.store(++count, std::memory_order_relaxed);
    }
  });

  Measure(options.warm_up_s, slowest, "filters, warm-up");
  CostMeter cost(options.broker_pid);
  cost.Start();
  const uint64_t before = slowest();
  Measure(options.seconds, slowest, "filters");
  const uint64_t segments = slowest() - before;
  cost.Stop();
  window.Stop();
  publishing.join();
  const uint64_t all = published.load();
  AwaitDone([&] { return slowest() >= all; }, slowest, "marks are missing");

  uint64_t matches = 0;
  uint64_t matches_due = 0;
  uint64_t frames_all = 0;
  for (uint64_t s = 0; s < all; ++s) matches_due += workload.segments[s % kSegments].matches;
  for (uint32_t c = 0; c < options.connections; ++c) {
    uint64_t due = 0;
    for (uint64_t s = 0; s < all; ++s) due += workload.segments[s % kSegments].frames[c];
    const uint64_t frames = tallies[c].frames.load();
    if (frames != due) {
      Fail("connection " + std::to_string(c) + " got " + std::to_string(frames) +
           " messages, must be " + std::to_string(due));
    }
    frames_all += frames;
    matches += tallies[c].matches.load();
  }
  if (matches != matches_due) {
    Fail(std::to_string(matches) + " subscriptions matched, must be " +
         std::to_string(matches_due));
  }

  const auto events = static_cast<double>(segments * (kEventsPerSegment + 1));
  const auto events_all = static_cast<double>(all * kEventsPerSegment);
  return {{"published_per_s", events / (static_cast<double>(cost.wall_ns()) / 1e9)},
          {"matches_per_message", static_cast<double>(matches) / events_all},
          {"frames_per_message", static_cast<double>(frames_all) / events_all},
          {"broker_cpu_us", static_cast<double>(cost.broker_ns()) / 1e3 / events},
          {"client_cpu_us", static_cast<double>(cost.client_ns()) / 1e3 / events},
          {"subscribe_us", static_cast<double>(subscribed - subscribing) / 1e3 / options.filters},
          {"messages", events}};
}

}  // namespace fluxgate::bench
