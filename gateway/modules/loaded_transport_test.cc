// A transport whose clients are the test, with a reactor on a thread of its own and the gateway's
// side of each connection in the test's hands.
#include "gateway/modules/loaded_transport.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/module/testing/module_testing.h"
#include "gateway/modules/testing/recording_transport.h"

namespace fluxgate {
namespace {

constexpr int kWaitMs = 10'000;

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < kWaitMs; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

// The gateway's side of a connection, blocking.
class FarEnd {
 public:
  explicit FarEnd(net::Accepted accepted) : accepted_(std::move(accepted)) {}
  ~FarEnd() { Close(); }
  FarEnd(const FarEnd&) = delete;
  FarEnd& operator=(const FarEnd&) = delete;

  const std::string& peer() const { return accepted_.peer; }
  void Close() {
    if (accepted_.fd >= 0) close(std::exchange(accepted_.fd, -1));
  }
  void EndWriting() { shutdown(accepted_.fd, SHUT_WR); }
  void Write(std::string_view bytes) {
    while (!bytes.empty()) {
      pollfd polled{accepted_.fd, POLLOUT, 0};
      ASSERT_EQ(poll(&polled, 1, kWaitMs), 1);
      const ssize_t sent = send(accepted_.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  // What a session that does not read takes for the end of everything.
  bool IsHungUp() const {
    pollfd polled{accepted_.fd, 0, 0};
    return poll(&polled, 1, 0) == 1 && (polled.revents & (POLLHUP | POLLERR)) != 0;
  }
  void TryToWrite(std::string_view bytes) {
    (void)!send(accepted_.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // Up to `size` bytes, fewer at the end of the stream.
  std::string Read(size_t size) {
    std::string all;
    while (all.size() < size) {
      pollfd polled{accepted_.fd, POLLIN, 0};
      if (poll(&polled, 1, kWaitMs) != 1) break;
      char piece[4096];
      const ssize_t got = recv(accepted_.fd, piece, std::min(sizeof piece, size - all.size()), 0);
      if (got <= 0) break;
      all.append(piece, static_cast<size_t>(got));
    }
    return all;
  }

 private:
  net::Accepted accepted_;
};

class LoadedTransportTest : public testing::Test {
 protected:
  void SetUp() override {
    auto module = Module::Load(
        {"m", ModulePath("gateway/modules/testing/recording_transport.so"), {}}, log_.function());
    ASSERT_TRUE(module.ok()) << module.status();
    recorded_ = (*(*module)->EntryPoint<TestTransportFunction>("test_transport"))();
    recorded_->room = SIZE_MAX;
    recorded_->fails_to_start = false;
    recorded_->throws = false;
    recorded_->takes_too_much = false;
    recorded_->closes_in_send = false;
    recorded_->starts = 0;
    recorded_->stops = 0;
    recorded_->resumes = 0;
    recorded_->accepted_late = 0;
    {
      const std::lock_guard lock(recorded_->mutex);
      recorded_->sent.clear();
      recorded_->closes.clear();
      recorded_->names.clear();
      recorded_->on_send = nullptr;
    }
    auto transport = LoadedTransport::Create(
        "t", *std::move(module), {}, reactor_, gate_, [this](net::Accepted accepted) {
          const std::lock_guard lock(mutex_);
          far_ends_.push_back(std::make_unique<FarEnd>(std::move(accepted)));
        });
    ASSERT_TRUE(transport.ok()) << transport.status();
    transport_ = *std::move(transport);
    thread_ = std::thread([this] { reactor_.Run(); });
  }
  void TearDown() override { End(); }
  void End() {
    if (!thread_.joinable()) return;
    reactor_.Stop();
    thread_.join();
    transport_.reset();
    EXPECT_EQ(recorded_->contexts, 0);
    far_ends_.clear();
    EXPECT_EQ(gate_.connections(), 0u);
  }

  void Start() {
    OnReactor([this] { EXPECT_TRUE(transport_->Start().ok()); });
  }
  void OnReactor(const std::function<void()>& call) {
    std::atomic<bool> done = false;
    reactor_.Post([&] {
      call();
      done = true;
    });
    ASSERT_TRUE(Eventually([&] { return done.load(); }));
  }
  static void* Name(intptr_t number) { return reinterpret_cast<void*>(number); }
  amps_server_connection* Connect(intptr_t number, const char* address = "host:1") {
    amps_server_connection* const name =
        recorded_->server->connected(recorded_->server, Name(number), address);
    const std::lock_guard lock(recorded_->mutex);
    recorded_->names[Name(number)] = name;
    return name;
  }
  // The gateway's side of the connection that came as number `at`, from 0.
  FarEnd& Far(size_t at) {
    FarEnd* end = nullptr;
    EXPECT_TRUE(Eventually([&] {
      const std::lock_guard lock(mutex_);
      if (at < far_ends_.size()) end = far_ends_[at].get();
      return end != nullptr;
    }));
    return *end;
  }
  size_t Received(amps_server_connection* name, std::string_view bytes) {
    return recorded_->server->received(recorded_->server, name, bytes.data(), bytes.size());
  }
  void Closed(amps_server_connection* name) {
    recorded_->server->closed(recorded_->server, name, "gone");
  }
  std::string Sent(intptr_t number) {
    const std::lock_guard lock(recorded_->mutex);
    return recorded_->sent[Name(number)];
  }
  int Closes(intptr_t number) {
    const std::lock_guard lock(recorded_->mutex);
    return recorded_->closes[Name(number)];
  }

  static constexpr uint32_t kConnectionsMax = 3;
  static constexpr uint32_t kConnectionsPerAddressMax = 2;

  TestLog log_;
  net::Reactor reactor_;
  net::AdmissionGate gate_{{kConnectionsMax, kConnectionsPerAddressMax}};
  RecordingTransport* recorded_ = nullptr;
  std::unique_ptr<LoadedTransport> transport_;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<FarEnd>> far_ends_;  // guarded by mutex_
};

TEST_F(LoadedTransportTest, BytesGoBothWays) {
  Start();
  EXPECT_EQ(transport_->address(), "the test?");
  amps_server_connection* const name = Connect(1, "host:1\n");
  ASSERT_NE(name, nullptr);
  EXPECT_EQ(Received(name, "hello"), 5u);
  FarEnd& far = Far(0);
  EXPECT_EQ(far.peer(), "host:1?");
  EXPECT_EQ(far.Read(5), "hello");
  far.Write("there");
  EXPECT_TRUE(Eventually([&] { return Sent(1) == "there"; }));
  EXPECT_EQ(Closes(1), 0);
}

TEST_F(LoadedTransportTest, NobodyIsAcceptedBeforeItStartsAndAfterItStops) {
  EXPECT_EQ(Connect(1), nullptr);
  Start();
  EXPECT_NE(Connect(2), nullptr);
  OnReactor([this] { transport_->Stop(); });
  EXPECT_EQ(Connect(3), nullptr);
  OnReactor([this] { transport_->Stop(); });
  EXPECT_EQ(recorded_->stops, 1);
  Start();
  EXPECT_NE(Connect(4), nullptr);
  EXPECT_EQ(recorded_->starts, 2);
}

TEST_F(LoadedTransportTest, ConnectionsAreLimited) {
  Start();
  EXPECT_NE(Connect(1, "a:1"), nullptr);
  EXPECT_NE(Connect(2, "a:2"), nullptr);
  EXPECT_EQ(Connect(3, "a:3"), nullptr);
  amps_server_connection* const last = Connect(4, "b:1");
  EXPECT_NE(last, nullptr);
  EXPECT_EQ(Connect(5, "c:1"), nullptr);
  Closed(last);
  Far(2).Close();
  {
    const std::lock_guard lock(mutex_);
    far_ends_.erase(far_ends_.begin() + 2);
  }
  EXPECT_NE(Connect(6, "c:1"), nullptr);
}

TEST_F(LoadedTransportTest, AServerThatIsBehindTakesTheRestLater) {
  Start();
  amps_server_connection* const name = Connect(1);
  FarEnd& far = Far(0);
  const std::string piece(64 * 1024, 'p');
  size_t taken = 0;
  size_t last = piece.size();
  while (last == piece.size()) taken += last = Received(name, piece);
  EXPECT_EQ(recorded_->resumes, 0);
  EXPECT_EQ(far.Read(taken).size(), taken);
  EXPECT_TRUE(Eventually([&] { return recorded_->resumes == 1; }));
  EXPECT_EQ(Received(name, "more"), 4u);
  EXPECT_EQ(far.Read(4), "more");
}

TEST_F(LoadedTransportTest, AClientThatIsBehindGetsTheRestLater) {
  Start();
  recorded_->room = 3;
  amps_server_connection* const name = Connect(1);
  Far(0).Write("abcdef");
  EXPECT_TRUE(Eventually([&] { return Sent(1) == "abc"; }));
  recorded_->room = 2;
  recorded_->server->writable(recorded_->server, name);
  EXPECT_TRUE(Eventually([&] { return Sent(1) == "abcde"; }));
  recorded_->room = SIZE_MAX;
  recorded_->server->writable(recorded_->server, name);
  recorded_->server->writable(recorded_->server, name);
  EXPECT_TRUE(Eventually([&] { return Sent(1) == "abcdef"; }));
}

TEST_F(LoadedTransportTest, TheModuleClosesAConnection) {
  Start();
  amps_server_connection* const name = Connect(1);
  Received(name, "last words");
  Closed(name);
  Closed(name);
  EXPECT_EQ(Received(name, "more"), 4u) << "what nobody reads is taken";
  recorded_->server->writable(recorded_->server, name);
  EXPECT_EQ(Far(0).Read(100), "last words");
  OnReactor([] {});
  EXPECT_EQ(Closes(1), 0);
  EXPECT_FALSE(log_.Has("never was"));
}

// A session that pauses reads what had been taken when it goes on, also if it writes meanwhile.
TEST_F(LoadedTransportTest, NothingThatWasTakenIsLostWhenTheModuleClosesAConnection) {
  Start();
  amps_server_connection* const name = Connect(1);
  FarEnd& far = Far(0);
  EXPECT_EQ(Received(name, "last words"), 10u);
  Closed(name);
  OnReactor([] {});
  const std::string piece(64 * 1024, 'p');
  for (int i = 0; i < 20; ++i) far.Write(piece);
  OnReactor([] {});
  EXPECT_FALSE(far.IsHungUp());
  EXPECT_EQ(far.Read(100), "last words");
  EXPECT_EQ(Sent(1), "");
  EXPECT_EQ(Closes(1), 0);
  far.EndWriting();
  EXPECT_TRUE(Eventually([&] { return far.IsHungUp(); }));
}

// A module that the server is behind of, and that closes then: nobody waits for room.
TEST_F(LoadedTransportTest, TheModuleClosesAConnectionWhoseBytesWereNotAllTaken) {
  Start();
  amps_server_connection* const name = Connect(1);
  FarEnd& far = Far(0);
  const std::string piece(64 * 1024, 'p');
  size_t taken = 0;
  size_t last = piece.size();
  while (last == piece.size()) taken += last = Received(name, piece);
  Closed(name);
  EXPECT_EQ(far.Read(taken + 1).size(), taken);
  OnReactor([] {});
  EXPECT_EQ(recorded_->resumes, 0);
}

// However its end falls into the reads of a batch: everything comes, and so does the end.
TEST_F(LoadedTransportTest, TheGatewayClosesAConnectionAtAnyRead) {
  constexpr int kWritesMax = 2 * TransportBridge::kReadsPerBatch;
  Start();
  for (int writes = 1; writes <= kWritesMax; ++writes) {
    {
      const std::lock_guard lock(recorded_->mutex);
      recorded_->on_send = [this, left = std::make_shared<int>(writes)] {
        if (--*left > 0) {
          Far(0).TryToWrite("x");
        } else {
          Far(0).EndWriting();
        }
      };
    }
    Connect(writes);
    Far(0).Write("x");
    EXPECT_TRUE(Eventually([&] { return Closes(writes) == 1; })) << writes;
    EXPECT_EQ(Sent(writes), std::string(static_cast<size_t>(writes), 'x'));
    const std::lock_guard lock(mutex_);
    far_ends_.clear();
  }
}

// The last of a batch is forwarded though no event tells of it.
TEST_F(LoadedTransportTest, BytesComeAtAnyRead) {
  constexpr int kWritesMax = 2 * TransportBridge::kReadsPerBatch;
  Start();
  Connect(1);
  for (int writes = 1; writes <= kWritesMax; ++writes) {
    const size_t before = Sent(1).size();
    {
      const std::lock_guard lock(recorded_->mutex);
      recorded_->on_send = [this, left = std::make_shared<int>(writes)] {
        if (--*left > 0) Far(0).TryToWrite("x");
      };
    }
    Far(0).Write("x");
    EXPECT_TRUE(Eventually([&] { return Sent(1).size() == before + static_cast<size_t>(writes); }))
        << writes;
  }
}

TEST_F(LoadedTransportTest, TheGatewayClosesAConnection) {
  Start();
  amps_server_connection* const name = Connect(1);
  FarEnd& far = Far(0);
  far.Write("last words");
  far.EndWriting();
  EXPECT_TRUE(Eventually([&] { return Closes(1) == 1; }));
  EXPECT_EQ(Sent(1), "last words");
  EXPECT_EQ(far.Read(1), "") << "the other direction ends as well";
  Closed(name);
  EXPECT_EQ(Received(name, "x"), 1u);
  OnReactor([] {});
  EXPECT_EQ(Closes(1), 1);
}

// It waits for a module that has no room, but not for ever.
TEST_F(LoadedTransportTest, TheGatewayGivesUpAClientThatDoesNotRead) {
  Start();
  recorded_->room = 1;
  Connect(1);
  FarEnd& far = Far(0);
  far.Write("abc");
  far.EndWriting();
  EXPECT_TRUE(Eventually([&] { return Sent(1) == "a"; }));
  OnReactor([] {});
  EXPECT_EQ(Closes(1), 0);
  far.Close();
  EXPECT_TRUE(Eventually([&] { return Closes(1) == 1; }));
}

TEST_F(LoadedTransportTest, TheModuleClosesFromInsideACall) {
  Start();
  recorded_->closes_in_send = true;
  Connect(1);
  FarEnd& far = Far(0);
  far.Write("x");
  EXPECT_EQ(far.Read(1), "");
  EXPECT_EQ(Closes(1), 0);
}

// A fault ends the connection that it happens to, and no other.
TEST_F(LoadedTransportTest, FaultsOfTheModule) {
  Start();
  amps_server_connection* const first = Connect(1, "a:1");
  Connect(2, "b:1");
  Connect(3, "b:2");
  Received(first, "last words");
  recorded_->takes_too_much = true;
  Far(0).Write("x");
  EXPECT_TRUE(Eventually([&] { return Closes(1) == 1; }));
  EXPECT_TRUE(log_.Has("amps_transport_send took 2 bytes of 1"));
  EXPECT_EQ(Far(0).Read(100), "last words");
  recorded_->takes_too_much = false;
  recorded_->throws = true;
  Far(1).Write("y");
  EXPECT_TRUE(Eventually([&] { return Closes(2) == 1; }));
  EXPECT_TRUE(log_.Has("amps_transport_send was left by an exception"));
  EXPECT_EQ(Far(1).Read(1), "");
  recorded_->throws = false;
  Far(2).Write("z");
  EXPECT_TRUE(Eventually([&] { return Sent(3) == "z"; }));
  EXPECT_EQ(Closes(3), 0);
  Received(reinterpret_cast<amps_server_connection*>(uintptr_t{77}), "x");
  Closed(nullptr);
  EXPECT_TRUE(log_.Has("received names a connection that there never was"));
  EXPECT_TRUE(log_.Has("closed names a connection that there never was"));
}

TEST_F(LoadedTransportTest, AModuleThatDoesNotStart) {
  recorded_->fails_to_start = true;
  OnReactor([this] {
    const std::string text = ErrorText(transport_->Start());
    EXPECT_NE(text.find("recording_transport.so) failed to start (amps_transport_start)"),
              std::string::npos)
        << text;
  });
  EXPECT_EQ(Connect(1), nullptr);
}

TEST_F(LoadedTransportTest, WhatIsOpenAtTheEndIsClosedOnce) {
  Start();
  amps_server_connection* const closed = Connect(1);
  Connect(2);
  Far(1);
  Closed(closed);
  End();
  EXPECT_EQ(Closes(1), 0);
  EXPECT_EQ(Closes(2), 1);
  EXPECT_EQ(recorded_->stops, 1);
  EXPECT_EQ(recorded_->accepted_late, 0);
}

// Both sides at once, from several threads, with bytes under way.
TEST_F(LoadedTransportTest, BothSidesCloseAtOnce) {
  constexpr int kRounds = 100;
  Start();
  for (intptr_t round = 1; round <= kRounds; ++round) {
    amps_server_connection* const name = Connect(round);
    ASSERT_NE(name, nullptr);
    FarEnd& far = Far(0);
    std::thread module_thread([&] {
      Received(name, "bytes");
      recorded_->server->writable(recorded_->server, name);
      Closed(name);
    });
    far.TryToWrite("bytes");
    far.Close();
    module_thread.join();
    // Whoever was first: once the module has heard of it or said it, that is all.
    OnReactor([] {});
    const int closes = Closes(round);
    OnReactor([] {});
    EXPECT_EQ(Closes(round), closes);
    EXPECT_LE(closes, 1);
    const std::lock_guard lock(mutex_);
    far_ends_.clear();
  }
}

}  // namespace
}  // namespace fluxgate
