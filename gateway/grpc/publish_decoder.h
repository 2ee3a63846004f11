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
  bool has_headers = false;
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

// The messages of a request whose envelope has been decoded, in order: field 2 of both.
class PublishMessageReader {
 public:
  explicit PublishMessageReader(std::string_view request) : reader_(request) {}

  enum class Result : uint8_t { kMessage, kEnd, kMalformed };
  Result Next(PublishMessage& message);

 private:
  WireReader reader_;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_PUBLISH_DECODER_H_
