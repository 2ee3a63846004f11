#include "gateway/net/connection.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/net/plain_layer.h"

namespace fluxgate::net {
namespace {

constexpr size_t kPadding = 64;

// A user with a framing of its own: one byte of length in units of kUnit, then as many bytes.
class ConnectionTest : public ::testing::Test, public ConnectionUser {
 protected:
  static constexpr size_t kUnit = 10'000;

  ConnectionTest() : shared_(reactor_, kPadding) {
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    peer_ = fds[1];
    connection_ = std::make_unique<Connection>(shared_, fds[0], kPadding);
    connection_->Start(this);
  }
  ~ConnectionTest() override {
    if (peer_ >= 0) close(peer_);
  }

  size_t OnBytes(std::string_view bytes) override {
    ++calls_;
    if (pause_on_input_) connection_->PauseReading();
    size_t used = 0;
    while (used < bytes.size()) {
      const size_t size = 1 + kUnit * static_cast<unsigned char>(bytes[used]);
      if (bytes.size() - used < size) break;
      frames_.emplace_back(bytes.substr(used, size));
      used += size;
    }
    if (close_on_input_) connection_->Close("enough");
    return used;
  }
  size_t BytesWanted(std::string_view bytes) override {
    return 1 + kUnit * static_cast<unsigned char>(bytes[0]);
  }
  void OnClosed(std::string_view reason) override {
    closed_ = reason;
    connection_.reset();
  }
  void OnDrained(size_t) override {}

  static std::string Frame(unsigned char units, char fill = 'x') {
    return std::string(1, static_cast<char>(units)) + std::string(kUnit * units, fill);
  }

  // Turns the loop until `done` or for a while.
  void RunUntil(const std::function<bool()>& done) {
    for (int i = 0; i < 2000 && !done(); ++i) {
      reactor_.Post([] {});
      reactor_.Stop();
      reactor_.Run();
    }
  }
  // Sends all of it, turning the loop while the socket is full.
  void SendAll(std::string_view bytes) {
    while (!bytes.empty() && connection_ != nullptr) {
      const ssize_t sent = send(peer_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
      RunUntil([n = 0]() mutable { return ++n > 2; });
    }
  }
  std::string ReceiveAll() {
    std::string got;
    char buffer[65536];
    ssize_t size;
    while ((size = recv(peer_, buffer, sizeof buffer, 0)) > 0) {
      got.append(buffer, static_cast<size_t>(size));
    }
    return got;
  }

  Reactor reactor_;
  ConnectionResources shared_;
  std::unique_ptr<Connection> connection_;
  int peer_;
  int calls_ = 0;
  bool pause_on_input_ = false;
  bool close_on_input_ = false;
  std::vector<std::string> frames_;
  std::string closed_;
};

TEST_F(ConnectionTest, FramesArriveWholeHoweverTheyAreCut) {
  const std::string bytes = Frame(1, 'a') + Frame(0) + Frame(2, 'b');
  for (size_t cut = 1; cut < bytes.size(); cut += 997) {
    frames_.clear();
    SendAll(bytes.substr(0, cut));
    SendAll(bytes.substr(cut));
    RunUntil([&] { return frames_.size() == 3; });
    ASSERT_EQ(frames_, (std::vector<std::string>{Frame(1, 'a'), Frame(0), Frame(2, 'b')})) << cut;
  }
  EXPECT_EQ(connection_->partial_bytes(), 0u);
}

TEST_F(ConnectionTest, AFrameLargerThanTheReadBuffer) {
  const std::string large = Frame(200, 'l');  // 2 MB
  ASSERT_GT(large.size(), ReadBuffer::kBytes);
  SendAll(Frame(1) + large + Frame(1));
  RunUntil([&] { return frames_.size() == 3; });
  ASSERT_EQ(frames_.size(), 3u);
  EXPECT_EQ(frames_[1], large);
  // It is gathered before the user is asked again: not once per piece.
  EXPECT_LT(calls_, 20);
}

TEST_F(ConnectionTest, OutputLeavesAtTheEndOfTheBatchAndResumesWhenTheSocketWasFull) {
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    const std::string piece(50'000, static_cast<char>('a' + i % 26));
    connection_->output().Append(piece);
    expected += piece;
  }
  std::string got;
  RunUntil([&] {
    got += ReceiveAll();
    return got.size() == expected.size();
  });
  EXPECT_EQ(got, expected);
  EXPECT_EQ(connection_->pending_bytes(), 0u);
}

TEST_F(ConnectionTest, PauseHoldsBackAndResumeLosesNothing) {
  pause_on_input_ = true;
  SendAll(Frame(0));
  RunUntil([&] { return frames_.size() == 1; });
  SendAll(Frame(0) + Frame(1));
  RunUntil([n = 0]() mutable { return ++n > 5; });
  EXPECT_EQ(frames_.size(), 1u);
  pause_on_input_ = false;
  connection_->ResumeReading();
  RunUntil([&] { return frames_.size() == 3; });
  EXPECT_EQ(frames_.size(), 3u);
}

TEST_F(ConnectionTest, CloseWritesWhatWaitsThenEnds) {
  close_on_input_ = true;
  connection_->output().Append(std::string(1'000'000, 'o'));
  SendAll(Frame(0));
  std::string got;
  RunUntil([&] {
    got += ReceiveAll();
    return got.size() == 1'000'000;
  });
  EXPECT_EQ(got.size(), 1'000'000u);
  EXPECT_EQ(closed_, "");  // the peer has not ended its side
  shutdown(peer_, SHUT_WR);
  RunUntil([&] { return connection_ == nullptr; });
  EXPECT_EQ(closed_, "enough");
}

TEST_F(ConnectionTest, PeerCloses) {
  SendAll(Frame(0));
  close(std::exchange(peer_, -1));
  RunUntil([&] { return connection_ == nullptr; });
  EXPECT_EQ(closed_, "connection closed");
}

TEST_F(ConnectionTest, PeerClosesInTheMiddleOfAFrame) {
  SendAll(Frame(1).substr(0, 500));
  EXPECT_EQ(connection_->partial_bytes(), 500u);
  close(std::exchange(peer_, -1));
  RunUntil([&] { return connection_ == nullptr; });
  EXPECT_EQ(closed_, "connection closed in the middle of a frame");
}

// A layer that has more than the socket gives it: after each read of that it holds `held_`.
class HoldingLayer final : public SocketLayer {
 public:
  HoldingLayer(int fd, int held) : socket_(fd), held_(held) {}

  bool needs_handshake() const override { return false; }
  Outcome Handshake() override { return Outcome::kDone; }
  Result Read(char* to, size_t size) override {
    if (holding_ == 0) {
      const Result result = socket_.Read(to, size);
      if (result.bytes > 0) holding_ = held_;
      return result;
    }
    --holding_;
    *to = 0;
    return {Outcome::kDone, 1};
  }
  bool holds_input() const override { return holding_ > 0; }
  bool holds_part() const override { return true; }
  Result Write(std::span<const iovec> pieces) override { return socket_.Write(pieces); }
  Outcome Shutdown() override { return Outcome::kDone; }
  std::string_view error() const override { return socket_.error(); }

 private:
  PlainLayer socket_;
  const int held_;
  int holding_ = 0;
};

class LayeredConnectionTest : public ConnectionTest {
 protected:
  static constexpr int kHeld = 100;

  LayeredConnectionTest() {
    connection_.reset();
    close(peer_);
    RunOnce();  // in which the reactor drops the events of the address, which the next one may get
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    peer_ = fds[1];
    connection_ = std::make_unique<Connection>(shared_, fds[0], kPadding,
                                               std::make_unique<HoldingLayer>(fds[0], kHeld));
    connection_->Start(this);
  }
  // One batch of the loop.
  void RunOnce() {
    RunUntil([n = 0]() mutable { return ++n > 1; });
  }
};

TEST_F(LayeredConnectionTest, WhatALayerHoldsDoesNotKeepOthersWaiting) {
  ASSERT_EQ(send(peer_, "\0", 1, 0), 1);
  size_t most = 0;
  for (size_t before = 0; frames_.size() < kHeld + 1; before = frames_.size()) {
    RunOnce();
    ASSERT_GT(frames_.size(), before);
    most = std::max(most, frames_.size() - before);
  }
  EXPECT_LT(most, size_t{kHeld} / 4);
  EXPECT_EQ(frames_.size(), size_t{kHeld} + 1);
}

TEST_F(LayeredConnectionTest, AConnectionGoesWhileItsLayerHoldsMore) {
  ASSERT_EQ(send(peer_, "\0", 1, 0), 1);
  RunOnce();
  const size_t before = frames_.size();
  EXPECT_GT(before, 0u);
  EXPECT_LT(before, size_t{kHeld});
  connection_.reset();
  RunOnce();
  EXPECT_EQ(frames_.size(), before);
}

TEST_F(LayeredConnectionTest, ThePeersTimeDoesNotRunWhileItIsNotRead) {
  pause_on_input_ = true;
  ASSERT_EQ(send(peer_, "\0", 1, 0), 1);
  RunUntil([this] { return !frames_.empty(); });
  const int64_t begun_ns = connection_->unfinished_since_ns();
  EXPECT_NE(begun_ns, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  RunOnce();
  EXPECT_EQ(connection_->unfinished_since_ns(), begun_ns);
  EXPECT_GT(reactor_.now_ns(), begun_ns);
  connection_->ResumeReading();
  EXPECT_EQ(connection_->unfinished_since_ns(), reactor_.now_ns());
}

}  // namespace
}  // namespace fluxgate::net
