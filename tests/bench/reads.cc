#include <algorithm>
#include <string>
#include <vector>

#include "tests/bench/connection.h"
#include "tests/bench/fail.h"
#include "tests/bench/orders.h"
#include "tests/bench/process_cost.h"
#include "tests/bench/records.h"
#include "tests/bench/runs.h"

namespace fluxgate::bench {
namespace {

constexpr uint64_t kReadsUnderWay = 64;

// What each order's record is read by.
std::vector<std::string> KeysOf(Connection& connection, const RunOptions& options) {
  std::vector<std::string> keys(options.keys);
  const std::string read_all = connection.wire().ReadAll(options.topic);
  if (read_all.empty()) {
    for (uint32_t number = 0; number < options.keys; ++number) {
      keys[number] = std::to_string(number);
    }
    return keys;
  }
  connection.Write(read_all);
  Scratch scratch;
  Frame frame;
  for (uint32_t seen = 0; seen < options.keys;) {
    std::string_view bytes = connection.Receive(scratch, true);
    while (const size_t taken = connection.wire().Next(bytes, frame)) {
      bytes.remove_prefix(taken);
      if (frame.kind != Frame::Kind::kRecord) continue;
      const uint64_t number = OrderNumber(frame.body);
      if (number >= options.keys || !keys[number].empty()) Fail("not the records that were loaded");
      keys[number] = frame.key;
      ++seen;
    }
    connection.Keep(bytes);
  }
  return keys;
}

// The requests of all records, in random order, one after the other: round and round.
class Requests {
 public:
  Requests(const Wire& wire, const RunOptions& options, const std::vector<std::string>& keys)
      : orders_(ShuffledRecords(options.keys)) {
    std::reverse(orders_.begin(), orders_.end());  // not as they were loaded
    for (const uint32_t number : orders_) {
      starts_.push_back(bytes_.size());
      bytes_ += wire.Read(options.topic, keys[number]);
    }
    starts_.push_back(bytes_.size());
  }

  uint32_t order(uint64_t request) const { return orders_[request % orders_.size()]; }
  void Write(Connection& connection, uint64_t first, uint64_t count) const {
    while (count > 0) {
      const size_t from = first % orders_.size();
      const size_t some = std::min<uint64_t>(count, orders_.size() - from);
      connection.Write(
          std::string_view(bytes_).substr(starts_[from], starts_[from + some] - starts_[from]));
      first += some;
      count -= some;
    }
  }

 private:
  std::vector<uint32_t> orders_;
  std::vector<size_t> starts_;
  std::string bytes_;
};

}  // namespace

Figures RunReads(const RunOptions& options) {
  LoadRecords(options);
  Connection connection(options.endpoint, options.wire, "reader");
  const Requests requests(connection.wire(), options, KeysOf(connection, options));

  Scratch scratch;
  CostMeter cost(options.broker_pid);
  uint64_t sent = 0;
  uint64_t received = 0;
  uint64_t measured_from = 0;
  const int64_t start = MonotonicNs();
  const int64_t warm = start + ToNs(options.warm_up_s);
  const int64_t end = warm + ToNs(options.seconds);
  bool measuring = false;
  for (int64_t now = start; now < end || !measuring; now = MonotonicNs()) {
    if (!measuring && now >= warm) {
      measuring = true;
      measured_from = received;
      cost.Start();
    }
    const uint64_t room = kReadsUnderWay - (sent - received);
    requests.Write(connection, sent, room);
    sent += room;
    std::string_view bytes = connection.Receive(scratch, true);
    const uint64_t before = received;
    std::string_view first;
    bytes.remove_prefix(connection.wire().CountRecords(bytes, received, first));
    connection.Keep(bytes);
    // As for messages: one of every read is looked at.
    if (received > before && OrderNumber(first) != requests.order(before)) {
      Fail("another record came back than was asked for");
    }
  }
  cost.Stop();
  const auto reads = static_cast<double>(received - measured_from);
  if (reads == 0) Fail("nothing was read while measuring");
  return {{"reads_per_s", reads / (static_cast<double>(cost.wall_ns()) / 1e9)},
          {"broker_cpu_us", static_cast<double>(cost.broker_ns()) / 1e3 / reads},
          {"client_cpu_us", static_cast<double>(cost.client_ns()) / 1e3 / reads},
          {"reads", reads}};
}

}  // namespace fluxgate::bench
