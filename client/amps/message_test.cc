#include "amps/message.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace AMPS {
namespace {

Message::Fields All(const std::string& memory) {
  Message::Fields fields;
  fields.command = Message::Publish;
  fields.sequence = 7;
  std::string_view* const texts[] = {
      &fields.topic,        &fields.data,      &fields.sow_key,    &fields.subscription_ids,
      &fields.query_id,     &fields.status,    &fields.command_id, &fields.correlation_id,
      &fields.bookmark,     &fields.timestamp, &fields.user_id,    &fields.subscription_id,
      &fields.lease_period, &fields.reason,    &fields.options,
  };
  size_t at = 0;
  const size_t each = memory.size() / std::size(texts);
  for (std::string_view* text : texts) {
    *text = std::string_view(memory).substr(at, each);
    at += each;
  }
  return fields;
}

TEST(MessageTest, CopyOutlivesWhatWasReceived) {
  for (const size_t each : {1, 2, 100}) {  // 15 bytes in all: a string that is not on the heap
    Message copy;
    {
      std::string received(15 * each, 'x');
      for (size_t i = 0; i < received.size(); ++i) received[i] = static_cast<char>('a' + i / each);
      const Message borrowed(All(received));
      copy = borrowed;
      received.assign(received.size(), '!');
    }
    EXPECT_EQ(copy.getTopic(), std::string(each, 'a'));
    EXPECT_EQ(copy.getData(), std::string(each, 'b'));
    EXPECT_EQ(copy.getSowKey(), std::string(each, 'c'));
    EXPECT_EQ(copy.getSubscriptionIds(), std::string(each, 'd'));
    EXPECT_EQ(copy.getQueryID(), std::string(each, 'e'));
    EXPECT_EQ(copy.getStatus(), std::string(each, 'f'));
    EXPECT_EQ(copy.getCommandId(), std::string(each, 'g'));
    EXPECT_EQ(copy.getCorrelationId(), std::string(each, 'h'));
    EXPECT_EQ(copy.getBookmark(), std::string(each, 'i'));
    EXPECT_EQ(copy.getTimestamp(), std::string(each, 'j'));
    EXPECT_EQ(copy.getUserId(), std::string(each, 'k'));
    EXPECT_EQ(copy.getSubscriptionId(), std::string(each, 'l'));
    EXPECT_EQ(copy.getLeasePeriod(), std::string(each, 'm'));
    EXPECT_EQ(copy.getReason(), std::string(each, 'n'));
    EXPECT_EQ(copy.getOptions(), std::string(each, 'o'));
    EXPECT_EQ(copy.getSequence(), 7u);
  }
}

TEST(MessageTest, CopyIsGoodWhenItMoves) {
  for (const std::string& topic : {std::string("t"), std::string(1000, 't')}) {
    Message::Fields fields;
    fields.command = Message::SOW;
    fields.topic = topic;
    fields.data = "{}";
    Message from = Message(Message(fields));
    std::vector<Message> kept;
    for (int i = 0; i < 20; ++i) kept.push_back(Message(from));  // moves while it grows
    Message copy(kept[3]);
    Message moved(std::move(copy));
    EXPECT_FALSE(copy);  // NOLINT: what it is then is part of the test
    EXPECT_EQ(copy.getTopic(), "");
    for (Message& one : kept) {
      moved = std::move(one);
      EXPECT_EQ(moved.getTopic(), topic);
      EXPECT_EQ(moved.getData(), "{}");
    }
  }
}

TEST(MessageTest, IsAssignedToItselfAndFromWhatItOwns) {
  Message::Fields fields;
  fields.command = Message::Publish;
  fields.topic = "orders";
  Message message;
  message = Message(static_cast<const Message&>(Message(fields)));
  const Message& itself = message;
  message = itself;
  EXPECT_EQ(message.getTopic(), "orders");
  const Message borrower(message.fields());
  message = borrower;
  EXPECT_EQ(message.getTopic(), "orders");
}

TEST(MessageTest, CommandsAndAcksHaveTheirNamesOfTheWire) {
  const std::pair<Message::Command, std::string_view> commands[] = {
      {Message::Unknown, ""}, {Message::Publish, "p"},
      {Message::SOW, "sow"},  {Message::GroupBegin, "group_begin"},
      {Message::OOF, "oof"},  {Message::GroupEnd, "group_end"},
      {Message::Ack, "ack"},
  };
  for (const auto& [command, name] : commands) {
    Message::Fields fields;
    fields.command = command;
    EXPECT_EQ(Message(fields).getCommand(), name);
    EXPECT_EQ(static_cast<bool>(Message(fields)), command != Message::Unknown);
  }
  const std::pair<Message::AckType, std::string_view> acks[] = {
      {Message::None, ""},
      {Message::Received, "received"},
      {Message::Processed, "processed"},
      {Message::Persisted, "persisted"},
      {Message::Completed, "completed"},
      {Message::Stats, "stats"},
  };
  for (const auto& [type, name] : acks) {
    Message::Fields fields;
    fields.ack_type = type;
    EXPECT_EQ(Message(fields).getAckType(), name);
  }
}

TEST(MessageTest, PrintsAsALine) {
  Message::Fields fields;
  fields.command = Message::Ack;
  fields.ack_type = Message::Processed;
  fields.command_id = "7";
  fields.status = "failure";
  fields.reason = "bad filter: \"\\\n\"";
  fields.sequence = 3;
  EXPECT_EQ(to_string(Message(fields)),
            R"({"c":"ack","cid":"7","a":"processed","status":"failure",)"
            R"("reason":"bad filter: \"\\\u000a\"","s":3})");
  Message::Fields published;
  published.command = Message::Publish;
  published.topic = "orders";
  published.data = R"({"id":1})";
  EXPECT_EQ(to_string(Message(published)), R"({"c":"p","t":"orders"}{"id":1})");
}

}  // namespace
}  // namespace AMPS
