#include "gateway/module_services/client_channel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"

namespace fluxgate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

amps_command Publish(std::string_view topic, std::string_view body) {
  amps_command command = {};
  command.size = sizeof(command);
  command.type = amps_command_publish;
  command.expiration_s = -1;
  command.topic = {topic.data(), topic.size()};
  command.body = {body.data(), body.size()};
  return command;
}

OwnedCommand Owned(std::string_view body = "body") {
  return *OwnedCommand::Copy(Publish("topic", body), "1", {}, {});
}

// Keeps the bodies that its handler gets.
struct Taken {
  static void Handle(const amps_message* message, void* user_data) {
    static_cast<Taken*>(user_data)->bodies.emplace_back(message->body.data, message->body.length);
  }
  MessageHandler handler() { return {&Handle, this}; }

  std::vector<std::string> bodies;
};

OwnedMessage MessageTo(MessageHandler handler, std::string_view body) {
  amps_message message = {};
  message.size = sizeof(message);
  message.kind = amps_message_publish;
  message.body = {body.data(), body.size()};
  return {message, handler};
}

class ClientChannelTest : public testing::Test {
 protected:
  void Make() {
    channel_ = std::make_unique<ClientChannel>(
        "client", limits_,
        ClientChannel::Wakers{[this] { ++commands_; }, [this] { ++messages_; },
                              [this] { ++room_; }});
  }

  ChannelLimits limits_;
  std::unique_ptr<ClientChannel> channel_;
  int commands_ = 0;
  int messages_ = 0;
  int room_ = 0;
};

TEST_F(ClientChannelTest, CommandsComeInOrderAndTheReactorIsWokenOnce) {
  Make();
  ASSERT_TRUE(channel_->Queue(Owned("a")).ok());
  ASSERT_TRUE(channel_->Queue(Owned("b")).ok());
  EXPECT_EQ(commands_, 1);
  EXPECT_EQ(channel_->Take()->command().body, "a");
  EXPECT_EQ(channel_->Take()->command().body, "b");
  EXPECT_FALSE(channel_->Take().has_value());
  ASSERT_TRUE(channel_->Queue(Owned("c")).ok());
  EXPECT_EQ(commands_, 2);
}

TEST_F(ClientChannelTest, CommandsThatWaitAtTheLimitAndAbove) {
  limits_.commands_max = 100;
  Make();
  for (size_t i = 0; i < limits_.commands_max; ++i) ASSERT_TRUE(channel_->Queue(Owned()).ok());
  EXPECT_EQ(ErrorCodeOf(channel_->Queue(Owned())), ErrorCode::kQuotaExceeded);
  (void)channel_->Take();
  EXPECT_TRUE(channel_->Queue(Owned()).ok());
}

TEST_F(ClientChannelTest, BytesOfCommandsAtTheLimitAndAbove) {
  limits_.command_bytes_max = Owned("1234").bytes() + Owned("12").bytes();
  Make();
  ASSERT_TRUE(channel_->Queue(Owned("1234")).ok());
  EXPECT_EQ(ErrorCodeOf(channel_->Queue(Owned("123"))), ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(channel_->Queue(Owned("12")).ok());
}

TEST_F(ClientChannelTest, BytesOfMessagesAtTheLimitAndAbove) {
  Taken taken;
  limits_.message_bytes_max = 2 * MessageTo(taken.handler(), "12").bytes();
  Make();
  ASSERT_TRUE(channel_->Add(MessageTo(taken.handler(), "12")));
  EXPECT_TRUE(channel_->HasRoomForCommands());
  EXPECT_FALSE(channel_->Add(MessageTo(taken.handler(), "123")));
  EXPECT_TRUE(channel_->Add(MessageTo(taken.handler(), "12")));
  EXPECT_FALSE(channel_->HasRoomForCommands());
  EXPECT_EQ(messages_, 1);
  EXPECT_FALSE(channel_->RunHandlers(10));
  EXPECT_EQ(room_, 1);
  EXPECT_EQ(taken.bodies, (std::vector<std::string>{"12", "12"}));
}

TEST_F(ClientChannelTest, RecordsHaveLessRoom) {
  Taken taken;
  limits_.room_bytes = MessageTo(taken.handler(), "12").bytes();
  Make();
  EXPECT_TRUE(channel_->HasRoom());
  channel_->AddAlways(MessageTo(taken.handler(), "12"));
  EXPECT_FALSE(channel_->HasRoom());
  EXPECT_TRUE(channel_->HasRoomForCommands());
  EXPECT_EQ(room_, 0);
  EXPECT_FALSE(channel_->RunHandlers(10));
  EXPECT_EQ(room_, 1);
  EXPECT_TRUE(channel_->HasRoom());
}

TEST_F(ClientChannelTest, HandlersTakeTurns) {
  Taken taken;
  Make();
  for (const char* const body : {"a", "b", "c"}) {
    channel_->AddAlways(MessageTo(taken.handler(), body));
  }
  EXPECT_TRUE(channel_->RunHandlers(2));
  EXPECT_EQ(taken.bodies.size(), 2u);
  EXPECT_EQ(messages_, 1);
  EXPECT_FALSE(channel_->RunHandlers(2));
  channel_->AddAlways(MessageTo(taken.handler(), "d"));
  EXPECT_EQ(messages_, 2);
}

TEST_F(ClientChannelTest, MessagesToNobodyAreDropped) {
  Make();
  channel_->AddAlways(MessageTo({}, "x"));
  EXPECT_EQ(messages_, 0);
  EXPECT_FALSE(channel_->RunHandlers(10));
}

TEST_F(ClientChannelTest, AnExceptionOfAHandlerEndsNothing) {
  Taken taken;
  Make();
  channel_->AddAlways(
      MessageTo({[](const amps_message*, void*) { throw std::runtime_error("no"); }, nullptr}, ""));
  channel_->AddAlways(MessageTo({[](const amps_message*, void*) { throw 1; }, nullptr}, ""));
  channel_->AddAlways(MessageTo(taken.handler(), "after"));
  EXPECT_FALSE(channel_->RunHandlers(10));
  EXPECT_EQ(taken.bodies, (std::vector<std::string>{"after"}));
}

TEST_F(ClientChannelTest, FlushWaitsForWhatWasQueued) {
  Make();
  EXPECT_TRUE(channel_->Flush(milliseconds(0)).ok());
  ASSERT_TRUE(channel_->Queue(Owned()).ok());
  EXPECT_EQ(ErrorCodeOf(channel_->Flush(milliseconds(1))), ErrorCode::kPending);
  (void)channel_->Take();
  EXPECT_FALSE(channel_->Flush(milliseconds(1)).ok());
  std::thread reactor([this] { channel_->Done(); });
  EXPECT_TRUE(channel_->Flush(seconds(30)).ok());
  reactor.join();
}

TEST_F(ClientChannelTest, TheServersEndIsToldToWhoeverWaits) {
  Make();
  ASSERT_TRUE(channel_->Queue(Owned()).ok());
  std::thread server([this] { channel_->End(); });
  EXPECT_EQ(ErrorCodeOf(channel_->Flush(seconds(30))), ErrorCode::kDraining);
  server.join();
  EXPECT_EQ(ErrorCodeOf(channel_->Queue(Owned())), ErrorCode::kDraining);
  Taken taken;
  channel_->AddAlways(MessageTo(taken.handler(), "late"));
  EXPECT_FALSE(channel_->RunHandlers(10));
  EXPECT_TRUE(taken.bodies.empty());
}

TEST_F(ClientChannelTest, CloseWaitsForTheHandlerAndNoneFollows) {
  struct State {
    std::atomic<bool> entered = false;
    std::atomic<bool> left = false;
    std::atomic<int> calls = 0;
  } state;
  const MessageHandler handler = {[](const amps_message*, void* user_data) {
                                    State& at = *static_cast<State*>(user_data);
                                    ++at.calls;
                                    at.entered = true;
                                    std::this_thread::sleep_for(milliseconds(50));
                                    at.left = true;
                                  },
                                  &state};
  Make();
  channel_->AddAlways(MessageTo(handler, "1"));
  channel_->AddAlways(MessageTo(handler, "2"));
  std::thread worker([this] { EXPECT_FALSE(channel_->RunHandlers(10)); });
  while (!state.entered) std::this_thread::yield();
  channel_->Close();
  EXPECT_TRUE(state.left);
  channel_->AddAlways(MessageTo(handler, "3"));
  worker.join();
  EXPECT_EQ(state.calls, 1);
}

TEST_F(ClientChannelTest, AHandlerThatClosesItsOwnClientDoesNotWaitForItself) {
  Make();
  channel_->AddAlways(MessageTo({[](const amps_message*, void* user_data) {
                                   static_cast<ClientChannel*>(user_data)->Close();
                                 },
                                 channel_.get()},
                                ""));
  EXPECT_FALSE(channel_->RunHandlers(10));
}

TEST(OwnedCommandTest, IdsAreMadeWhereTheyAreMissing) {
  amps_command command = Publish("t", "b");
  command.type = amps_command_subscribe;
  auto owned = OwnedCommand::Copy(command, "7", {}, {});
  ASSERT_TRUE(owned.ok());
  EXPECT_EQ(owned->command().command_id, "7");
  EXPECT_EQ(owned->command().sub_id, "7");
  command.command_id = {"c", 1};
  owned = OwnedCommand::Copy(command, "7", {}, {});
  EXPECT_EQ(owned->command().command_id, "c");
  EXPECT_EQ(owned->command().sub_id, "c");
  command.sub_id = {"s", 1};
  owned = OwnedCommand::Copy(command, "7", {}, {});
  EXPECT_EQ(owned->command().sub_id, "s");
  command.type = amps_command_unsubscribe;
  command.sub_id = {nullptr, 0};
  owned = OwnedCommand::Copy(command, "7", {}, {});
  EXPECT_EQ(owned->command().sub_id, "");
}

TEST(OwnedCommandTest, WhatIsNoCommand) {
  const auto code = [](const amps_command& command) {
    return ErrorCodeOf(OwnedCommand::Copy(command, "1", {}, {}).status());
  };
  amps_command command = Publish("t", "b");
  EXPECT_EQ(code(command), ErrorCode::kNone);
  for (const int type : {-1, 0, 1, 12, 1000}) {
    std::memcpy(&command.type, &type, sizeof(type));
    EXPECT_EQ(code(command), ErrorCode::kBadCommand) << type;
  }
  command = Publish("t", "b");
  command.acks = 32;
  EXPECT_EQ(code(command), ErrorCode::kBadCommand);
  command = Publish("t", "b");
  command.filter = {nullptr, 1};
  EXPECT_EQ(code(command), ErrorCode::kBadCommand);
  command = Publish("t", "b");
  command.body = {nullptr, 1};
  EXPECT_EQ(code(command), ErrorCode::kBadCommand);
}

TEST(OwnedCommandTest, SizesAtTheLimitAndAbove) {
  const auto code = [](const amps_command& command) {
    const CommandLimits limits = {.body_bytes_max = 4, .header_bytes_max = 6};
    return ErrorCodeOf(OwnedCommand::Copy(command, "1", limits, {}).status());
  };
  EXPECT_EQ(code(Publish("topics", "body")), ErrorCode::kNone);
  EXPECT_EQ(code(Publish("topics", "body!")), ErrorCode::kMessageTooLarge);
  EXPECT_EQ(code(Publish("topics!", "body")), ErrorCode::kMessageTooLarge);
  amps_command command = Publish("topic", "body");
  command.filter = {"1", 1};
  EXPECT_EQ(code(command), ErrorCode::kNone);
  command.filter = {"12", 2};
  EXPECT_EQ(code(command), ErrorCode::kMessageTooLarge);
}

}  // namespace
}  // namespace fluxgate
