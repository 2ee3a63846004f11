// A protocol that does what it is told, between a peer's bytes and the frames of a session.
#include "gateway/modules/loaded_protocol.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/module/testing/module_testing.h"
#include "gateway/amps/amps_encoder.h"
#include "gateway/amps/amps_frame.h"
#include "gateway/modules/layer_testing.h"
#include "gateway/modules/protocol_layer.h"

namespace fluxgate {
namespace {

constexpr uint64_t kHeaderMax = 40;
constexpr uint64_t kBodyMax = 60;
constexpr uint64_t kOutputMax = 1000;

class LoadedProtocolTest : public testing::Test {
 protected:
  void SetUp() override {
    auto module = Module::Load({"m", ModulePath("gateway/modules/testing/bad_protocol.so"), {}},
                               log_.function());
    ASSERT_TRUE(module.ok()) << module.status();
    auto protocol = LoadedProtocol::Create("told", *module, {}, limits_);
    ASSERT_TRUE(protocol.ok()) << protocol.status();
    protocol_ = *std::move(protocol);
    Open("");
  }
  void Open(const std::string& message_type, const std::string& peer = "peer") {
    layer_ = protocol_->Open(sockets_.NewLayer(), peer, {"wire", message_type});
    ASSERT_NE(layer_, nullptr);
  }
  // What the session gets of the bytes.
  std::vector<std::string> FramesOf(std::string_view bytes) {
    sockets_.Send(bytes);
    last_ = ReadAll(*layer_);
    std::vector<std::string> frames;
    for (std::string_view rest = last_.bytes; !rest.empty();) {
      const amps::FrameResult frame = amps::NextFrame(rest, {});
      EXPECT_EQ(frame.status, amps::FrameStatus::kFrame);
      frames.emplace_back(frame.frame);
      rest.remove_prefix(frame.consumed);
    }
    return frames;
  }
  void ExpectRefused(std::string_view bytes, std::string_view why) {
    FramesOf(bytes);
    EXPECT_EQ(last_.outcome, LayerOutcome::kRefused) << bytes;
    EXPECT_EQ(layer_->error(), why);
    Open("");
  }

  const ProtocolLimits limits_ = {
      .commands = {.body_bytes_max = kBodyMax, .header_bytes_max = kHeaderMax},
      .output_bytes_max = kOutputMax};
  TestLog log_;
  SocketPair sockets_;
  std::shared_ptr<const LoadedProtocol> protocol_;
  std::unique_ptr<net::SocketLayer> layer_;
  ReadResult last_;
  std::string last_error_;
};

TEST_F(LoadedProtocolTest, WhoDoesNotLogOnIsLoggedOn) {
  EXPECT_EQ(FramesOf("p a 1\np b 2\n"),
            (std::vector<std::string>{
                R"({"c":"logon","client_name":"wire-peer-1","mt":"json","a":"processed"})",
                R"({"c":"p","t":"a"}1)", R"({"c":"p","t":"b"}2)"}));
}

TEST_F(LoadedProtocolTest, ALogonGetsWhatItDoesNotSay) {
  Open("nvfix");
  EXPECT_EQ(FramesOf("logon\np a 1\n"),
            (std::vector<std::string>{R"({"c":"logon","client_name":"wire-peer-2","mt":"nvfix"})",
                                      R"({"c":"p","t":"a"}1)"}));
}

// Two transports with one protocol: two names.
TEST_F(LoadedProtocolTest, NamesThatAreMadeUpAreTheTransportsAndNotTooLong) {
  const auto name_of = [this](const std::string& peer) {
    Open("", peer);
    const std::string frame = FramesOf("p a 1\n").at(0);
    constexpr std::string_view kBefore = R"({"c":"logon","client_name":")";
    EXPECT_TRUE(frame.starts_with(kBefore)) << frame;
    return frame.substr(kBefore.size(), frame.find('"', kBefore.size()) - kBefore.size());
  };
  constexpr size_t kPeerMax = kMadeUpNameBytesMax - std::string_view("wire--2").size();
  EXPECT_EQ(name_of(std::string(kPeerMax, 'p')), "wire-" + std::string(kPeerMax, 'p') + "-2");
  EXPECT_EQ(name_of(std::string(kPeerMax + 1, 'p')), "wire-" + std::string(kPeerMax, 'p') + "-3");
  EXPECT_EQ(name_of(std::string(kPeerMax - 1, 'p') + "\u00e9"),
            "wire-" + std::string(kPeerMax - 1, 'p') + "-4");
}

TEST_F(LoadedProtocolTest, CommandsComeInPieces) {
  EXPECT_TRUE(FramesOf("p a").empty());
  EXPECT_TRUE(layer_->holds_part());
  EXPECT_EQ(FramesOf(" 1\n").size(), 2u);
  EXPECT_FALSE(layer_->holds_part());
}

TEST_F(LoadedProtocolTest, BodiesAndHeadersAreLimited) {
  EXPECT_EQ(FramesOf("body 60\n").size(), 2u);
  EXPECT_EQ(FramesOf("topic 40\n").size(), 1u);
  ExpectRefused("body 61\n", "protocol told: a body of 61 bytes; at most 60");
  ExpectRefused("topic 41\n", "protocol told: a header of 41 bytes; at most 40");
}

TEST_F(LoadedProtocolTest, UnfinishedCommandsAreLimited) {
  EXPECT_TRUE(FramesOf(std::string(100, 'p')).empty());
  EXPECT_EQ(last_.outcome, LayerOutcome::kWantsRead);
  ExpectRefused("p", "an unfinished command of 101 bytes; at most 100");
  EXPECT_TRUE(FramesOf("want 100\n").empty());
  EXPECT_EQ(last_.outcome, LayerOutcome::kWantsRead);
  Open("");
  ExpectRefused("want 101\n", "an unfinished command of 101 bytes; at most 100");
}

TEST_F(LoadedProtocolTest, CommandsThatThereAreNot) {
  EXPECT_EQ(FramesOf("type 12\n").size(), 2u);
  ExpectRefused("type 13\n", "protocol told: 13 is no command of a protocol");
  ExpectRefused("type 0\n", "protocol told: 0 is no command of a protocol");
  ExpectRefused("nowhere\n", "protocol told: text with a length and no address");
}

TEST_F(LoadedProtocolTest, FailuresReachThePeerLast) {
  ExpectRefused("fail\n", "protocol told failed (amps_protocol_decode)");
  EXPECT_EQ(sockets_.Receive(), "");
  FramesOf("p a 1\nfail\n");
  EXPECT_EQ(layer_->Shutdown(), LayerOutcome::kDone);
  EXPECT_EQ(sockets_.Receive(), "last words");
}

TEST_F(LoadedProtocolTest, FaultsOfTheModuleEndTheConnection) {
  ExpectRefused("throw\n", "protocol told failed (amps_protocol_decode)");
  EXPECT_TRUE(log_.Has("amps_protocol_decode was left by an exception"));
  ExpectRefused("over\n", "protocol told failed (amps_protocol_decode)");
  EXPECT_TRUE(log_.Has("is done with 6 bytes of 5"));
}

TEST_F(LoadedProtocolTest, AnswersOfItsOwnAreLimited) {
  FramesOf("make 1000\n");
  EXPECT_TRUE(layer_->holds_output());
  EXPECT_EQ(WriteTo(*layer_, "").outcome, LayerOutcome::kDone);
  EXPECT_EQ(sockets_.Receive(), std::string(1000, 'x'));
  ExpectRefused("make 1001\n", "protocol told writes more than 1000 bytes in one call");
}

// A peer that asks and does not read is not read either.
TEST_F(LoadedProtocolTest, WhoDoesNotReadIsNotRead) {
  std::string asked;
  while (last_.outcome != LayerOutcome::kWantsWrite) {
    FramesOf("make 1000\n");
    ASSERT_LT(asked.size(), 100u * 1000u);
    asked += "make 1000\n";
  }
  EXPECT_FALSE(layer_->holds_input());
  EXPECT_EQ(WriteTo(*layer_, "").outcome, LayerOutcome::kWantsWrite);
}

// More commands than fit at once: none is lost, and none comes twice.
TEST_F(LoadedProtocolTest, CommandsWaitUntilTheirFramesAreRead) {
  constexpr int kCommands = 3000;
  std::string lines;
  size_t frames = 0;
  for (int i = 0; i < kCommands; ++i) {
    lines += fmt::format("body {}\n", kBodyMax);
    if (lines.size() < 60'000 && i + 1 != kCommands) continue;
    for (const std::string& frame : FramesOf(lines)) frames += frame.ends_with("bbb") ? 1 : 0;
    lines.clear();
  }
  EXPECT_EQ(frames, static_cast<size_t>(kCommands));
}

// At the limit the next command waits until the frames have been read; just below it is taken.
TEST_F(LoadedProtocolTest, FramesThatWaitToBeReadAreLimited) {
  constexpr size_t kMax = ProtocolLayer::kFramesBytesMax;
  auto module = Module::Load({"m", ModulePath("gateway/modules/testing/bad_protocol.so"), {}},
                             log_.function());
  ASSERT_TRUE(module.ok()) << module.status();
  ProtocolLimits limits = limits_;
  limits.commands.body_bytes_max = 2 * kMax;
  auto protocol = LoadedProtocol::Create("told", *module, {}, limits);
  ASSERT_TRUE(protocol.ok()) << protocol.status();
  protocol_ = *std::move(protocol);
  // The size of what is read at once of a command with a body of so many bytes and one more.
  const auto read_at_once = [this](size_t body_bytes) {
    Open("");
    sockets_.Send(fmt::format("body {}\np a 1\n", body_bytes));
    std::vector<char> bytes(4 * kMax);
    const size_t read = layer_->Read(bytes.data(), bytes.size()).bytes;
    const size_t rest = ReadAll(*layer_).bytes.size();
    return std::pair(read, rest);
  };
  const size_t short_body = 100'000;
  const size_t all = read_at_once(short_body).first;
  const size_t second = read_at_once(2 * kMax).second;
  const size_t around_body = all - second - short_body;
  EXPECT_EQ(read_at_once(kMax - around_body), std::pair(kMax, second));
  EXPECT_EQ(read_at_once(kMax - around_body - 1), std::pair(kMax - 1 + second, size_t{0}));
}

TEST_F(LoadedProtocolTest, MessagesBecomeTheModulesBytes) {
  std::string frames;
  amps::AppendDelivery("a", "1", "", "one", &frames);
  amps::AppendHeartbeat(&frames);
  amps::ServerMessage sow;
  sow.type = amps::ServerMessageType::kSow;
  sow.topic = "s";
  sow.query_id = "q";
  sow.batch_size = 2;
  sow.body = R"({"k":"1","l":5}first{"k":"2","l":6}second)";
  amps::AppendServerMessage(sow, &frames);
  const std::string expected = "1 a one\n7  \n2 s first\n2 s second\n";
  EXPECT_EQ(WriteTo(*layer_, frames).bytes, frames.size());
  EXPECT_EQ(sockets_.Receive(), expected);
  for (const char byte : frames) {
    EXPECT_EQ(WriteTo(*layer_, {&byte, 1}).bytes, 1u);
  }
  EXPECT_EQ(sockets_.Receive(), expected);
}

TEST_F(LoadedProtocolTest, MessagesThatCannotBeWritten) {
  const auto outcome_of = [this](std::string_view topic) {
    std::string frame;
    amps::AppendDelivery(topic, "1", "", "", &frame);
    const LayerOutcome outcome = WriteTo(*layer_, frame).outcome;
    last_error_ = layer_->error();
    Open("");
    return outcome;
  };
  EXPECT_EQ(outcome_of("make 1000"), LayerOutcome::kDone);
  EXPECT_EQ(outcome_of("make 1001"), LayerOutcome::kFailed);
  EXPECT_EQ(last_error_, "protocol told writes more than 1000 bytes in one call");
  EXPECT_EQ(outcome_of("fail"), LayerOutcome::kFailed);
  EXPECT_EQ(last_error_, "protocol told failed (amps_protocol_encode)");
  EXPECT_EQ(outcome_of("throw"), LayerOutcome::kFailed);
}

}  // namespace
}  // namespace fluxgate
