// The subscribers of the demonstration: each has a filter and, to check it with, the same condition
// in plain C++ over the generated data.
#ifndef FLUXGATE_CLIENT_CLI_DEMO_SUBSCRIBERS_H_
#define FLUXGATE_CLIENT_CLI_DEMO_SUBSCRIBERS_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "client/cpp/client.h"
#include "tests/data/market_data.h"

namespace fluxgate::cli {

inline constexpr std::string_view kDemoOrders = "demo-orders";
inline constexpr std::string_view kDemoQuotes = "demo-quotes";
inline constexpr std::string_view kDemoEnd = "demo-end";

// What is published, as values and as bodies; row i has id i + 1.
struct DemoData {
  DemoData(size_t orders, size_t quotes);

  std::vector<testdata::Order> orders;
  std::vector<testdata::Quote> quotes;
  std::vector<std::string> order_bodies;
  std::vector<std::string> quote_bodies;
};

class DemoSubscriber {
 public:
  // `wanted[i]`: whether the filter is true for row i of the topic.
  DemoSubscriber(std::string_view protocol, std::string_view topic, std::string_view filter,
                 const std::vector<std::string>& bodies, std::vector<bool> wanted);

  // To its topic, and to the end mark.
  absl::Status Subscribe(std::unique_ptr<client::Client> client);
  // Receives until the end mark, the deadline, an error or Stop. On a thread of its own.
  void ReceiveUntil(std::chrono::steady_clock::time_point deadline);
  void Stop() { stopped_ = true; }

  const std::string& protocol() const { return protocol_; }
  const std::string& topic() const { return topic_; }
  const std::string& filter() const { return filter_; }
  uint64_t expected() const { return expected_; }
  uint64_t delivered() const { return delivered_; }

  // After ReceiveUntil.
  bool ok() const;
  std::string Verdict() const;  // "ok" or what is wrong
  const absl::Status& status() const { return status_; }

 private:
  void Check(std::string_view body);

  const std::string protocol_;
  const std::string topic_;
  const std::string filter_;
  const std::vector<std::string>& bodies_;
  const std::vector<bool> wanted_;
  const uint64_t expected_;
  std::unique_ptr<client::Client> client_;
  std::atomic<bool> stopped_{false};
  std::atomic<uint64_t> delivered_{0};
  std::vector<bool> seen_;
  uint64_t wrong_ = 0;  // not wanted, altered or seen before
  bool ended_ = false;
  absl::Status status_;
};

std::vector<std::unique_ptr<DemoSubscriber>> MakeDemoSubscribers(const DemoData& data);

}  // namespace fluxgate::cli

#endif  // FLUXGATE_CLIENT_CLI_DEMO_SUBSCRIBERS_H_
