#include "tests/bench/grpc_bytes.h"

#include <grpcpp/support/slice.h>

#include "fluxgate/v1/gateway.pb.h"
#include "tests/bench/orders.h"

namespace fluxgate::bench {
namespace {

// Tags that lead to a message: field number and wire type 2.
constexpr uint64_t kEventsTag = 0x0A;    // SubscribeResponse.events
constexpr uint64_t kMessagesTag = 0x22;  // SubscriptionEvent.messages
constexpr uint64_t kMessageTag = 0x0A;   // MessageBatch.messages
constexpr uint64_t kPayloadTag = 0x12;   // Message.payload

bool ReadVarint(std::string_view& bytes, uint64_t& value) {
  value = 0;
  for (size_t i = 0; i < bytes.size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    value |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      bytes.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

// The next field: its tag, and its bytes when it has a length. Numbers are skipped.
bool ReadField(std::string_view& bytes, uint64_t& tag, std::string_view& content) {
  uint64_t length;
  content = {};
  if (!ReadVarint(bytes, tag) || !ReadVarint(bytes, length)) return false;
  if ((tag & 7) == 0) return true;
  if ((tag & 7) != 2 || length > bytes.size()) return false;
  content = bytes.substr(0, length);
  bytes.remove_prefix(length);
  return true;
}

bool Payload(std::string_view message, std::string_view& payload) {
  uint64_t tag;
  while (!message.empty()) {
    if (!ReadField(message, tag, payload)) return false;
    if (tag == kPayloadTag) return true;
  }
  return false;
}

bool CountBatch(std::string_view batch, uint64_t& messages, std::string_view& first_message) {
  uint64_t tag;
  std::string_view message;
  while (!batch.empty()) {
    if (!ReadField(batch, tag, message)) return false;
    if (tag != kMessageTag) continue;
    if (first_message.data() == nullptr) first_message = message;
    ++messages;
  }
  return true;
}

}  // namespace

grpc::ByteBuffer ToBuffer(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

std::string_view OnePiece(const grpc::ByteBuffer& buffer, std::vector<grpc::Slice>& slices,
                          std::string& joined) {
  slices.clear();
  if (!buffer.Dump(&slices).ok() || slices.empty()) return {};
  if (slices.size() == 1) {
    return {reinterpret_cast<const char*>(slices[0].begin()), slices[0].size()};
  }
  joined.clear();
  for (const grpc::Slice& slice : slices) {
    joined.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return joined;
}

std::string EncodeOrders(Envelope envelope, uint64_t first, uint32_t count, size_t body_bytes) {
  v1::PublishStreamRequest request;
  v1::SubscribeResponse response;
  auto* messages = envelope == Envelope::kPublishRequest
                       ? request.mutable_messages()
                       : response.add_events()->mutable_messages()->mutable_messages();
  for (uint32_t i = 0; i < count; ++i) {
    v1::Message* message = messages->Add();
    message->set_topic("orders");
    message->set_payload(NewOrderBody(first + i, body_bytes));
  }
  return envelope == Envelope::kPublishRequest ? request.SerializeAsString()
                                               : response.SerializeAsString();
}

std::string EncodeOpen() {
  v1::PublishStreamRequest request;
  request.mutable_open()->set_ack_level(v1::ACK_LEVEL_NONE);
  return request.SerializeAsString();
}

std::string EncodeFlush(uint64_t id) {
  v1::PublishStreamRequest request;
  request.mutable_flush()->set_flush_id(id);
  return request.SerializeAsString();
}

uint64_t FlushId(std::string_view request) {
  v1::PublishStreamRequest parsed;
  if (!parsed.ParseFromArray(request.data(), static_cast<int>(request.size())) ||
      !parsed.has_flush()) {
    return UINT64_MAX;
  }
  return parsed.flush().flush_id();
}

std::string EncodeFlushed(uint64_t id) {
  v1::PublishStreamResponse response;
  response.add_flushed()->set_flush_id(id);
  return response.SerializeAsString();
}

std::string EncodeSubscribe(std::string_view filter) {
  v1::SubscribeRequest request;
  request.mutable_spec()->set_topic("orders");
  request.mutable_spec()->set_filter(std::string(filter));
  return request.SerializeAsString();
}

std::string EncodeStarted() {
  v1::SubscribeResponse response;
  response.add_events()->mutable_started();
  return response.SerializeAsString();
}

bool CountMessages(std::string_view response, uint64_t& messages, std::string_view& first_body) {
  uint64_t tag;
  std::string_view event;
  std::string_view batch;
  std::string_view first_message;
  while (!response.empty()) {
    if (!ReadField(response, tag, event)) return false;
    if (tag != kEventsTag) continue;
    while (!event.empty()) {
      if (!ReadField(event, tag, batch)) return false;
      if (tag == kMessagesTag && !CountBatch(batch, messages, first_message)) return false;
    }
  }
  return first_message.data() == nullptr || Payload(first_message, first_body);
}

}  // namespace fluxgate::bench
