// A gateway that is killed again and again while records change: what was acknowledged as persisted
// is there afterwards, and no record is half a record.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/killed_process.h"
#include "tests/support/raw_client.h"

namespace fluxgate::testing {
namespace {

constexpr int kKills = 200;
constexpr int kKeys = 300;
constexpr int kInFlightMax = 2000;
constexpr char kServer[] = "gateway/server/fluxgated";

// What has happened to one key: states in order, the first is what was there at the start.
struct History {
  std::vector<std::string> states = {""};  // bodies; empty: no record
  size_t acknowledged = 0;                 // index of a state
};

std::string BodyOf(int key, uint64_t change) {
  return fmt::format(R"({{"id":{},"change":{},"pad":"{}"}})", key, change,
                     std::string(change * 37 % 2500, static_cast<char>('a' + change % 26)));
}

std::string Field(const std::string& frame, std::string_view name) {
  const std::string start = fmt::format("\"{}\":\"", name);
  const size_t at = frame.find(start);
  if (at == std::string::npos) return "";
  const size_t begin = at + start.size();
  return frame.substr(begin, frame.find('"', begin) - begin);
}

class CrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char directory[] = "/tmp/fluxgate-crash-XXXXXX";
    directory_ = mkdtemp(directory);
    std::ofstream(Config()) << fmt::format(R"(<FluxgateConfig>
  <Transports>
    <Transport><Name>unix</Name><Type>amps-unix</Type><FileName>{0}/socket</FileName><MessageType>json</MessageType></Transport>
  </Transports>
  <SOW>
    <Topic><Name>kept</Name><MessageType>json</MessageType><FileName>{0}/kept.sow</FileName></Topic>
  </SOW>
  <Logging><Target><Protocol>file</Protocol><FileName>{0}/log</FileName></Target></Logging>
</FluxgateConfig>
)",
                                           directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Config() const { return directory_ + "/config.xml"; }

  RawClient Connect() {
    const std::string path = directory_ + "/socket";
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      if (RawClient::CanConnect(path)) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    RawClient client = RawClient::Unix(path);
    client.Logon();
    return client;
  }

  // The records that are there, each checked against what they may be; the histories begin anew.
  void Check(RawClient& client, int kill) {
    ASSERT_TRUE(client.SendFrame(R"({"c":"sow","cid":"q","t":"kept"})"));
    std::map<int, std::string> found;
    for (;;) {
      const auto frame = client.ReadFrame();
      ASSERT_TRUE(frame.has_value());
      if (frame->find(R"("c":"group_end")") != std::string::npos) break;
      if (frame->find(R"("c":"sow")") == std::string::npos) continue;
      const size_t body = frame->find("}{\"k\":");
      const size_t begin = frame->find('}', body + 1) + 1;
      found[std::stoi(Field(*frame, "k").substr(1))] = frame->substr(begin);
    }
    for (int key = 0; key < kKeys; ++key) {
      History& history = histories_[key];
      const std::string& now = found[key];
      bool is_known = false;
      for (size_t i = history.acknowledged; i < history.states.size(); ++i) {
        is_known |= history.states[i] == now;
      }
      ASSERT_TRUE(is_known) << "after kill " << kill << ", key " << key << ": "
                            << (now.empty() ? "no record" : now.substr(0, 60)) << "; acknowledged: "
                            << history.states[history.acknowledged].substr(0, 60);
      history = {.states = {now}, .acknowledged = 0};
    }
  }

  // Changes records until the gateway is gone.
  void Change(RawClient& client) {
    std::map<uint64_t, std::pair<int, size_t>> waiting;  // by command id
    const auto read_ack = [&](const std::string& frame) {
      if (frame.find(R"("a":"persisted")") == std::string::npos) return;
      ASSERT_NE(frame.find(R"("status":"success")"), std::string::npos) << frame;
      const auto acknowledged = waiting.find(std::stoull(Field(frame, "cid")));
      ASSERT_NE(acknowledged, waiting.end()) << frame;
      History& history = histories_[acknowledged->second.first];
      history.acknowledged = std::max(history.acknowledged, acknowledged->second.second);
      waiting.erase(acknowledged);
    };
    for (;;) {
      const int key = static_cast<int>(random_() % kKeys);
      const uint64_t change = ++changes_;
      History& history = histories_[key];
      std::string frame;
      if (random_() % 8 == 0) {
        frame = fmt::format(
            R"({{"c":"sow_delete","cid":"{}","t":"kept","k":"k{}","a":"persisted"}})", change, key);
        history.states.emplace_back();
      } else {
        const std::string body = BodyOf(key, change);
        frame = fmt::format(R"({{"c":"p","cid":"{}","t":"kept","k":"k{}","a":"persisted"}}{})",
                            change, key, body);
        history.states.push_back(body);
      }
      waiting[change] = {key, history.states.size() - 1};
      if (!client.SendFrame(frame)) break;
      if (waiting.size() < kInFlightMax) continue;
      while (waiting.size() > kInFlightMax / 2) {
        const auto ack = client.ReadFrame();
        if (!ack.has_value()) return;
        read_ack(*ack);
      }
    }
    while (const auto ack = client.ReadFrame()) read_ack(*ack);
  }

  std::string directory_;
  std::mt19937_64 random_{20261122};
  std::map<int, History> histories_;
  uint64_t changes_ = 0;
};

TEST_F(CrashTest, WhatWasAcknowledgedIsThere) {
  size_t most_kept = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    KilledProcess process({kServer, "--config", Config()});
    RawClient client = Connect();
    Check(client, kill);
    if (HasFatalFailure()) return;
    const auto delay = std::chrono::microseconds(random_() % 25'000);
    std::thread killer([&] {
      std::this_thread::sleep_for(delay);
      process.Signal();
    });
    Change(client);
    killer.join();
    process.Kill();
    if (HasFatalFailure()) return;
    for (const auto& [key, history] : histories_) most_kept += history.acknowledged;
  }
  EXPECT_GT(most_kept, 0u) << "nothing was ever acknowledged";
  KilledProcess process({kServer, "--config", Config()});
  RawClient client = Connect();
  Check(client, kKills);
  bool compacted = true;
  for (const auto& file : std::filesystem::directory_iterator(directory_)) {
    if (file.path().filename() == "kept.sow.000001") compacted = false;
  }
  EXPECT_TRUE(compacted) << "the log was never written anew: the kills missed that";
}

}  // namespace
}  // namespace fluxgate::testing
