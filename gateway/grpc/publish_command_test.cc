#include "gateway/grpc/publish_command.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace fluxgate::grpc_api {
namespace {

absl::Status Convert(const PublishMessage& message) {
  Command command = NewPublishCommand();
  return ToPublishCommand(message, "json", command);
}

TEST(PublishCommand, CarriesTheFields) {
  PublishMessage message;
  message.topic = "orders";
  message.payload = "{}";
  message.key = "k";
  message.correlation_id = "c";
  message.message_type = "json";
  Command command = NewPublishCommand();
  ASSERT_TRUE(ToPublishCommand(message, "json", command).ok());
  EXPECT_EQ(command.type, CommandType::kPublish);
  EXPECT_EQ(command.topic, "orders");
  EXPECT_EQ(command.body, "{}");
  EXPECT_EQ(command.sow_key, "k");
  EXPECT_EQ(command.correlation_id, "c");
  EXPECT_EQ(command.expiration_s, -1);
}

TEST(PublishCommand, CarriesDeltaAndTtlOfThisMessageOnly) {
  PublishMessage message;
  message.delta = true;
  message.has_ttl = true;
  message.ttl_seconds = 7;
  Command command = NewPublishCommand();
  ASSERT_TRUE(ToPublishCommand(message, "json", command).ok());
  EXPECT_EQ(command.type, CommandType::kDeltaPublish);
  EXPECT_EQ(command.expiration_s, 7);
  ASSERT_TRUE(ToPublishCommand(PublishMessage{}, "json", command).ok());
  EXPECT_EQ(command.type, CommandType::kPublish);
  EXPECT_EQ(command.expiration_s, -1);
}

TEST(PublishCommand, ATtlIsInWholeSecondsRoundedUp) {
  struct Row {
    int64_t seconds;
    int32_t nanos;
    int64_t expiration_s;  // -1: refused
  };
  for (const Row& row : {Row{0, 0, 0}, Row{0, 1, 1}, Row{2, 0, 2}, Row{2, 999'999'999, 3},
                         Row{kTtlSecondsMax, 0, kTtlSecondsMax}, Row{kTtlSecondsMax + 1, 0, -1},
                         Row{-1, 0, -1}, Row{0, -1, -1}, Row{0, 1'000'000'000, -1}}) {
    PublishMessage message;
    message.has_ttl = true;
    message.ttl_seconds = row.seconds;
    message.ttl_nanos = row.nanos;
    Command command = NewPublishCommand();
    const absl::Status status = ToPublishCommand(message, "json", command);
    EXPECT_EQ(ErrorCodeOf(status),
              row.expiration_s < 0 ? ErrorCode::kBadCommand : ErrorCode::kNone);
    EXPECT_EQ(command.expiration_s, row.expiration_s);
  }
}

TEST(PublishCommand, RefusesWhatIsNotBuilt) {
  PublishMessage headers;
  headers.has_headers = true;
  EXPECT_EQ(ErrorCodeOf(Convert(headers)), ErrorCode::kNotBuilt);
}

TEST(PublishCommand, RefusesOtherMessageTypes) {
  PublishMessage message;
  message.message_type = "fix";
  EXPECT_EQ(ErrorCodeOf(Convert(message)), ErrorCode::kMessageType);
}

TEST(PublishCommand, RefusesTextThatIsNotUtf8) {
  PublishMessage key, correlation_id, message_type;
  key.key = correlation_id.correlation_id = message_type.message_type = "\xFF";
  for (const PublishMessage& message : {key, correlation_id, message_type}) {
    EXPECT_EQ(ErrorCodeOf(Convert(message)), ErrorCode::kBadCommand);
  }
}

TEST(SequenceCounter, NumbersWhatHasNoNumber) {
  SequenceCounter counter;
  EXPECT_EQ(counter.Next(0), 1u);
  ASSERT_TRUE(counter.Advance(1).ok());
  EXPECT_EQ(counter.Next(0), 2u);
  EXPECT_EQ(counter.Next(10), 10u);
  ASSERT_TRUE(counter.Advance(10).ok());
  EXPECT_EQ(counter.Next(0), 11u);
}

TEST(SequenceCounter, SequencesRise) {
  SequenceCounter counter;
  ASSERT_TRUE(counter.Advance(10).ok());
  EXPECT_EQ(ErrorCodeOf(counter.Advance(10)), ErrorCode::kBadCommand);
  EXPECT_EQ(ErrorCodeOf(counter.Advance(9)), ErrorCode::kBadCommand);
  EXPECT_EQ(counter.last(), 10u);
  // The number after the last one does not exist: it wraps to 0, which never rises.
  ASSERT_TRUE(counter.Advance(UINT64_MAX).ok());
  EXPECT_FALSE(counter.Advance(counter.Next(0)).ok());
}

}  // namespace
}  // namespace fluxgate::grpc_api
