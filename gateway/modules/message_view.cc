#include "gateway/modules/message_view.h"

#include <string_view>

namespace fluxgate {
namespace {

amps_text TextOf(std::string_view text) {
  return {text.empty() ? nullptr : text.data(), text.size()};
}

std::optional<amps_message_kind> KindOf(amps::ServerMessageType type) {
  switch (type) {
    case amps::ServerMessageType::kPublish:
      return amps_message_publish;
    case amps::ServerMessageType::kSow:
      return amps_message_sow;
    case amps::ServerMessageType::kOof:
      return amps_message_oof;
    case amps::ServerMessageType::kGroupBegin:
      return amps_message_group_begin;
    case amps::ServerMessageType::kGroupEnd:
      return amps_message_group_end;
    case amps::ServerMessageType::kAck:
      return amps_message_ack;
    case amps::ServerMessageType::kHeartbeat:
      return amps_message_heartbeat;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<amps_message> ViewOf(const amps::ServerMessage& message) {
  const std::optional<amps_message_kind> kind = KindOf(message.type);
  if (!kind.has_value()) return std::nullopt;
  amps_message view = {};
  view.size = sizeof view;
  view.kind = *kind;
  view.ack = message.ack.bits;
  view.has_sequence = message.has_sequence ? 1 : 0;
  view.sequence = message.sequence;
  view.matches = message.matches;
  view.topic_matches = message.topic_matches;
  view.records_returned = message.records_returned;
  view.records_deleted = message.records_deleted;
  view.topic = TextOf(message.topic);
  view.body = TextOf(message.body);
  view.sub_ids = TextOf(message.sub_ids.empty() ? message.sub_id : message.sub_ids);
  view.query_id = TextOf(message.query_id);
  view.sow_key = TextOf(message.sow_key);
  view.correlation_id = TextOf(message.correlation_id);
  view.timestamp = TextOf(message.timestamp);
  view.command_id = TextOf(message.command_id);
  view.status = TextOf(message.status);
  view.reason = TextOf(message.reason);
  view.client_name = TextOf(message.client_name);
  view.user_id = TextOf(message.user_id);
  view.password = TextOf(message.password);
  view.version = TextOf(message.version);
  return view;
}

amps_message ViewOfRecord(const amps_message& frame, const amps::RecordFrame::Record& record) {
  amps_message view = frame;
  view.sow_key = TextOf(record.sow_key);
  view.timestamp = TextOf(record.timestamp);
  view.body = TextOf(record.body);
  return view;
}

}  // namespace fluxgate
