// HAClients whose gateways, and who themselves, are killed again and again under load.
//
// What is checked is what can be promised with what gateways store today: the state of records, not
// the stream of publishes. The gateway acknowledges a publish when it is on disk; until then the
// client keeps it. The answer to a logon says 0 stored publishes, whatever there was before, and a
// gateway does not look at sequences: so after a loss everything that was not acknowledged is sent
// again, in order, though some of it may have been stored. As records have keys, none is there
// twice, and each ends with its last publish; but a subscriber may be shown such a publish twice,
// and for that moment an older one than it had seen. Nothing is passed from gateway to gateway:
// after a failover what was acknowledged is in the one, the rest in the other.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "amps/amps.h"
#include "tests/support/killed_process.h"

namespace fluxgate::testing {
namespace {

using std::chrono::milliseconds;

constexpr char kServer[] = "gateway/server/fluxgated";
constexpr int kKills = 8;
constexpr int kKeys = 100;
constexpr size_t kUnpersistedMax = 5000;  // then the publisher waits a little
constexpr long kLongMs = 60'000;
constexpr char kPublishFlag[] = "--publish";

// The number behind the colon of `"name":`.
uint64_t NumberOf(std::string_view body, std::string_view name) {
  const std::string start = fmt::format("\"{}\":", name);
  const size_t at = body.find(start);
  uint64_t number = 0;
  if (at == std::string_view::npos) return number;
  std::from_chars(body.data() + at + start.size(), body.data() + body.size(), number);
  return number;
}

// A gateway with the stored topics `once` and `state`, keyed by /id.
class Site {
 public:
  Site() {
    char directory[] = "/tmp/fluxgate-ha-XXXXXX";
    directory_ = mkdtemp(directory);
    std::ofstream(directory_ + "/config.xml") << fmt::format(R"(<FluxgateConfig>
  <Transports>
    <Transport><Name>unix</Name><Type>amps-unix</Type><FileName>{0}/socket</FileName><MessageType>json</MessageType></Transport>
  </Transports>
  <SOW>
    <Topic><Name>once</Name><MessageType>json</MessageType><Key>/id</Key><FileName>{0}/once.sow</FileName></Topic>
    <Topic><Name>state</Name><MessageType>json</MessageType><Key>/id</Key><FileName>{0}/state.sow</FileName></Topic>
  </SOW>
  <Logging><Target><Protocol>file</Protocol><FileName>{0}/log</FileName></Target></Logging>
</FluxgateConfig>
)",
                                                             directory_);
    Start();
    // Or the clients would begin with another one.
    AMPS::HAClient first_client("first");
    first_client.connect(uri());
  }
  ~Site() {
    process_.Kill();
    std::filesystem::remove_all(directory_);
  }

  void Start() { process_ = KilledProcess({kServer, "--config", directory_ + "/config.xml"}); }
  void Kill() { process_.Kill(); }
  std::string uri() const {
    return fmt::format("unix://localhost:0/amps/json?path={}/socket", directory_);
  }
  std::string File(std::string_view name) const { return fmt::format("{}/{}", directory_, name); }

  // The records of a topic by their id; a record that is there twice is an error.
  std::map<uint64_t, std::string> Records(const std::string& topic) const {
    AMPS::HAClient client("reader");
    client.connect(uri());
    std::map<uint64_t, std::string> records;
    for (const AMPS::Message& message : client.sow(topic, "", "", 1000)) {
      if (message.getCommandEnum() != AMPS::Message::SOW) continue;
      const bool is_new =
          records.emplace(NumberOf(message.getData(), "id"), message.getData()).second;
      EXPECT_TRUE(is_new) << "twice: " << message.getData();
    }
    return records;
  }

 private:
  std::string directory_;
  KilledProcess process_;
};

void Prepare(AMPS::HAClient& client, const std::vector<std::string>& uris) {
  client.setServerChooser(std::make_shared<AMPS::DefaultServerChooser>(uris));
  AMPS::ExponentialDelayStrategy::Options options;
  options.initial_ms = 5;
  options.maximum_delay_ms = 50;
  client.setDelayStrategy(std::make_shared<AMPS::ExponentialDelayStrategy>(options));
}

// Publishes on a thread of its own until it is stopped: {"id":n} once, and the states of kKeys.
class Publisher {
 public:
  Publisher(const std::vector<std::string>& uris, const std::string& store_path)
      : client_("publisher") {
    Prepare(client_, uris);
    client_.setPublishStore(std::make_shared<AMPS::PublishStore>(store_path));
    client_.connectAndLogon();
    thread_ = std::thread([this] {
      while (!stop_) {
        const uint64_t n = published_ + 1;
        client_.publish("once", fmt::format(R"({{"id":{},"text":"publish {}"}})", n, n));
        client_.publish("state", fmt::format(R"({{"id":{},"version":{}}})", n % kKeys, n));
        published_ = n;
        while (!stop_ && client_.getUnpersistedCount() > kUnpersistedMax) {
          std::this_thread::sleep_for(milliseconds(1));
        }
      }
    });
  }
  ~Publisher() {
    if (thread_.joinable()) Stop();
  }
  // Returns how many there were; the gateway has them all.
  uint64_t Stop() {
    stop_ = true;
    thread_.join();
    client_.publishFlush(kLongMs, AMPS::Message::Persisted);
    EXPECT_EQ(client_.getUnpersistedCount(), 0u);
    client_.disconnect();
    return published_;
  }
  uint64_t published() const { return published_; }

 private:
  AMPS::HAClient client_;
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> published_ = 0;
  std::thread thread_;
};

// Sees everything of `once`, by snapshots and live.
class Subscriber {
 public:
  explicit Subscriber(const std::vector<std::string>& uris) : client_("subscriber") {
    Prepare(client_, uris);
    client_.connectAndLogon();
    client_.sowAndSubscribe(
        [this](AMPS::Message& message) {
          if (message.getData().empty()) return;  // begin and end of a snapshot
          const uint64_t id = NumberOf(message.getData(), "id");
          const std::lock_guard lock(mutex_);
          if (id >= live_.size()) {
            live_.resize(2 * id + 1);
            seen_.resize(2 * id + 1);
          }
          distinct_ += seen_[id] ? 0 : 1;
          seen_[id] = true;
          if (message.getCommandEnum() == AMPS::Message::Publish) {
            twice_ += live_[id] ? 1 : 0;
            live_[id] = true;
          }
        },
        "once", "", "", 1000);
  }
  ~Subscriber() { client_.disconnect(); }

  // Waits until it has seen `count`; returns how many it was shown twice live.
  uint64_t Await(uint64_t count) {
    const auto deadline = std::chrono::steady_clock::now() + milliseconds(kLongMs);
    while (distinct() < count && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    EXPECT_EQ(distinct(), count);
    const std::lock_guard lock(mutex_);
    return twice_;
  }

 private:
  uint64_t distinct() {
    const std::lock_guard lock(mutex_);
    return distinct_;
  }

  std::mutex mutex_;
  std::vector<bool> seen_;
  std::vector<bool> live_;
  uint64_t distinct_ = 0;
  uint64_t twice_ = 0;
  AMPS::HAClient client_;
};

void ExpectAll(const Site& site, uint64_t published) {
  const auto once = site.Records("once");
  EXPECT_EQ(once.size(), published);
  for (const auto& [id, body] : once) {
    ASSERT_EQ(body, fmt::format(R"({{"id":{},"text":"publish {}"}})", id, id));
  }
  if (!once.empty()) {
    EXPECT_EQ(once.begin()->first, 1u);
    EXPECT_EQ(once.rbegin()->first, published);
  }
  const auto state = site.Records("state");
  EXPECT_EQ(state.size(), static_cast<size_t>(kKeys));
  for (const auto& [id, body] : state) {
    const uint64_t last = published - (published + kKeys - id) % kKeys;
    EXPECT_EQ(NumberOf(body, "version"), last) << body;
  }
}

TEST(HACrashTest, NothingIsLostAndNoRecordIsThereTwiceWhenTheGatewayIsKilled) {
  Site site;
  Subscriber subscriber({site.uri()});
  Publisher publisher({site.uri()}, site.File("publishes"));
  std::mt19937_64 random(20261122);
  for (int kill = 0; kill < kKills; ++kill) {
    const uint64_t before = publisher.published();
    std::this_thread::sleep_for(milliseconds(50 + random() % 300));
    while (publisher.published() < before + 100) std::this_thread::sleep_for(milliseconds(1));
    site.Kill();
    if (kill % 2 == 0) std::this_thread::sleep_for(milliseconds(random() % 100));
    site.Start();
  }
  const uint64_t published = publisher.Stop();
  const uint64_t twice = subscriber.Await(published);
  ExpectAll(site, published);
  std::cout << published << " published, " << kKills << " kills, " << twice << " shown twice\n";
}

TEST(HACrashTest, AfterAFailoverBothGatewaysTogetherHaveEverything) {
  Site first;
  Site second;
  const std::vector<std::string> uris = {first.uri(), second.uri()};
  Subscriber subscriber(uris);
  Publisher publisher(uris, first.File("publishes"));
  // More than can be waiting for their acknowledgements.
  while (publisher.published() < 2 * kUnpersistedMax) std::this_thread::sleep_for(milliseconds(1));
  first.Kill();
  const uint64_t before = publisher.published();
  while (publisher.published() < before + 2 * kUnpersistedMax) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  const uint64_t published = publisher.Stop();
  first.Start();
  const auto kept = first.Records("once");
  const auto rest = second.Records("once");
  uint64_t in_both = 0;
  for (uint64_t id = 1; id <= published; ++id) {
    ASSERT_TRUE(kept.count(id) != 0 || rest.count(id) != 0) << id;
    in_both += kept.count(id) * rest.count(id);
  }
  EXPECT_GE(kept.size(), kUnpersistedMax);
  // What came after the failover is in the second one only; what was sent to both is what the
  // first one had not acknowledged.
  EXPECT_EQ(rest.rbegin()->first, published);
  EXPECT_LE(in_both, kUnpersistedMax);
  std::cout << published << " published, " << kept.size() << " in the first, " << rest.size()
            << " in the second, " << in_both << " in both\n";
}

// The publisher of the test below, a process of its own: {"id":sequence} until it is killed, each
// one written to `told` when publish has returned; or, with `flush`, what its store has.
int RunPublisher(const std::string& uri, const std::string& store_path, const std::string& told,
                 bool flush) {
  AMPS::HAClient client("publisher");
  Prepare(client, {uri});
  client.setPublishStore(std::make_shared<AMPS::PublishStore>(store_path));
  client.connectAndLogon();
  if (flush) {
    client.publishFlush(kLongMs, AMPS::Message::Persisted);
    return client.getUnpersistedCount() == 0 ? 0 : 1;
  }
  const int fd = open(told.c_str(), O_WRONLY | O_CREAT, 0600);
  while (true) {
    uint64_t id = client.getPublishStore()->getLastSequence() + 1;
    id = client.publish("once", fmt::format(R"({{"id":{}}})", id));
    if (pwrite(fd, &id, sizeof(id), 0) != sizeof(id)) return 1;
    while (client.getUnpersistedCount() > kUnpersistedMax) {
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
}

std::string OwnPath() {
  char path[PATH_MAX] = {};
  EXPECT_GT(readlink("/proc/self/exe", path, sizeof(path) - 1), 0);
  return path;
}

TEST(HACrashTest, WhatAKilledPublisherHadStoredIsSentByItsNextRun) {
  Site site;
  const std::string told = site.File("told");
  std::vector<std::string> arguments = {OwnPath(), kPublishFlag, site.uri(), site.File("publishes"),
                                        told,      "run"};
  std::mt19937_64 random(7);
  uint64_t last = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    KilledProcess publisher(arguments);
    const uint64_t before = last;
    const auto deadline = std::chrono::steady_clock::now() + milliseconds(kLongMs);
    while (last < before + 50 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(milliseconds(random() % 50));
      std::ifstream(told, std::ios::binary).read(reinterpret_cast<char*>(&last), sizeof(last));
    }
    if (kill % 3 == 2) site.Kill();
    publisher.Kill();
    std::ifstream(told, std::ios::binary).read(reinterpret_cast<char*>(&last), sizeof(last));
    if (kill % 3 == 2) site.Start();
    EXPECT_GE(last, before + 50) << kill;
  }
  arguments.back() = "flush";
  EXPECT_EQ(KilledProcess(arguments).Wait(), 0);
  const auto once = site.Records("once");
  ASSERT_FALSE(once.empty());
  EXPECT_EQ(once.begin()->first, 1u);
  EXPECT_EQ(once.rbegin()->first, once.size()) << "none is missing";
  EXPECT_GE(once.size(), last);
  EXPECT_LE(once.size(), last + 1);  // one whose publish had not returned
}

}  // namespace

int PublisherMain(char** arguments) {
  return RunPublisher(arguments[2], arguments[3], arguments[4],
                      std::string_view(arguments[5]) == "flush");
}
bool IsPublisher(int argc, char** argv) {
  return argc == 6 && std::string_view(argv[1]) == kPublishFlag;
}

}  // namespace fluxgate::testing

int main(int argc, char** argv) {
  if (fluxgate::testing::IsPublisher(argc, argv)) return fluxgate::testing::PublisherMain(argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
