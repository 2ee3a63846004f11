// The decoder against the generated classes: whatever one accepts the other accepts, with the same
// contents.
#include "gateway/grpc/publish_decoder.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/base/utf8.h"
#include "fluxgate/v1/gateway.pb.h"

namespace fluxgate::grpc_api {
namespace {

using Random = std::mt19937;

uint32_t Below(Random& random, uint32_t end) {
  return std::uniform_int_distribution<uint32_t>(0, end - 1)(random);
}

std::string Text(Random& random, size_t size_max) {
  std::string text(Below(random, static_cast<uint32_t>(size_max) + 1), ' ');
  for (char& c : text) c = static_cast<char>('a' + Below(random, 26));
  return text;
}

void Fill(Random& random, v1::Message& message) {
  message.set_topic(Text(random, 20));
  if (Below(random, 8) != 0) message.set_payload(Text(random, 300));
  if (Below(random, 4) == 0) message.set_key(Text(random, 10));
  if (Below(random, 2) == 0) message.set_sequence(uint64_t{1} << Below(random, 64));
  if (Below(random, 4) == 0) message.set_correlation_id(Text(random, 40));
  if (Below(random, 8) == 0) message.set_message_type("json");
  if (Below(random, 8) == 0) (*message.mutable_headers())["a"] = "b";
  if (Below(random, 8) == 0) message.mutable_ttl()->set_seconds(5);
  if (Below(random, 8) == 0) message.mutable_ttl()->set_nanos(-7);
  if (Below(random, 8) == 0) message.set_delta(true);
  if (Below(random, 8) == 0) message.set_bookmark("ignored when publishing");
}

v1::PublishStreamRequest Request(Random& random) {
  v1::PublishStreamRequest request;
  if (Below(random, 4) == 0) {
    request.mutable_open()->set_publisher_id(Text(random, 10));
    request.mutable_open()->set_ack_level(static_cast<v1::AckLevel>(Below(random, 4)));
  }
  for (uint32_t i = Below(random, 6); i > 0; --i) Fill(random, *request.add_messages());
  if (Below(random, 4) == 0) request.mutable_flush()->set_flush_id(Below(random, 1000));
  return request;
}

void ExpectSame(const v1::Message& expected, const PublishMessage& message) {
  EXPECT_EQ(message.topic, expected.topic());
  EXPECT_EQ(message.payload, expected.payload());
  EXPECT_EQ(message.key, expected.key());
  EXPECT_EQ(message.correlation_id, expected.correlation_id());
  EXPECT_EQ(message.message_type, expected.message_type());
  EXPECT_EQ(message.sequence, expected.sequence());
  EXPECT_EQ(message.delta, expected.delta());
  EXPECT_EQ(message.has_ttl, expected.has_ttl());
  EXPECT_EQ(message.ttl_seconds, expected.ttl().seconds());
  EXPECT_EQ(message.ttl_nanos, expected.ttl().nanos());
}

// Whether the decoder accepts `bytes`; then it has been compared with `expected`.
bool Decodes(std::string_view bytes, const v1::PublishStreamRequest* expected) {
  PublishEnvelope envelope;
  if (!DecodePublishStreamEnvelope(bytes, envelope)) return false;
  std::vector<PublishMessage> messages;
  PublishStreamReader reader(bytes);
  PublishMessage message;
  for (;;) {
    const PublishRead result = reader.Next(message);
    if (result == PublishRead::kMalformed) return false;
    if (result == PublishRead::kEnd) break;
    if (result == PublishRead::kMessage) messages.push_back(message);
  }
  EXPECT_EQ(messages.size(), envelope.message_count);
  EXPECT_EQ(reader.envelope().message_count, envelope.message_count);
  EXPECT_EQ(reader.envelope().has_open, envelope.has_open);
  EXPECT_EQ(reader.envelope().publisher_id, envelope.publisher_id);
  EXPECT_EQ(reader.envelope().ack_level, envelope.ack_level);
  EXPECT_EQ(reader.envelope().flush_id, envelope.flush_id);
  if (expected == nullptr) return true;
  EXPECT_EQ(envelope.has_open, expected->has_open());
  EXPECT_EQ(envelope.publisher_id, expected->open().publisher_id());
  EXPECT_EQ(static_cast<int>(envelope.ack_level), expected->open().ack_level());
  EXPECT_EQ(envelope.flush_id.has_value(), expected->has_flush());
  EXPECT_EQ(envelope.flush_id.value_or(0), expected->flush().flush_id());
  EXPECT_EQ(static_cast<int>(messages.size()), expected->messages_size());
  for (int i = 0; i < std::min<int>(static_cast<int>(messages.size()), expected->messages_size());
       ++i) {
    ExpectSame(expected->messages(i), messages[static_cast<size_t>(i)]);
  }
  return true;
}

TEST(PublishDecoder, AgreesWithTheGeneratedClasses) {
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const v1::PublishStreamRequest request = Request(random);
    EXPECT_TRUE(Decodes(request.SerializeAsString(), &request));
  }
}

TEST(PublishDecoder, RequestsInARowMerge) {
  Random random(2);
  for (int i = 0; i < 500; ++i) {
    const std::string bytes =
        Request(random).SerializeAsString() + Request(random).SerializeAsString();
    v1::PublishStreamRequest merged;
    ASSERT_TRUE(merged.ParseFromString(bytes));
    EXPECT_TRUE(Decodes(bytes, &merged));
  }
}

// Text fields are left to the caller to check, headers are not looked into, and deep nesting
// is refused by protobuf as a whole: only then may the two differ.
TEST(PublishDecoder, AcceptsDamagedRequestsAsTheGeneratedClassesDo) {
  google::protobuf::SetLogHandler(nullptr);  // it logs every text that is not UTF-8
  Random random(3);
  int accepted = 0, refused = 0;
  for (int i = 0; i < 20000; ++i) {
    v1::PublishStreamRequest request = Request(random);
    for (auto& message : *request.mutable_messages()) message.clear_headers();
    std::string bytes = request.SerializeAsString();
    if (bytes.empty()) continue;
    for (uint32_t changes = 1 + Below(random, 3); changes > 0; --changes) {
      const size_t at = Below(random, static_cast<uint32_t>(bytes.size()));
      switch (Below(random, 3)) {
        case 0:
          bytes[at] = static_cast<char>(Below(random, 256));
          break;
        case 1:
          bytes.erase(at, 1);
          break;
        default:
          bytes.insert(at, 1, static_cast<char>(Below(random, 256)));
      }
      if (bytes.empty()) break;
    }
    v1::PublishStreamRequest parsed;
    if (parsed.ParseFromString(bytes)) {
      ++accepted;
      const bool looks_deeper = std::ranges::any_of(
          parsed.messages(), [](const auto& m) { return !m.headers().empty(); });
      if (!looks_deeper) {
        EXPECT_TRUE(Decodes(bytes, &parsed)) << testing::PrintToString(bytes);
      }
    } else {
      ++refused;
      // What only the generated classes refuse is text that is not UTF-8, or the inside of a field
      // that is not looked into.
      if (IsValidUtf8(bytes) && Decodes(bytes, nullptr)) {
        PublishMessageReader reader(bytes);
        PublishMessage message;
        bool looks_deeper = false;
        while (reader.Next(message) == PublishRead::kMessage) {
          looks_deeper |= message.has_headers;
          looks_deeper |= bytes.find('\x5A') != std::string::npos;  // server_time
        }
        EXPECT_TRUE(looks_deeper) << testing::PrintToString(bytes);
      }
    }
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_GT(refused, 1000);
}

TEST(PublishDecoder, EveryTruncationIsRefusedOrAgreedOn) {
  Random random(4);
  const std::string whole = Request(random).SerializeAsString() + [] {
    v1::PublishStreamRequest request;
    v1::Message& message = *request.add_messages();
    message.set_topic("orders");
    message.set_payload(std::string(200, 'x'));
    message.set_sequence(UINT64_MAX);
    return request.SerializeAsString();
  }();
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string bytes = whole.substr(0, size);
    v1::PublishStreamRequest parsed;
    const bool valid = parsed.ParseFromString(bytes);
    EXPECT_EQ(Decodes(bytes, valid ? &parsed : nullptr), valid) << size;
  }
}

TEST(PublishDecoder, UnaryEnvelope) {
  v1::PublishRequest request;
  request.set_publisher_id("me");
  request.set_ack_level(v1::ACK_LEVEL_PROCESSED);
  request.add_messages()->set_topic("a");
  request.add_messages()->set_topic("b");
  PublishEnvelope envelope;
  const std::string bytes = request.SerializeAsString();
  ASSERT_TRUE(DecodePublishEnvelope(bytes, envelope));
  EXPECT_EQ(envelope.publisher_id, "me");
  EXPECT_EQ(envelope.ack_level, 2u);
  EXPECT_EQ(envelope.message_count, 2u);
  PublishMessageReader reader(bytes);
  PublishMessage message;
  ASSERT_EQ(reader.Next(message), PublishRead::kMessage);
  EXPECT_EQ(message.topic, "a");
  ASSERT_EQ(reader.Next(message), PublishRead::kMessage);
  EXPECT_EQ(message.topic, "b");
  EXPECT_EQ(reader.Next(message), PublishRead::kEnd);
  EXPECT_FALSE(DecodePublishEnvelope("\x12\x05", envelope));
}

}  // namespace
}  // namespace fluxgate::grpc_api
