// A command of a module, copied, with who wants its answers. Any thread, one at a time.
#ifndef FLUXGATE_GATEWAY_MODULE_SERVICES_OWNED_COMMAND_H_
#define FLUXGATE_GATEWAY_MODULE_SERVICES_OWNED_COMMAND_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "amps_api.h"
#include "core/message/command.h"
#include "gateway/module_services/command_view.h"

namespace fluxgate {

// Whom messages go to; function null: nobody.
struct MessageHandler {
  bool operator==(const MessageHandler&) const = default;

  amps_message_handler function = nullptr;
  void* user_data = nullptr;
};

class OwnedCommand {
 public:
  // `id` stands for a command id that is missing, and that for a subscription's. kBadCommand: not a
  // command that a client gives, or text that is nowhere; kMessageTooLarge.
  static absl::StatusOr<OwnedCommand> Copy(const amps_command& command, std::string_view id,
                                           const CommandLimits& limits, MessageHandler handler);

  const Command& command() const { return command_; }
  const MessageHandler& handler() const { return handler_; }
  size_t bytes() const { return bytes_; }  // that it holds

 private:
  OwnedCommand() = default;

  Command command_;
  MessageHandler handler_;
  std::unique_ptr<char[]> text_;
  size_t bytes_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULE_SERVICES_OWNED_COMMAND_H_
