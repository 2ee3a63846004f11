// One measured run against one broker, for amps (fluxgated), nats-server, redis-server or the
// relay. Prints its figures as one line of JSON. run_bench.py starts brokers and calls this.
#include <map>
#include <string>

#include "CLI/CLI.hpp"
#include "tests/bench/process_cost.h"
#include "tests/bench/runs.h"

namespace fluxgate::bench {
namespace {

using Run = Figures (*)(const RunOptions&);

const std::map<std::string, Run> kRuns = {
    {"throughput", RunThroughput},
    {"latency", RunLatency},
    {"round-trip", RunRoundTrip},
    {"filters", RunFilters},
    {"upserts", RunUpserts},
    {"reads", RunReads},
    {"sow-latency", RunSowLatency},
    {"connection-memory", RunConnectionMemory},
    {"subscription-memory", RunSubscriptionMemory},
};

}  // namespace
}  // namespace fluxgate::bench

int main(int argc, char** argv) {
  namespace bench = fluxgate::bench;
  CLI::App app("One measured run against one broker; prints figures as JSON.");
  bench::RunOptions options;
  std::string run;
  std::string endpoint;
  std::string workload = "w1s";
  std::vector<std::string> names;
  for (const auto& [name, function] : bench::kRuns) names.push_back(name);
  app.add_option("run", run, "what to measure")->required()->check(CLI::IsMember(names));
  app.add_option("--connect", endpoint, "tcp:ADDRESS:PORT or unix:PATH")->required();
  app.add_option("--wire", options.wire, "protocol of the broker")
      ->required()
      ->check(CLI::IsMember({"amps", "nats", "redis", "relay"}));
  app.add_option("--broker-pid", options.broker_pid, "whose CPU time and memory are counted");
  app.add_option("--body-bytes", options.body_bytes, "size of a body")
      ->check(CLI::Range(bench::kOrderBytesMin, size_t{64} << 10));
  app.add_option("--subscribers", options.subscribers, "connections that receive everything")
      ->check(CLI::Range(1u, 1000u));
  app.add_option("--warm-up", options.warm_up_s, "seconds before measuring");
  app.add_option("--seconds", options.seconds, "seconds measured");
  app.add_option("--window-bytes", options.window_bytes,
                 "bodies published and not yet received, at most");
  app.add_option("--chunk-bytes", options.chunk_bytes, "frames in one write");
  app.add_option("--rate", options.rate, "latency: messages a second")
      ->check(CLI::Range(1u, 1'000'000u));
  app.add_option("--core", options.core, "stay on this core");
  app.add_option("--connections", options.connections, "filters, memory: connections")
      ->check(CLI::Range(1u, 60'000u));
  app.add_option("--filters", options.filters, "filters, memory: subscriptions over them");
  app.add_option("--topic", options.topic, "what is published to");
  app.add_option("--keys", options.keys, "upserts, reads, sow-latency: stored records")
      ->check(CLI::Range(1u, 10'000'000u));
  app.add_option("--queries", options.queries, "sow-latency: what comes out of the queries")
      ->check(CLI::IsMember({"none", "few", "all"}));
  app.add_option("--workload", workload, "filters: how selective")
      ->check(CLI::IsMember({"w1", "w1s"}));
  CLI11_PARSE(app, argc, argv);
  options.endpoint = bench::ParseEndpoint(endpoint);
  options.selectivity = workload == "w1" ? bench::Selectivity::kW1 : bench::Selectivity::kW1s;
  if (options.core >= 0) bench::PinToCore(options.core);
  bench::Print(bench::kRuns.at(run)(options));
}
