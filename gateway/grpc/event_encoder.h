// Encodes what a subscriber is sent, SubscribeResponse or SubscribeStreamResponse, as a sequence of
// events. Consecutive messages for the same subscriptions share one event (a run). Reactor thread.
#ifndef FLUXGATE_GATEWAY_GRPC_EVENT_ENCODER_H_
#define FLUXGATE_GATEWAY_GRPC_EVENT_ENCODER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fluxgate/v1/gateway.pb.h"
#include "gateway/grpc/encode_buffer.h"
#include "gateway/grpc/wire_writer.h"

namespace fluxgate::grpc_api {

// A delivered fluxgate.v1.Message as a field of MessageBatch, its size known before it is written.
class DeliveredMessage {
 public:
  // The views stay until the message has been written. Inline: views that go through memory to a
  // function are stored in halves and loaded whole, which stalls for as long as the rest takes.
  DeliveredMessage(std::string_view topic, std::string_view payload,
                   std::string_view correlation_id)
      : topic_(topic),
        payload_(payload),
        correlation_id_(correlation_id),
        body_size_(OptionalSize(topic) + OptionalSize(payload) + OptionalSize(correlation_id)),
        size_(BytesFieldSize(body_size_)) {}

  size_t size() const { return size_; }
  // Writes size() bytes.
  char* Write(char* to) const;
  std::string ToString() const;

 private:
  static size_t OptionalSize(std::string_view bytes) {
    return bytes.empty() ? 0 : BytesFieldSize(bytes.size());
  }

  std::string_view topic_;
  std::string_view payload_;
  std::string_view correlation_id_;
  size_t body_size_;
  size_t size_;
};

// The same with the key of a record.
class DeliveredRecord {
 public:
  DeliveredRecord(std::string_view topic, std::string_view payload, std::string_view correlation_id,
                  std::string_view key);

  size_t size() const { return size_; }
  char* Write(char* to) const;
  std::string ToString() const;

 private:
  std::string_view topic_;
  std::string_view payload_;
  std::string_view correlation_id_;
  std::string_view key_;
  size_t body_size_;
  size_t size_;
};

class EventEncoder {
 public:
  enum class Form : uint8_t {
    kSubscribe,        // one subscription: events without ids
    kSubscribeStream,  // events name their subscriptions
  };

  // Which batch of a subscription a message belongs to.
  enum class Batch : uint8_t { kMessages, kSnapshot };

  // Messages in one MessageBatch at most, unless a subscription asks for fewer.
  static constexpr uint32_t kBatchMessagesMax = 4096;

  EventEncoder(Form form, EncodeBuffer& buffer) : form_(form), buffer_(buffer) {}

  // `ids` is empty with kSubscribe, and not with kSubscribeStream; none of them is 0.
  void AddMessage(std::span<const uint32_t> ids, uint32_t batch_max,
                  const DeliveredMessage& message);
  void AddRecord(std::span<const uint32_t> ids, uint32_t batch_max, const DeliveredRecord& record,
                 Batch batch);
  // A message or record that has been written earlier.
  void AddWritten(std::span<const uint32_t> ids, uint32_t batch_max, std::string_view message,
                  Batch batch = Batch::kMessages);
  void AddEvent(std::span<const uint32_t> ids, const v1::SubscriptionEvent& event);
  // A serialized SubscriptionEvent.
  void AddWrittenEvent(std::span<const uint32_t> ids, std::string_view event);
  void AddStreamEvent(const v1::StreamEvent& event);  // kSubscribeStream
  void AddGoAway(const v1::GoAway& go_away);

  // Ends the run; the buffer holds whole events then.
  void EndRun();

 private:
  char* RoomFor(Batch batch, std::span<const uint32_t> ids, uint32_t batch_max, size_t size);
  char* RoomInRun(std::span<const uint32_t> ids, uint32_t batch_max, size_t size);
  char* RoomInSnapshotRun(std::span<const uint32_t> ids, uint32_t batch_max, size_t size);
  char* BeginRun(std::span<const uint32_t> ids, Batch batch, size_t size);
  void AppendField(uint8_t tag, const google::protobuf::MessageLite& message);

  const Form form_;
  EncodeBuffer& buffer_;

  // The run; offsets are from run_begin_, which stays in place while the run is open.
  char* run_begin_ = nullptr;      // null: no run
  std::vector<uint32_t> run_ids_;  // of a snapshot: with a 0 before them
  uint32_t run_count_ = 0;
  size_t subscription_length_at_ = 0;  // kSubscribeStream
  size_t messages_length_at_ = 0;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_EVENT_ENCODER_H_
