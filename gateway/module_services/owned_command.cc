#include "gateway/module_services/owned_command.h"

#include <fmt/format.h>

#include <cstring>

#include "core/base/error.h"
#include "core/message/message_type.h"
#include "core/module/raw_number.h"

namespace fluxgate {
namespace {

struct TextField {
  amps_text amps_command::*from;
  std::string_view Command::*to;
};

// All but those of a logon, which there is none of.
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
};

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

constexpr unsigned kAllAcks = AMPS_ACK_RECEIVED | AMPS_ACK_PROCESSED | AMPS_ACK_PERSISTED |
                              AMPS_ACK_COMPLETED | AMPS_ACK_STATS;

bool Subscribes(CommandType type) {
  return type == CommandType::kSubscribe || type == CommandType::kDeltaSubscribe ||
         type == CommandType::kSowAndSubscribe || type == CommandType::kSowAndDeltaSubscribe;
}

absl::Status TooLarge(std::string_view what, uint64_t bytes, uint64_t bytes_max) {
  return MakeError(ErrorCode::kMessageTooLarge,
                   fmt::format("{} of {} bytes; at most {}", what, bytes, bytes_max));
}

}  // namespace

absl::StatusOr<OwnedCommand> OwnedCommand::Copy(const amps_command& command, std::string_view id,
                                                const CommandLimits& limits,
                                                MessageHandler handler) {
  const int type = RawNumber(command.type);
  if (type < amps_command_publish || type > amps_command_flush) {
    return MakeError(ErrorCode::kBadCommand,
                     fmt::format("{} is no command of an embedded client", type));
  }
  if ((command.acks & ~kAllAcks) != 0) {
    return MakeError(ErrorCode::kBadCommand, "there is no such ack");
  }
  size_t header_bytes = 0;
  for (const TextField& field : kHeaderFields) {
    const amps_text& text = command.*field.from;
    if (text.data == nullptr && text.length > 0) {
      return MakeError(ErrorCode::kBadCommand, "text with a length and no address");
    }
    if (text.length > limits.header_bytes_max) {
      return TooLarge("a header", text.length, limits.header_bytes_max);
    }
    header_bytes += text.length;
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

  OwnedCommand result;
  result.handler_ = handler;
  const size_t text_bytes = header_bytes + id.size() + body.length + kBodyPaddingBytes;
  result.bytes_ = text_bytes + sizeof(OwnedCommand);
  result.text_ = std::make_unique<char[]>(text_bytes);
  char* end = result.text_.get();
  const auto copy = [&end](const char* text, size_t length) {
    if (length > 0) std::memcpy(end, text, length);
    end += length;
    return std::string_view(end - length, length);
  };
  Command& to = result.command_;
  to.type = static_cast<CommandType>(type);
  to.acks.bits = static_cast<uint8_t>(command.acks);
  to.has_sequence = command.has_sequence != 0;
  to.sequence = command.sequence;
  to.batch_size = command.batch_size;
  to.top_n = command.top_n;
  to.expiration_s = command.expiration_s < 0 ? -1 : command.expiration_s;
  for (const TextField& field : kHeaderFields) {
    to.*field.to = copy((command.*field.from).data, (command.*field.from).length);
  }
  if (to.command_id.empty()) to.command_id = copy(id.data(), id.size());
  if (to.sub_id.empty() && Subscribes(to.type)) to.sub_id = to.command_id;
  to.body = copy(body.data, body.length);
  return result;
}

}  // namespace fluxgate
