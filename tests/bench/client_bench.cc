// What the C++ client library costs: messages published and received by it, against a loop over a
// bare socket that moves the same bytes. The other end is client_peer.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "amps/client.h"
#include "tests/bench/fail.h"
#include "tests/bench/process_cost.h"
#include "tests/bench/runs.h"
#include "tests/bench/sockets.h"

namespace fluxgate::bench {
namespace {

constexpr size_t kPrefixBytes = 4;
constexpr size_t kReceiveBytes = 256 << 10;
// Messages between two looks at the clock.
constexpr uint64_t kLookEvery = 256;

struct Options {
  std::string run;
  std::string by = "client";
  std::string connect;
  size_t body_bytes = 128;
  size_t chunk_bytes = 64 << 10;
  double warm_up_s = 0.5;
  double seconds = 2;
  pid_t broker_pid = -1;
  int core = -1;
};

std::string Frame(const std::string& content) {
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame.push_back(static_cast<char>(content.size() >> shift));
  }
  return frame + content;
}

// Counts between the end of the warm-up and the end of the run.
class Window {
 public:
  explicit Window(const Options& options)
      : begin_ns_(MonotonicNs() + ToNs(options.warm_up_s)),
        end_ns_(begin_ns_ + ToNs(options.seconds)),
        cost_(options.broker_pid) {}

  // `total` messages so far; false: it is over.
  bool Look(uint64_t total) {
    const int64_t now_ns = MonotonicNs();
    if (now_ns < begin_ns_) return true;
    if (!is_open_) {
      is_open_ = true;
      first_ = total;
      cost_.Start();
    }
    if (now_ns < end_ns_) return true;
    cost_.Stop();
    count_ = total - first_;
    return false;
  }

  Figures figures() const {
    if (count_ == 0) Fail("not one message");
    const auto count = static_cast<double>(count_);
    return {{"messages_per_s", count * 1e9 / static_cast<double>(cost_.wall_ns())},
            {"broker_cpu_us", static_cast<double>(cost_.broker_ns()) / count / 1e3},
            {"client_cpu_us", static_cast<double>(cost_.client_ns()) / count / 1e3}};
  }

 private:
  const int64_t begin_ns_;
  const int64_t end_ns_;
  CostMeter cost_;
  bool is_open_ = false;
  uint64_t first_ = 0;
  uint64_t count_ = 0;
};

std::string Uri(const Options& options) {
  const Endpoint endpoint = ParseEndpoint(options.connect);
  return "tcp://" + endpoint.host + ":" + std::to_string(endpoint.port) + "/amps/json";
}

void Connect(AMPS::Client& client, const Options& options) {
  client.connect(Uri(options));
  client.logon(10'000);
}

Figures PublishByClient(const Options& options) {
  AMPS::Client client("bench");
  Connect(client, options);
  const std::string body(options.body_bytes, 'x');
  Window window(options);
  uint64_t total = 0;
  do {
    for (uint64_t i = 0; i < kLookEvery; ++i) client.publish("orders", body);
    total += kLookEvery;
  } while (window.Look(total));
  client.publishFlush(10'000);
  return window.figures();
}

Figures ReceiveByClient(const Options& options) {
  AMPS::Client client("bench");
  Connect(client, options);
  Window window(options);
  uint64_t total = 0;
  std::atomic<bool> is_over{false};
  client.subscribe(
      [&](AMPS::Message& message) {
        if (message.getData().size() != options.body_bytes) Fail("a message of another size");
        if (++total % kLookEvery != 0 || is_over) return;
        if (!window.Look(total)) {
          is_over = true;
          is_over.notify_one();
        }
      },
      "orders");
  is_over.wait(false);
  client.disconnect();
  return window.figures();
}

// Logged on; answers are read and not looked at.
int OpenSocket(const Options& options, const std::string& command) {
  const int fd = bench::Connect(ParseEndpoint(options.connect));
  std::vector<char> answer(4096);
  WriteAll(fd, Frame(R"({"c":"logon","cid":"1","client_name":"bench","a":"processed"})"));
  (void)ReadSome(fd, answer.data(), answer.size());
  if (!command.empty()) WriteAll(fd, Frame(command));
  return fd;
}

Figures PublishBySocket(const Options& options) {
  const int fd = OpenSocket(options, "");
  const std::string message =
      Frame(R"({"c":"p","t":"orders"})" + std::string(options.body_bytes, 'x'));
  Window window(options);
  uint64_t total = 0;
  std::string chunk;
  do {
    chunk.clear();
    while (chunk.size() < options.chunk_bytes) {
      chunk += message;
      ++total;
    }
    WriteAll(fd, chunk);
  } while (window.Look(total));
  WriteAll(fd, Frame(R"({"c":"flush","cid":"2","a":"processed"})"));
  char byte;
  (void)ReadSome(fd, &byte, 1);
  return window.figures();
}

Figures ReceiveBySocket(const Options& options) {
  const int fd = OpenSocket(options, R"({"c":"subscribe","cid":"2","t":"orders","a":"processed"})");
  std::vector<char> buffer(kReceiveBytes);
  Window window(options);
  uint64_t total = 0;
  size_t end = 0;
  do {
    end += ReadSome(fd, buffer.data() + end, buffer.size() - end);
    size_t at = 0;
    while (end - at >= kPrefixBytes) {
      const auto* u = reinterpret_cast<const unsigned char*>(buffer.data() + at);
      const size_t size = kPrefixBytes + (size_t{u[0]} << 24 | size_t{u[1]} << 16 |
                                          size_t{u[2]} << 8 | size_t{u[3]});
      if (end - at < size) break;
      at += size;
      ++total;
    }
    std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(at),
              buffer.begin() + static_cast<std::ptrdiff_t>(end), buffer.begin());
    end -= at;
  } while (window.Look(total));
  return window.figures();
}

Figures Run(const Options& options) {
  const bool by_client = options.by == "client";
  if (options.run == "publish") {
    return by_client ? PublishByClient(options) : PublishBySocket(options);
  }
  return by_client ? ReceiveByClient(options) : ReceiveBySocket(options);
}

}  // namespace
}  // namespace fluxgate::bench

int main(int argc, char** argv) {
  CLI::App app("Messages through the C++ client library, or through a bare socket.");
  fluxgate::bench::Options options;
  app.add_option("run", options.run)->required()->check(CLI::IsMember({"publish", "receive"}));
  app.add_option("--by", options.by)->check(CLI::IsMember({"client", "socket"}));
  app.add_option("--connect", options.connect, "of client_peer: tcp:ADDRESS:PORT")->required();
  app.add_option("--body", options.body_bytes, "bytes of a body");
  app.add_option("--chunk", options.chunk_bytes, "bytes of frames in one write of the bare socket");
  app.add_option("--seconds", options.seconds);
  app.add_option("--warm-up", options.warm_up_s);
  app.add_option("--broker-pid", options.broker_pid);
  app.add_option("--core", options.core);
  CLI11_PARSE(app, argc, argv);
  if (options.core >= 0) fluxgate::bench::PinToCore(options.core);
  try {
    fluxgate::bench::Print(fluxgate::bench::Run(options));
  } catch (const AMPS::AMPSException& e) {
    fluxgate::bench::Fail(e.toString());
  }
}
