// For tests of HAClient: a scripted gateway's answers, and what the client tells.
#ifndef FLUXGATE_CLIENT_AMPS_HA_CLIENT_TESTING_H_
#define FLUXGATE_CLIENT_AMPS_HA_CLIENT_TESTING_H_

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "amps/exceptions.h"
#include "amps/ha_client.h"
#include "client/amps/many_connections.h"
#include "gateway/amps/amps_encoder.h"

namespace AMPS::testing {

using fluxgate::AckType;
using fluxgate::CommandType;
using fluxgate::amps::ServerMessage;
using fluxgate::amps::ServerMessageType;
using fluxgate::client::FakeConnection;
using Clock = std::chrono::steady_clock;

constexpr long kLongMs = 20'000;
constexpr char kNobody[] = "tcp://127.0.0.1:1/amps/json";

inline void SendAck(FakeConnection& connection, const fluxgate::Command& command, AckType type,
                    uint64_t sequence, std::string_view failure = {}) {
  ServerMessage ack;
  ack.type = ServerMessageType::kAck;
  ack.command_id = command.command_id;
  ack.ack.add(type);
  ack.has_sequence = true;
  ack.sequence = sequence;
  ack.status = failure.empty() ? fluxgate::amps::kStatusSuccess : fluxgate::amps::kStatusFailure;
  ack.reason = failure;
  ack.version = command.type == CommandType::kLogon ? "fake 1" : "";
  std::string bytes;
  fluxgate::amps::AppendServerMessage(ack, &bytes);
  connection.Send(bytes);
}

// Accepts a logon and says that the gateway has stored up to `sequence`.
inline void AcceptLogon(FakeConnection& connection, uint64_t sequence = 0) {
  const fluxgate::Command* logon = connection.Read();
  if (logon == nullptr) return;  // a client that was in a hurry
  EXPECT_EQ(logon->type, CommandType::kLogon);
  EXPECT_EQ(logon->client_name, "ha");
  SendAck(connection, *logon, AckType::kProcessed, sequence);
}

inline void SendMessage(FakeConnection& connection, std::string_view sub_id,
                        std::string_view bookmark, std::string_view body) {
  ServerMessage message;
  message.type = ServerMessageType::kPublish;
  message.topic = "orders";
  message.sub_ids = sub_id;
  message.bookmark = bookmark;
  message.body = body;
  std::string bytes;
  fluxgate::amps::AppendServerMessage(message, &bytes);
  connection.Send(bytes);
}

// Acknowledges whatever asks for it, until the client goes.
inline void Serve(FakeConnection& connection) {
  while (const fluxgate::Command* command = connection.Read()) {
    if (command->acks.has(AckType::kProcessed)) connection.Ack(*command);
    if (command->acks.has(AckType::kPersisted) && command->has_sequence) {
      SendAck(connection, *command, AckType::kPersisted, command->sequence);
    }
  }
}

// What happened, on whatever thread, to be waited for.
class Events {
 public:
  void Add(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }
  std::vector<std::string> Await(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::milliseconds(kLongMs),
                                  [&] { return events_.size() >= count; }));
    return events_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;
};

using Lines = std::vector<std::string>;

// One address at a time, which the test sets.
class TestChooser final : public ServerChooser {
 public:
  explicit TestChooser(std::string uri) : uri_(std::move(uri)) {}
  void Set(std::string uri) {
    const std::lock_guard lock(mutex_);
    uri_ = std::move(uri);
  }
  std::string getCurrentURI() override {
    const std::lock_guard lock(mutex_);
    return uri_;
  }
  Authenticator& getCurrentAuthenticator() override { return authenticator_; }
  void reportFailure(const std::string& error) override {
    const std::lock_guard lock(mutex_);
    error_ = error;
    failures.Add(error);
  }
  void reportSuccess() override { ++successes; }
  std::string getError() const override {
    const std::lock_guard lock(mutex_);
    return error_;
  }

  Events failures;
  std::atomic<int> successes = 0;

 private:
  mutable std::mutex mutex_;
  std::string uri_;
  std::string error_;
  DefaultAuthenticator authenticator_;
};

class HAClientTest : public ::testing::Test {
 protected:
  HAClientTest() {
    client_.setServerChooser(chooser_);
    client_.setDelayStrategy(std::make_shared<FixedDelayStrategy>(5));
  }
  ~HAClientTest() override { client_.disconnect(); }

  // Connects; then the gateway goes, and there is nobody for a while.
  void ConnectAndLose(const std::string& uri) {
    chooser_->Set(uri);
    client_.setDisconnectHandler([&](Client&) { chooser_->Set(kNobody); });
    client_.connectAndLogon();
    leave_ = true;
    chooser_->failures.Await(2);  // the loss, and an attempt
  }
  void AwaitLeave() const {
    while (!leave_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  std::atomic<bool> leave_ = false;
  const std::shared_ptr<TestChooser> chooser_ = std::make_shared<TestChooser>(kNobody);
  HAClient client_{"ha"};
};

}  // namespace AMPS::testing

#endif  // FLUXGATE_CLIENT_AMPS_HA_CLIENT_TESTING_H_
