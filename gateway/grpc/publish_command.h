// A published message as a command for the engine. Reactor thread.
#ifndef FLUXGATE_GATEWAY_GRPC_PUBLISH_COMMAND_H_
#define FLUXGATE_GATEWAY_GRPC_PUBLISH_COMMAND_H_

#include <string_view>

#include "absl/status/status.h"
#include "core/message/command.h"
#include "gateway/grpc/publish_decoder.h"

namespace fluxgate::grpc_api {

// Fills `command` with views into the request. Errors: what is not built, text that is not UTF-8, a
// message type other than `message_type`.
absl::Status ToPublishCommand(const PublishMessage& message, std::string_view message_type,
                              Command& command);

// The sequences of one stream or call.
class SequenceCounter {
 public:
  // The number of the next message: `given`, or the one after the previous for 0.
  uint64_t Next(uint64_t given) { return given != 0 ? given : last_ + 1; }
  // kBadCommand when `sequence` does not rise; otherwise it is the last one now.
  absl::Status Advance(uint64_t sequence);
  uint64_t last() const { return last_; }

 private:
  uint64_t last_ = 0;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_PUBLISH_COMMAND_H_
