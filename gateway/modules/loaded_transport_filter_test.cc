// A transport filter that does what it is told: what its connection sees, and that nothing else
// comes of it.
#include "gateway/modules/loaded_transport_filter.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/error.h"
#include "core/module/testing/module_testing.h"
#include "gateway/modules/layer_testing.h"

namespace fluxgate {
namespace {

constexpr uint64_t kBytesMax = 1000;

class LoadedTransportFilterTest : public testing::Test {
 protected:
  absl::StatusOr<std::shared_ptr<LoadedTransportFilter>> Make(const std::string& path,
                                                              const ModuleOptions& options = {},
                                                              uint64_t bytes_max = kBytesMax) {
    auto module = Module::Load({"m", ModulePath(path), {}}, log_.function());
    EXPECT_TRUE(module.ok()) << module.status();
    return LoadedTransportFilter::Create(*module, options, bytes_max);
  }
  void Open(const ModuleOptions& options = {}, uint64_t bytes_max = kBytesMax) {
    auto filter = Make("gateway/modules/testing/bad_filter.so", options, bytes_max);
    ASSERT_TRUE(filter.ok()) << filter.status();
    filter_ = *std::move(filter);
    layer_ = filter_->Open(sockets_.NewLayer(), "10.0.0.1:5");
  }

  TestLog log_;
  SocketPair sockets_;
  std::shared_ptr<LoadedTransportFilter> filter_;
  std::unique_ptr<net::SocketLayer> layer_;
};

TEST_F(LoadedTransportFilterTest, BytesPassBothWays) {
  Open();
  ASSERT_NE(layer_, nullptr);
  EXPECT_TRUE(log_.Has("10.0.0.1:5"));
  EXPECT_FALSE(layer_->needs_handshake());
  sockets_.Send("hello");
  EXPECT_EQ(ReadAll(*layer_, 2).bytes, "hello");
  EXPECT_EQ(WriteTo(*layer_, "there").bytes, 5u);
  EXPECT_EQ(sockets_.Receive(), "there");
  sockets_.ClosePeer();
  EXPECT_EQ(ReadAll(*layer_).outcome, LayerOutcome::kEnded);
}

TEST_F(LoadedTransportFilterTest, WhatItMakesIsLimited) {
  Open();
  sockets_.Send("make 1000");
  EXPECT_EQ(ReadAll(*layer_).bytes, std::string(1000, 'x'));
  EXPECT_EQ(WriteTo(*layer_, "make 1000").outcome, LayerOutcome::kDone);
  EXPECT_EQ(sockets_.Receive(), std::string(1000, 'x'));
  sockets_.Send("make 1001");
  EXPECT_EQ(ReadAll(*layer_).outcome, LayerOutcome::kRefused);
  EXPECT_EQ(layer_->error(), "transport filter m makes more than 1000 bytes of 9");
}

TEST_F(LoadedTransportFilterTest, WhatItMakesForThePeerIsLimited) {
  Open();
  EXPECT_EQ(WriteTo(*layer_, "make 1001").outcome, LayerOutcome::kFailed);
  EXPECT_EQ(layer_->error(), "transport filter m makes more than 1000 bytes of 9");
}

// A few bytes that become many: the module gets the next ones when these have been read.
TEST_F(LoadedTransportFilterTest, WhatWaitsToBeReadIsLimited) {
  const std::string piece(kFilterPieceBytesMax, '*');
  const size_t made = 32 * piece.size();
  const size_t pieces_at_once = kFilteredBytesMax / made;
  ASSERT_EQ(pieces_at_once * made, kFilteredBytesMax);
  std::string all;
  for (size_t i = 0; i < pieces_at_once; ++i) all += piece;
  char byte = 0;
  // A piece of one byte more would be more than the module may make of one.
  Open({}, made);
  sockets_.Send(all + "throw");
  EXPECT_EQ(layer_->Read(&byte, 1).outcome, LayerOutcome::kDone);
  EXPECT_EQ(layer_->error(), "") << "the last piece waits";
  EXPECT_TRUE(layer_->holds_input());
  const ReadResult rest = ReadAll(*layer_);
  EXPECT_EQ(rest.bytes.size(), kFilteredBytesMax - 1);
  EXPECT_EQ(rest.outcome, LayerOutcome::kRefused);
  EXPECT_EQ(layer_->error(), "transport filter m failed (amps_transport_filter_received)");

  Open({}, made);
  sockets_.Send(all.substr(piece.size()) + "throw");
  EXPECT_EQ(layer_->Read(&byte, 1).outcome, LayerOutcome::kDone);
  EXPECT_NE(layer_->error(), "") << "below the limit it does not";
}

TEST_F(LoadedTransportFilterTest, AFailureEndsTheConnection) {
  Open();
  sockets_.Send("fail");
  const ReadResult read = ReadAll(*layer_);
  EXPECT_EQ(read.bytes, "last words");
  EXPECT_EQ(read.outcome, LayerOutcome::kRefused);
  EXPECT_EQ(layer_->error(), "transport filter m failed (amps_transport_filter_received)");
}

TEST_F(LoadedTransportFilterTest, AnExceptionIsAFailure) {
  Open();
  sockets_.Send("throw");
  EXPECT_EQ(ReadAll(*layer_).outcome, LayerOutcome::kRefused);
  EXPECT_TRUE(log_.Has("amps_transport_filter_received was left by an exception"));
  EXPECT_EQ(WriteTo(*layer_, "throw").outcome, LayerOutcome::kFailed);
  EXPECT_TRUE(log_.Has("amps_transport_filter_sending was left by an exception"));
}

TEST_F(LoadedTransportFilterTest, BytesFromNowhereAreRefused) {
  Open();
  sockets_.Send("null");
  EXPECT_EQ(ReadAll(*layer_).bytes, "1");
}

TEST_F(LoadedTransportFilterTest, ConnectionsMayBeRefused) {
  Open({{"Refuse", "1"}});
  EXPECT_EQ(layer_, nullptr);
}

TEST_F(LoadedTransportFilterTest, TheContextGoesAfterItsLastConnection) {
  Open();
  SocketPair others;
  auto other = filter_->Open(others.NewLayer(), "b");
  filter_.reset();
  layer_.reset();
  EXPECT_FALSE(log_.Has("context destroyed"));
  other.reset();
  EXPECT_TRUE(log_.Has("context destroyed, connections: 0"));
}

TEST_F(LoadedTransportFilterTest, AModuleOfAnotherKindIsRefused) {
  const auto filter = Make("gateway/modules/testing/bad_protocol.so");
  ASSERT_FALSE(filter.ok());
  const std::string text = ErrorText(filter.status());
  EXPECT_NE(text.find("module 'm' ("), std::string::npos) << text;
  EXPECT_NE(text.find("bad_protocol.so) does not define amps_transport_filter_open"),
            std::string::npos)
      << text;
}

// A peer that does not read holds up what is made for it, and counts as behind until it has it.
TEST_F(LoadedTransportFilterTest, APeerThatDoesNotRead) {
  Open();
  const std::string piece(1000, 'y');
  size_t written = 0;
  while (true) {
    const net::SocketLayer::Result result = WriteTo(*layer_, piece);
    if (result.outcome == LayerOutcome::kWantsWrite) break;
    ASSERT_EQ(result.outcome, LayerOutcome::kDone);
    written += result.bytes;
  }
  EXPECT_TRUE(layer_->holds_output());
  size_t received = sockets_.Receive().size();
  const net::SocketLayer::Result rest = WriteTo(*layer_, piece);
  EXPECT_EQ(rest.outcome, LayerOutcome::kDone);
  received += sockets_.Receive().size();
  EXPECT_EQ(received, written + rest.bytes);
  EXPECT_FALSE(layer_->holds_output());
}

}  // namespace
}  // namespace fluxgate
