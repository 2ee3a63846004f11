#include "gateway/module_services/owned_command.h"

#include <cstring>

#include "core/message/message_type.h"

namespace fluxgate {
namespace {

// The body last: what is read behind it is padding.
constexpr std::string_view Command::*kTexts[] = {
    &Command::topic,    &Command::command_id, &Command::sub_id,         &Command::query_id,
    &Command::filter,   &Command::options,    &Command::bookmark,       &Command::sow_key,
    &Command::sow_keys, &Command::order_by,   &Command::correlation_id, &Command::body,
};

bool Subscribes(CommandType type) {
  return type == CommandType::kSubscribe || type == CommandType::kDeltaSubscribe ||
         type == CommandType::kSowAndSubscribe || type == CommandType::kSowAndDeltaSubscribe;
}

}  // namespace

absl::StatusOr<OwnedCommand> OwnedCommand::Copy(const amps_command& command, std::string_view id,
                                                const CommandLimits& limits,
                                                MessageHandler handler) {
  const absl::StatusOr<Command> view = ViewOf(command, CommandGiver::kEmbeddedClient, limits);
  if (!view.ok()) return view.status();
  OwnedCommand result;
  result.handler_ = handler;
  result.command_ = *view;
  Command& to = result.command_;
  if (to.command_id.empty()) to.command_id = id;
  size_t text_bytes = kBodyPaddingBytes;
  for (const auto text : kTexts) text_bytes += (to.*text).size();
  result.bytes_ = text_bytes + sizeof(OwnedCommand);
  result.text_ = std::make_unique<char[]>(text_bytes);
  char* end = result.text_.get();
  for (const auto text : kTexts) {
    const std::string_view from = to.*text;
    if (!from.empty()) std::memcpy(end, from.data(), from.size());
    to.*text = {end, from.size()};
    end += from.size();
  }
  if (to.sub_id.empty() && Subscribes(to.type)) to.sub_id = to.command_id;
  return result;
}

}  // namespace fluxgate
