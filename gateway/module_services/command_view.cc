#include "gateway/module_services/command_view.h"

#include <fmt/format.h>

#include <string_view>

#include "core/base/error.h"
#include "core/module/raw_number.h"

namespace fluxgate {
namespace {

struct TextField {
  amps_text amps_command::*from;
  std::string_view Command::*to;
  bool is_of_session = false;  // who the client is
};

constexpr TextField kHeaderFields[] = {
    {&amps_command::topic, &Command::topic},
    {&amps_command::command_id, &Command::command_id},
    {&amps_command::sub_id, &Command::sub_id},
    {&amps_command::query_id, &Command::query_id},
    {&amps_command::filter, &Command::filter},
    {&amps_command::options, &Command::options},
    {&amps_command::bookmark, &Command::bookmark},
    {&amps_command::sow_key, &Command::sow_key},
    {&amps_command::sow_keys, &Command::sow_keys},
    {&amps_command::order_by, &Command::order_by},
    {&amps_command::correlation_id, &Command::correlation_id},
    {&amps_command::client_name, &Command::client_name, true},
    {&amps_command::user_id, &Command::user_id, true},
    {&amps_command::password, &Command::password, true},
    {&amps_command::message_type, &Command::message_type, true},
    {&amps_command::version, &Command::version, true},
};

static_assert(amps_command_logon == static_cast<int>(CommandType::kLogon));
static_assert(amps_command_publish == static_cast<int>(CommandType::kPublish));
static_assert(amps_command_delta_publish == static_cast<int>(CommandType::kDeltaPublish));
static_assert(amps_command_subscribe == static_cast<int>(CommandType::kSubscribe));
static_assert(amps_command_delta_subscribe == static_cast<int>(CommandType::kDeltaSubscribe));
static_assert(amps_command_sow == static_cast<int>(CommandType::kSow));
static_assert(amps_command_sow_and_subscribe == static_cast<int>(CommandType::kSowAndSubscribe));
static_assert(amps_command_sow_and_delta_subscribe ==
              static_cast<int>(CommandType::kSowAndDeltaSubscribe));
static_assert(amps_command_sow_delete == static_cast<int>(CommandType::kSowDelete));
static_assert(amps_command_unsubscribe == static_cast<int>(CommandType::kUnsubscribe));
static_assert(amps_command_flush == static_cast<int>(CommandType::kFlush));
static_assert(amps_command_heartbeat == static_cast<int>(CommandType::kHeartbeat));

constexpr unsigned kAllAcks = AMPS_ACK_RECEIVED | AMPS_ACK_PROCESSED | AMPS_ACK_PERSISTED |
                              AMPS_ACK_COMPLETED | AMPS_ACK_STATS;

absl::Status TooLarge(std::string_view what, uint64_t bytes, uint64_t bytes_max) {
  return MakeError(ErrorCode::kMessageTooLarge,
                   fmt::format("{} of {} bytes; at most {}", what, bytes, bytes_max));
}

absl::Status CheckType(int type, CommandGiver giver) {
  const bool is_protocol = giver == CommandGiver::kProtocol;
  const int first = is_protocol ? amps_command_logon : amps_command_publish;
  const int last = is_protocol ? amps_command_heartbeat : amps_command_flush;
  if (type >= first && type <= last) return absl::OkStatus();
  return MakeError(ErrorCode::kBadCommand,
                   fmt::format("{} is no command of {}", type,
                               is_protocol ? "a protocol" : "an embedded client"));
}

}  // namespace

absl::StatusOr<Command> ViewOf(const amps_command& command, CommandGiver giver,
                               const CommandLimits& limits) {
  const int type = RawNumber(command.type);
  if (absl::Status status = CheckType(type, giver); !status.ok()) return status;
  if ((command.acks & ~kAllAcks) != 0) {
    return MakeError(ErrorCode::kBadCommand, "there is no such ack");
  }
  Command view;
  uint64_t header_bytes = 0;
  for (const TextField& field : kHeaderFields) {
    if (field.is_of_session && giver == CommandGiver::kEmbeddedClient) continue;
    const amps_text& text = command.*field.from;
    if (text.data == nullptr && text.length > 0) {
      return MakeError(ErrorCode::kBadCommand, "text with a length and no address");
    }
    if (text.length > limits.header_bytes_max) {
      return TooLarge("a header", text.length, limits.header_bytes_max);
    }
    header_bytes += text.length;
    if (text.length > 0) view.*field.to = {text.data, text.length};
  }
  if (header_bytes > limits.header_bytes_max) {
    return TooLarge("a header", header_bytes, limits.header_bytes_max);
  }
  const amps_text& body = command.body;
  if (body.data == nullptr && body.length > 0) {
    return MakeError(ErrorCode::kBadCommand, "a body with a length and no address");
  }
  if (body.length > limits.body_bytes_max) {
    return TooLarge("a body", body.length, limits.body_bytes_max);
  }
  if (body.length > 0) view.body = {body.data, body.length};
  view.type = static_cast<CommandType>(type);
  view.acks.bits = static_cast<uint8_t>(command.acks);
  view.has_sequence = command.has_sequence != 0;
  view.sequence = command.sequence;
  view.batch_size = command.batch_size;
  view.top_n = command.top_n;
  view.expiration_s = command.expiration_s < 0 ? -1 : command.expiration_s;
  return view;
}

}  // namespace fluxgate
