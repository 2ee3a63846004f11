#include "gateway/grpc/publish_decoder.h"

namespace fluxgate::grpc_api {
namespace {

using enum WireType;

// Field 2 of PublishStreamRequest and of PublishRequest.
constexpr uint32_t kMessages = Tag(2, kBytes);
// PublishStreamRequest
constexpr uint32_t kOpen = Tag(1, kBytes);
constexpr uint32_t kFlush = Tag(3, kBytes);

bool DecodeOpen(std::string_view bytes, PublishEnvelope& envelope) {
  WireReader reader(bytes);
  envelope.has_open = true;
  while (!reader.AtEnd()) {
    uint32_t tag;
    if (!reader.ReadTag(tag)) return false;
    bool ok;
    switch (tag) {
      case Tag(1, kBytes):
        ok = reader.ReadBytes(envelope.publisher_id);
        break;
      case Tag(2, kVarint):
        ok = reader.ReadVarint(envelope.ack_level);
        break;
      default:
        ok = reader.Skip(tag);
    }
    if (!ok) return false;
  }
  return true;
}

bool DecodeFlush(std::string_view bytes, PublishEnvelope& envelope) {
  WireReader reader(bytes);
  uint64_t flush_id = envelope.flush_id.value_or(0);
  while (!reader.AtEnd()) {
    uint32_t tag;
    if (!reader.ReadTag(tag)) return false;
    if (!(tag == Tag(1, kVarint) ? reader.ReadVarint(flush_id) : reader.Skip(tag))) return false;
  }
  envelope.flush_id = flush_id;
  return true;
}

bool DecodeTtl(std::string_view bytes, PublishMessage& message) {
  WireReader reader(bytes);
  message.has_ttl = true;
  while (!reader.AtEnd()) {
    uint32_t tag;
    uint64_t number = 0;
    if (!reader.ReadTag(tag)) return false;
    if (tag == Tag(1, kVarint)) {
      if (!reader.ReadVarint(number)) return false;
      message.ttl_seconds = static_cast<int64_t>(number);
    } else if (tag == Tag(2, kVarint)) {
      if (!reader.ReadVarint(number)) return false;
      message.ttl_nanos = static_cast<int32_t>(number);
    } else if (!reader.Skip(tag)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool DecodePublishMessage(std::string_view bytes, PublishMessage& message) {
  message = PublishMessage{};
  WireReader reader(bytes);
  while (!reader.AtEnd()) {
    uint32_t tag;
    if (!reader.ReadTag(tag)) return false;
    bool ok;
    switch (tag) {
      case Tag(1, kBytes):
        ok = reader.ReadBytes(message.topic);
        break;
      case Tag(2, kBytes):
        ok = reader.ReadBytes(message.payload);
        break;
      case Tag(3, kBytes):
        ok = reader.ReadBytes(message.key);
        break;
      case Tag(4, kVarint):
        ok = reader.ReadVarint(message.sequence);
        break;
      case Tag(5, kBytes):
        ok = reader.ReadBytes(message.correlation_id);
        break;
      case Tag(6, kBytes):
        ok = reader.ReadBytes(message.message_type);
        break;
      case Tag(7, kBytes):
        message.has_headers = true;
        ok = reader.Skip(tag);
        break;
      case Tag(8, kBytes): {
        std::string_view ttl;
        ok = reader.ReadBytes(ttl) && DecodeTtl(ttl, message);
        break;
      }
      case Tag(9, kVarint): {
        uint64_t delta = 0;
        ok = reader.ReadVarint(delta);
        message.delta = delta != 0;
        break;
      }
      default:
        ok = reader.Skip(tag);
    }
    if (!ok) return false;
  }
  return true;
}

bool DecodePublishStreamEnvelope(std::string_view request, PublishEnvelope& envelope) {
  envelope = PublishEnvelope{};
  WireReader reader(request);
  while (!reader.AtEnd()) {
    uint32_t tag;
    if (!reader.ReadTag(tag)) return false;
    std::string_view bytes;
    bool ok;
    switch (tag) {
      case kMessages:
        ++envelope.message_count;
        ok = reader.ReadBytes(bytes);
        break;
      case kOpen:
        ok = reader.ReadBytes(bytes) && DecodeOpen(bytes, envelope);
        break;
      case kFlush:
        ok = reader.ReadBytes(bytes) && DecodeFlush(bytes, envelope);
        break;
      default:
        ok = reader.Skip(tag);
    }
    if (!ok) return false;
  }
  return true;
}

bool DecodePublishEnvelope(std::string_view request, PublishEnvelope& envelope) {
  envelope = PublishEnvelope{};
  WireReader reader(request);
  while (!reader.AtEnd()) {
    uint32_t tag;
    if (!reader.ReadTag(tag)) return false;
    std::string_view bytes;
    bool ok;
    switch (tag) {
      case kMessages:
        ++envelope.message_count;
        ok = reader.ReadBytes(bytes);
        break;
      case Tag(1, kBytes):
        ok = reader.ReadBytes(envelope.publisher_id);
        break;
      case Tag(3, kVarint):
        ok = reader.ReadVarint(envelope.ack_level);
        break;
      default:
        ok = reader.Skip(tag);
    }
    if (!ok) return false;
  }
  return true;
}

PublishRead PublishMessageReader::Next(PublishMessage& message) {
  while (!reader_.AtEnd()) {
    uint32_t tag;
    if (!reader_.ReadTag(tag)) return PublishRead::kMalformed;
    if (tag == kMessages) {
      std::string_view bytes;
      const bool ok = reader_.ReadBytes(bytes) && DecodePublishMessage(bytes, message);
      return ok ? PublishRead::kMessage : PublishRead::kMalformed;
    }
    if (!reader_.Skip(tag)) return PublishRead::kMalformed;
  }
  return PublishRead::kEnd;
}

PublishRead PublishStreamReader::Next(PublishMessage& message) {
  while (!reader_.AtEnd()) {
    uint32_t tag;
    if (!reader_.ReadTag(tag)) return PublishRead::kMalformed;
    std::string_view bytes;
    if (tag == kMessages) {
      ++envelope_.message_count;
      const bool ok = reader_.ReadBytes(bytes) && DecodePublishMessage(bytes, message);
      return ok ? PublishRead::kMessage : PublishRead::kMalformed;
    }
    if (tag == kOpen) {
      const bool ok = reader_.ReadBytes(bytes) && DecodeOpen(bytes, envelope_);
      return ok ? PublishRead::kOpen : PublishRead::kMalformed;
    }
    const bool ok = tag == kFlush ? reader_.ReadBytes(bytes) && DecodeFlush(bytes, envelope_)
                                  : reader_.Skip(tag);
    if (!ok) return PublishRead::kMalformed;
  }
  return PublishRead::kEnd;
}

}  // namespace fluxgate::grpc_api
