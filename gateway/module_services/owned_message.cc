#include "gateway/module_services/owned_message.h"

#include <cstring>
#include <string>

#include "gateway/amps/amps_encoder.h"

namespace fluxgate {
namespace {

constexpr amps_text amps_message::*kTexts[] = {
    &amps_message::topic,     &amps_message::body,        &amps_message::sub_ids,
    &amps_message::query_id,  &amps_message::sow_key,     &amps_message::correlation_id,
    &amps_message::timestamp, &amps_message::command_id,  &amps_message::status,
    &amps_message::reason,    &amps_message::client_name, &amps_message::user_id,
    &amps_message::password,  &amps_message::version,
};

amps_text TextOf(std::string_view text) {
  return {text.empty() ? nullptr : text.data(), text.size()};
}

amps_message NewMessage(amps_message_kind kind) {
  amps_message message = {};
  message.size = sizeof(message);
  message.kind = kind;
  return message;
}

std::string_view ReasonWord(OutOfFocusReason reason) {
  switch (reason) {
    case OutOfFocusReason::kNone:
      break;
    case OutOfFocusReason::kMatch:
      return "match";
    case OutOfFocusReason::kDeleted:
      return "deleted";
    case OutOfFocusReason::kExpired:
      return "expired";
    case OutOfFocusReason::kEntitlement:
      return "entitlement";
  }
  return {};
}

OwnedMessage Copy(amps_message message, const Delivery& delivery, MessageHandler handler) {
  std::string timestamp;
  if (delivery.timestamp_ns != 0) amps::AppendTimestamp(delivery.timestamp_ns, &timestamp);
  message.topic = TextOf(delivery.topic);
  message.body = TextOf(delivery.body);
  message.sow_key = TextOf(delivery.sow_key);
  message.correlation_id = TextOf(delivery.correlation_id);
  message.timestamp = TextOf(timestamp);
  message.reason = TextOf(ReasonWord(delivery.out_of_focus));
  return {message, handler};
}

}  // namespace

OwnedMessage::OwnedMessage(const amps_message& message, MessageHandler handler)
    : message_(message), handler_(handler) {
  size_t text_bytes = 0;
  for (const auto text : kTexts) text_bytes += (message.*text).length;
  bytes_ = text_bytes + sizeof(OwnedMessage);
  text_ = std::make_unique_for_overwrite<char[]>(text_bytes);
  char* end = text_.get();
  for (const auto text : kTexts) {
    const amps_text& from = message.*text;
    if (from.length == 0) continue;
    std::memcpy(end, from.data, from.length);
    (message_.*text).data = end;
    end += from.length;
  }
}

OwnedMessage OwnedMessage::Of(const Delivery& delivery, std::string_view sub_ids,
                              MessageHandler handler) {
  amps_message message = NewMessage(
      delivery.out_of_focus == OutOfFocusReason::kNone ? amps_message_publish : amps_message_oof);
  message.sub_ids = TextOf(sub_ids);
  return Copy(message, delivery, handler);
}

OwnedMessage OwnedMessage::OfRecord(const Delivery& record, std::string_view query_id,
                                    std::string_view sub_id, MessageHandler handler) {
  amps_message message = NewMessage(amps_message_sow);
  message.query_id = TextOf(query_id);
  message.sub_ids = TextOf(sub_id);
  return Copy(message, record, handler);
}

OwnedMessage OwnedMessage::OfGroup(amps_message_kind kind, std::string_view query_id,
                                   MessageHandler handler) {
  amps_message message = NewMessage(kind);
  message.query_id = TextOf(query_id);
  return {message, handler};
}

OwnedMessage OwnedMessage::Of(const Ack& ack, MessageHandler handler) {
  amps_message message = NewMessage(amps_message_ack);
  message.ack = static_cast<unsigned>(ack.type);
  message.has_sequence = ack.has_sequence ? 1 : 0;
  message.sequence = ack.sequence;
  message.matches = ack.matches;
  message.topic_matches = ack.topic_matches;
  message.records_returned = ack.records_returned;
  message.records_deleted = ack.records_deleted;
  message.command_id = TextOf(ack.command_id);
  message.sub_ids = TextOf(ack.sub_id);
  message.status = TextOf(ack.error == ErrorCode::kNone ? "success" : "failure");
  message.reason = TextOf(ack.reason);
  return {message, handler};
}

}  // namespace fluxgate
