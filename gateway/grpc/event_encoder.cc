#include "gateway/grpc/event_encoder.h"

#include <algorithm>
#include <cstring>

#include "gateway/grpc/wire_reader.h"
#include "gateway/grpc/wire_writer.h"

namespace fluxgate::grpc_api {
namespace {

constexpr uint8_t BytesTag(uint32_t field) {
  return static_cast<uint8_t>(Tag(field, WireType::kBytes));
}

// Message
constexpr uint8_t kTopic = BytesTag(1);
constexpr uint8_t kPayload = BytesTag(2);
constexpr uint8_t kKey = BytesTag(3);
constexpr uint8_t kCorrelationId = BytesTag(5);
// MessageBatch, SubscriptionEvent, StreamEvent, both responses
constexpr uint8_t kBatchMessages = BytesTag(1);
constexpr uint8_t kEventSnapshot = BytesTag(2);
constexpr uint8_t kEventMessages = BytesTag(4);
constexpr uint8_t kSubscriptionIds = BytesTag(1);
constexpr uint8_t kSubscription = BytesTag(2);
constexpr uint8_t kEvents = BytesTag(1);
// SubscribeResponse
constexpr uint8_t kGoAway = BytesTag(2);

char* WriteOptional(uint8_t tag, std::string_view bytes, char* to) {
  return bytes.empty() ? to : WriteBytesField(tag, bytes, to);
}

}  // namespace

char* DeliveredMessage::Write(char* to) const {
  *to++ = static_cast<char>(kBatchMessages);
  to = WriteVarint(body_size_, to);
  to = WriteOptional(kTopic, topic_, to);
  to = WriteOptional(kPayload, payload_, to);
  return WriteOptional(kCorrelationId, correlation_id_, to);
}

std::string DeliveredMessage::ToString() const {
  std::string text(size_, '\0');
  Write(text.data());
  return text;
}

DeliveredRecord::DeliveredRecord(std::string_view topic, std::string_view payload,
                                 std::string_view correlation_id, std::string_view key)
    : topic_(topic), payload_(payload), correlation_id_(correlation_id), key_(key), body_size_(0) {
  for (const std::string_view field : {topic, payload, correlation_id, key}) {
    if (!field.empty()) body_size_ += BytesFieldSize(field.size());
  }
  size_ = BytesFieldSize(body_size_);
}

char* DeliveredRecord::Write(char* to) const {
  *to++ = static_cast<char>(kBatchMessages);
  to = WriteVarint(body_size_, to);
  to = WriteOptional(kTopic, topic_, to);
  to = WriteOptional(kPayload, payload_, to);
  to = WriteOptional(kKey, key_, to);
  return WriteOptional(kCorrelationId, correlation_id_, to);
}

std::string DeliveredRecord::ToString() const {
  std::string text(size_, '\0');
  Write(text.data());
  return text;
}

// Space for `size` bytes of a message in a run of `ids`, which is begun when the open one does not
// serve.
char* EventEncoder::RoomInRun(std::span<const uint32_t> ids, uint32_t batch_max, size_t size) {
  if (run_begin_ != nullptr && run_count_ < batch_max && buffer_.Fits(size) &&
      std::ranges::equal(ids, run_ids_)) {
    ++run_count_;
    return buffer_.position();
  }
  EndRun();
  run_ids_.assign(ids.begin(), ids.end());
  return BeginRun(ids, Batch::kMessages, size);
}

char* EventEncoder::RoomInSnapshotRun(std::span<const uint32_t> ids, uint32_t batch_max,
                                      size_t size) {
  if (run_begin_ != nullptr && run_count_ < batch_max && buffer_.Fits(size) && !run_ids_.empty() &&
      run_ids_.front() == 0 && std::ranges::equal(ids, std::span(run_ids_).subspan(1))) {
    ++run_count_;
    return buffer_.position();
  }
  EndRun();
  run_ids_.assign(1, 0);
  run_ids_.insert(run_ids_.end(), ids.begin(), ids.end());
  return BeginRun(ids, Batch::kSnapshot, size);
}

char* EventEncoder::RoomFor(Batch batch, std::span<const uint32_t> ids, uint32_t batch_max,
                            size_t size) {
  return batch == Batch::kMessages ? RoomInRun(ids, batch_max, size)
                                   : RoomInSnapshotRun(ids, batch_max, size);
}

char* EventEncoder::BeginRun(std::span<const uint32_t> ids, Batch batch, size_t size) {
  size_t ids_size = 0;
  for (const uint32_t id : ids) ids_size += VarintSize(id);
  constexpr size_t kFixed = 3 * (1 + kLengthBytes) + 1 + kVarintBytesMax;
  run_begin_ = buffer_.Reserve(kFixed + ids_size + size);
  run_count_ = 1;

  char* to = run_begin_;
  *to++ = static_cast<char>(kEvents);
  to += kLengthBytes;
  if (form_ == Form::kSubscribeStream) {
    *to++ = static_cast<char>(kSubscriptionIds);
    to = WriteVarint(ids_size, to);
    for (const uint32_t id : ids) to = WriteVarint(id, to);
    *to++ = static_cast<char>(kSubscription);
    subscription_length_at_ = static_cast<size_t>(to - run_begin_);
    to += kLengthBytes;
  }
  *to++ = static_cast<char>(batch == Batch::kMessages ? kEventMessages : kEventSnapshot);
  messages_length_at_ = static_cast<size_t>(to - run_begin_);
  return to + kLengthBytes;
}

void EventEncoder::AddMessage(std::span<const uint32_t> ids, uint32_t batch_max,
                              const DeliveredMessage& message) {
  char* to = RoomInRun(ids, batch_max, message.size());
  buffer_.Commit(message.Write(to));
}

void EventEncoder::AddRecord(std::span<const uint32_t> ids, uint32_t batch_max,
                             const DeliveredRecord& record, Batch batch) {
  char* to = RoomFor(batch, ids, batch_max, record.size());
  buffer_.Commit(record.Write(to));
}

void EventEncoder::AddWritten(std::span<const uint32_t> ids, uint32_t batch_max,
                              std::string_view message, Batch batch) {
  char* to = RoomFor(batch, ids, batch_max, message.size());
  std::memcpy(to, message.data(), message.size());
  buffer_.Commit(to + message.size());
}

void EventEncoder::EndRun() {
  if (run_begin_ == nullptr) return;
  const size_t size = static_cast<size_t>(buffer_.position() - run_begin_);
  const auto fill_in = [&](size_t at) { WriteLength(size - at - kLengthBytes, run_begin_ + at); };
  fill_in(1);
  if (form_ == Form::kSubscribeStream) fill_in(subscription_length_at_);
  fill_in(messages_length_at_);
  run_begin_ = nullptr;
}

void EventEncoder::AppendField(uint8_t tag, const google::protobuf::MessageLite& message) {
  EndRun();
  const size_t size = message.ByteSizeLong();
  char* to = buffer_.Reserve(BytesFieldSize(size));
  *to++ = static_cast<char>(tag);
  to = WriteVarint(size, to);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(to));
  buffer_.Commit(to + size);
}

void EventEncoder::AddEvent(std::span<const uint32_t> ids, const v1::SubscriptionEvent& event) {
  AddWrittenEvent(ids, event.SerializeAsString());
}

void EventEncoder::AddWrittenEvent(std::span<const uint32_t> ids, std::string_view event) {
  EndRun();
  if (form_ == Form::kSubscribe) {
    buffer_.Commit(WriteBytesField(kEvents, event, buffer_.Reserve(BytesFieldSize(event.size()))));
    return;
  }
  size_t ids_size = 0;
  for (const uint32_t id : ids) ids_size += VarintSize(id);
  const size_t size = BytesFieldSize(ids_size) + BytesFieldSize(event.size());
  char* to = buffer_.Reserve(BytesFieldSize(size));
  *to++ = static_cast<char>(kEvents);
  to = WriteVarint(size, to);
  *to++ = static_cast<char>(kSubscriptionIds);
  to = WriteVarint(ids_size, to);
  for (const uint32_t id : ids) to = WriteVarint(id, to);
  buffer_.Commit(WriteBytesField(kSubscription, event, to));
}

void EventEncoder::AddStreamEvent(const v1::StreamEvent& event) { AppendField(kEvents, event); }

void EventEncoder::AddGoAway(const v1::GoAway& go_away) {
  if (form_ == Form::kSubscribe) return AppendField(kGoAway, go_away);
  v1::StreamEvent event;
  *event.mutable_go_away() = go_away;
  AppendField(kEvents, event);
}

}  // namespace fluxgate::grpc_api
