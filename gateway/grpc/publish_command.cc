#include "gateway/grpc/publish_command.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "gateway/grpc/status_mapping.h"

namespace fluxgate::grpc_api {
namespace {

absl::Status NotBuilt(std::string_view feature) {
  return MakeError(ErrorCode::kNotBuilt, fmt::format("{} on publish is not built yet", feature));
}

}  // namespace

absl::Status TakePublishExtras(const PublishMessage& message, std::string_view message_type,
                               Command& command) {
  if (message.has_headers) return NotBuilt("headers");
  for (const std::string_view text : {message.key, message.correlation_id, message.message_type}) {
    if (!text.empty() && !IsValidUtf8(text)) {
      return MakeError(ErrorCode::kBadCommand, "key, correlation_id or message_type is not UTF-8");
    }
  }
  if (!message.message_type.empty() && message.message_type != message_type) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} is not the topic's, which is {}",
                                 CleanText(message.message_type, 64), message_type));
  }
  if (message.has_ttl) {
    constexpr int32_t kNanosPerSecond = 1'000'000'000;
    if (message.ttl_seconds < 0 || message.ttl_seconds > kTtlSecondsMax || message.ttl_nanos < 0 ||
        message.ttl_nanos >= kNanosPerSecond) {
      return MakeError(ErrorCode::kBadCommand,
                       fmt::format("ttl is not a time from 0 to {} s", kTtlSecondsMax));
    }
    command.expiration_s = message.ttl_seconds + (message.ttl_nanos > 0 ? 1 : 0);
  }
  if (message.delta) command.type = CommandType::kDeltaPublish;
  return absl::OkStatus();
}

absl::Status SequenceCounter::NotRising(uint64_t sequence) const {
  return MakeError(ErrorCode::kBadCommand,
                   fmt::format("sequence {} does not rise above {}", sequence, last_));
}

}  // namespace fluxgate::grpc_api
