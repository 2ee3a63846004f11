// A command that a module gives, checked: as the engine and the codec know commands. Any thread.
#ifndef FLUXGATE_GATEWAY_MODULE_SERVICES_COMMAND_VIEW_H_
#define FLUXGATE_GATEWAY_MODULE_SERVICES_COMMAND_VIEW_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "amps_command.h"
#include "core/message/command.h"

namespace fluxgate {

struct CommandLimits {
  uint64_t body_bytes_max = 16ull << 20;
  uint64_t header_bytes_max = 128ull << 10;  // all text but the body
};

enum class CommandGiver : uint8_t {
  kEmbeddedClient,  // neither logs on nor sends heartbeats; what belongs to that is left out
  kProtocol,
};

// Its text is that of `command`; no padding follows the body. kBadCommand: not a command that this
// giver may give, or text that is nowhere; kMessageTooLarge.
absl::StatusOr<Command> ViewOf(const amps_command& command, CommandGiver giver,
                               const CommandLimits& limits);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULE_SERVICES_COMMAND_VIEW_H_
