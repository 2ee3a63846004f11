#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/connection.h"
#include "tests/bench/fail.h"
#include "tests/bench/orders.h"
#include "tests/bench/process_cost.h"
#include "tests/bench/runs.h"

namespace fluxgate::bench {
namespace {

// Allocators hand memory back late and brokers tidy up behind a set-up.
double SettledBytes(pid_t broker) {
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  return static_cast<double>(ResidentBytes(broker));
}

void NeedBroker(const RunOptions& options) {
  if (options.broker_pid <= 0) Fail("memory needs --broker-pid");
}

}  // namespace

Figures RunConnectionMemory(const RunOptions& options) {
  NeedBroker(options);
  RaiseDescriptorLimit();
  std::vector<std::unique_ptr<Connection>> connections;
  auto open = [&] {
    connections.push_back(std::make_unique<Connection>(
        options.endpoint, options.wire, "idle-" + std::to_string(connections.size())));
  };
  // The first ones pay for what is made once.
  for (int i = 0; i < 16; ++i) open();
  const double before = SettledBytes(options.broker_pid);
  for (uint32_t i = 0; i < options.connections; ++i) open();
  const double after = SettledBytes(options.broker_pid);
  return {{"bytes_per_connection", (after - before) / options.connections},
          {"resident_mib", after / (1 << 20)},
          {"connections", options.connections}};
}

Figures RunSubscriptionMemory(const RunOptions& options) {
  NeedBroker(options);
  std::vector<std::unique_ptr<Connection>> connections;
  for (uint32_t i = 0; i < options.connections; ++i) {
    connections.push_back(
        std::make_unique<Connection>(options.endpoint, options.wire, "idle-" + std::to_string(i)));
    connections.back()->Subscribe({{0, options.topic, "/symbol = 'MARK'"}});
  }
  // fluxgated: one topic, a filter each. Peers without filters: a subject each.
  const bool filters = options.wire == "amps";
  std::mt19937_64 random(1);
  const double before = SettledBytes(options.broker_pid);
  const uint32_t each = options.filters / options.connections - 1;
  for (uint32_t c = 0; c < options.connections; ++c) {
    std::vector<Interest> interests;
    for (uint32_t i = 1; i <= each; ++i) {
      const std::string filter = NewEventFilter(random, options.selectivity).Text();
      if (filters) {
        interests.push_back({i, options.topic, filter});
      } else {
        interests.push_back({i, "orders." + std::to_string(c) + "." + std::to_string(i), ""});
      }
    }
    connections[c]->Subscribe(interests);
  }
  const double after = SettledBytes(options.broker_pid);
  const double count = static_cast<double>(each) * options.connections;
  return {{"bytes_per_subscription", (after - before) / count},
          {"resident_mib", after / (1 << 20)},
          {"subscriptions", count}};
}

}  // namespace fluxgate::bench
