// A published message as a command for the engine. Reactor thread.
#ifndef FLUXGATE_GATEWAY_GRPC_PUBLISH_COMMAND_H_
#define FLUXGATE_GATEWAY_GRPC_PUBLISH_COMMAND_H_

#include <string_view>

#include "absl/status/status.h"
#include "core/message/command.h"
#include "gateway/grpc/publish_decoder.h"

namespace fluxgate::grpc_api {

// Takes over delta and ttl. Errors: what a message may not ask for, that is what is not built, text
// that is not UTF-8, a message type other than `message_type`, a ttl that is none.
absl::Status TakePublishExtras(const PublishMessage& message, std::string_view message_type,
                               Command& command);

// Sets the fields of `command`, a publish command, to views into the request. Errors: as above.
inline absl::Status ToPublishCommand(const PublishMessage& message, std::string_view message_type,
                                     Command& command) {
  command.type = CommandType::kPublish;
  command.expiration_s = -1;
  if (message.HasExtras()) {
    absl::Status status = TakePublishExtras(message, message_type, command);
    if (!status.ok()) return status;
  }
  command.topic = message.topic;
  command.body = message.payload;
  command.sow_key = message.key;
  command.correlation_id = message.correlation_id;
  return absl::OkStatus();
}

// The longest duration there is: google/protobuf/duration.proto.
inline constexpr int64_t kTtlSecondsMax = 315'576'000'000;

// A command that ToPublishCommand can fill in, again and again.
inline Command NewPublishCommand() {
  Command command;
  command.type = CommandType::kPublish;
  command.has_sequence = true;
  return command;
}

// The sequences of one stream or call.
class SequenceCounter {
 public:
  // The number of the next message: `given`, or the one after the previous for 0.
  uint64_t Next(uint64_t given) { return given != 0 ? given : last_ + 1; }
  // kBadCommand when `sequence` does not rise; otherwise it is the last one now.
  absl::Status Advance(uint64_t sequence) {
    if (sequence <= last_) return NotRising(sequence);
    last_ = sequence;
    return absl::OkStatus();
  }
  uint64_t last() const { return last_; }

 private:
  absl::Status NotRising(uint64_t sequence) const;

  uint64_t last_ = 0;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_PUBLISH_COMMAND_H_
