// Decodes PublishStreamRequest and PublishRequest, one message at a time, as views into the
// request. Follows protobuf's rules: unknown fields are passed over, the last of several values of
// one field counts, sub-messages merge.
#ifndef FLUXGATE_GATEWAY_GRPC_PUBLISH_DECODER_H_
#define FLUXGATE_GATEWAY_GRPC_PUBLISH_DECODER_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/grpc/wire_reader.h"

namespace fluxgate::grpc_api {

// A fluxgate.v1.Message as published. Text is not checked for UTF-8 here.
struct PublishMessage {
  std::string_view topic;
  std::string_view payload;
  std::string_view key;
  std::string_view correlation_id;
  std::string_view message_type;
  uint64_t sequence = 0;
  bool delta = false;
  bool has_ttl = false;
  // As it came; the second one is of 32 bits and signed.
  int64_t ttl_seconds = 0;
  int32_t ttl_nanos = 0;
  bool has_headers = false;

  // Whether it has more than a topic, a payload and a sequence.
  bool HasExtras() const {
    return delta || has_ttl || has_headers || !key.empty() || !correlation_id.empty() ||
           !message_type.empty();
  }
};

bool DecodePublishMessage(std::string_view bytes, PublishMessage& message);

// What a publish request says beside its messages.
struct PublishEnvelope {
  bool has_open = false;
  std::string_view publisher_id;
  uint64_t ack_level = 0;
  std::optional<uint64_t> flush_id;
  uint32_t message_count = 0;
};

// Both pass over the whole request once and check everything but the messages themselves. False:
// malformed.
bool DecodePublishStreamEnvelope(std::string_view request, PublishEnvelope& envelope);
bool DecodePublishEnvelope(std::string_view request, PublishEnvelope& envelope);

enum class PublishRead : uint8_t {
  kMessage,
  kOpen,  // PublishStreamReader only
  kEnd,
  kMalformed,
};

// The messages of a PublishRequest whose envelope has been decoded, in order.
class PublishMessageReader {
 public:
  explicit PublishMessageReader(std::string_view request) : reader_(request) {}
  PublishRead Next(PublishMessage& message);

 private:
  WireReader reader_;
};

// A PublishStreamRequest in one pass: messages in order, the rest in the envelope once it has been
// met.
class PublishStreamReader {
 public:
  explicit PublishStreamReader(std::string_view request) : reader_(request) {}
  PublishRead Next(PublishMessage& message);
  const PublishEnvelope& envelope() const { return envelope_; }

 private:
  WireReader reader_;
  PublishEnvelope envelope_;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_PUBLISH_DECODER_H_
