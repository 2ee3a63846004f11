// A layer on the socket that makes other bytes of its bytes, as a connection uses it.
#include "gateway/net/stacked_layer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include "gateway/net/plain_layer.h"

namespace fluxgate::net {
namespace {

using Outcome = SocketLayer::Outcome;

// Doubles what it sends. Of what it receives, "?" is answered with 1000 bytes, "!" is refused, and
// the rest is read.
class TestLayer final : public StackedLayer {
 public:
  explicit TestLayer(int fd) : StackedLayer(std::make_unique<PlainLayer>(fd), buffer_) {}

 private:
  bool Receive(std::string_view bytes) override {
    for (const char byte : bytes) {
      if (byte == '!') {
        SetError("refused");
        SetError("not said: the first one stays");
        return false;
      }
      if (byte == '?') {
        output().Append(std::string(1000, 'a'));
      } else {
        input().Append({&byte, 1});
      }
    }
    return true;
  }
  bool HoldsPart() const override { return false; }
  bool Send(std::string_view bytes) override {
    for (const char byte : bytes) output().Append(std::string(2, byte));
    return true;
  }

  char buffer_[kReadBytes];
};

class StackedLayerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds_), 0);
    layer_ = std::make_unique<TestLayer>(fds_[0]);
  }
  ~StackedLayerTest() override {
    close(fds_[0]);
    ClosePeer();
  }
  void ClosePeer() {
    if (fds_[1] >= 0) close(fds_[1]);
    fds_[1] = -1;
  }
  void PeerSends(std::string_view bytes) {
    EXPECT_EQ(send(fds_[1], bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  std::string PeerReceives() {
    std::string all;
    char piece[4096];
    for (ssize_t got; (got = recv(fds_[1], piece, sizeof piece, 0)) > 0;) {
      all.append(piece, static_cast<size_t>(got));
    }
    return all;
  }
  SocketLayer::Result Read(size_t size = 100) {
    bytes_.resize(size);
    const SocketLayer::Result result = layer_->Read(bytes_.data(), size);
    bytes_.resize(result.bytes);
    return result;
  }
  SocketLayer::Result Write(std::string_view bytes) {
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    return layer_->Write({&piece, bytes.empty() ? size_t{0} : size_t{1}});
  }

  int fds_[2] = {-1, -1};
  std::unique_ptr<TestLayer> layer_;
  std::string bytes_;  // last read
};

TEST_F(StackedLayerTest, ReadsInAnyPieces) {
  EXPECT_EQ(Read().outcome, Outcome::kWantsRead);
  PeerSends("abc");
  EXPECT_EQ(Read(2).outcome, Outcome::kDone);
  EXPECT_EQ(bytes_, "ab");
  EXPECT_TRUE(layer_->holds_input());
  EXPECT_EQ(Read(2).outcome, Outcome::kDone);
  EXPECT_EQ(bytes_, "c");
  EXPECT_FALSE(layer_->holds_input());
  EXPECT_EQ(Read().outcome, Outcome::kWantsRead);
  ClosePeer();
  EXPECT_EQ(Read().outcome, Outcome::kEnded);
  EXPECT_EQ(layer_->error(), "connection closed");
}

TEST_F(StackedLayerTest, WhatItMakesItselfGoesToThePeer) {
  PeerSends("?");
  EXPECT_EQ(Read().outcome, Outcome::kWantsRead);
  EXPECT_TRUE(layer_->holds_output());
  const SocketLayer::Result written = Write("");
  EXPECT_EQ(written.outcome, Outcome::kDone);
  EXPECT_EQ(written.bytes, 0u);
  EXPECT_EQ(PeerReceives(), std::string(1000, 'a'));
  EXPECT_FALSE(layer_->holds_output());
}

TEST_F(StackedLayerTest, ARefusalComesAfterWhatWasBeforeIt) {
  PeerSends("ab?!");
  EXPECT_EQ(Read().outcome, Outcome::kDone);
  EXPECT_EQ(bytes_, "ab");
  EXPECT_TRUE(layer_->holds_input());
  EXPECT_EQ(Read().outcome, Outcome::kRefused);
  EXPECT_EQ(layer_->error(), "refused");
  EXPECT_EQ(Write("z").bytes, 1u);
  EXPECT_EQ(layer_->Shutdown(), Outcome::kDone);
  EXPECT_EQ(PeerReceives(), std::string(1000, 'a') + "zz");
}

// What the peer has not taken counts as unwritten, though the layer has it already.
TEST_F(StackedLayerTest, WhatIsNotWrittenIsSaidToBeNot) {
  const std::string piece(100'000, 'x');
  size_t said = 0;
  SocketLayer::Result result;
  while ((result = Write(piece)).outcome == Outcome::kDone) said += result.bytes;
  EXPECT_EQ(result.outcome, Outcome::kWantsWrite);
  EXPECT_EQ(result.bytes, 0u);
  std::string received = PeerReceives();
  EXPECT_GE(received.size(), 2 * said);
  // Asked again with the same bytes in front it does not make them twice.
  while ((result = Write(piece)).outcome != Outcome::kDone) received += PeerReceives();
  EXPECT_EQ(result.bytes, piece.size());
  received += PeerReceives();
  EXPECT_EQ(received.size(), 2 * (said + result.bytes));
}

TEST_F(StackedLayerTest, APeerThatDoesNotReadIsNotReadBeyondTheLimit) {
  SocketLayer::Result result;
  size_t asked = 0;
  do {
    PeerSends("?");
    ++asked;
    ASSERT_LT(asked, 2 * StackedLayer::kOutputBytesMax / 1000);
    result = Read();
  } while (result.outcome == Outcome::kWantsRead);
  EXPECT_EQ(result.outcome, Outcome::kWantsWrite);
  // The last one was not read any more.
  EXPECT_EQ(asked - 1, (StackedLayer::kOutputBytesMax + 999) / 1000);
  EXPECT_FALSE(layer_->holds_input());
  size_t received = 0;
  while (layer_->holds_output()) {
    Write("");
    received += PeerReceives().size();
  }
  EXPECT_EQ(Read().outcome, Outcome::kWantsRead);
  Write("");
  EXPECT_EQ(received + PeerReceives().size(), asked * 1000);
}

TEST_F(StackedLayerTest, AQueueOfBytes) {
  ByteQueue queue;
  EXPECT_TRUE(queue.empty());
  queue.Append("abc");
  queue.Consume(2);
  queue.Append("def");
  EXPECT_EQ(queue.bytes(), "cdef");
  EXPECT_EQ(queue.size(), 4u);
  queue.back()->append("g");
  queue.Consume(5);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), "");
}

}  // namespace
}  // namespace fluxgate::net
