// What went wrong, once, for every protocol: a closed list of reasons carried inside absl::Status.
// gRPC maps a reason to a status code and an ErrorInfo reason, `amps` to an ack's reason text.
#ifndef FLUXGATE_CORE_BASE_ERROR_H_
#define FLUXGATE_CORE_BASE_ERROR_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace fluxgate {

enum class ErrorCode : uint8_t {
  kNone = 0,
  kBadCommand,           // unknown command, missing or malformed header, command before logon
  kBadFilter,            // filter, order-by or expression does not parse
  kBadTopic,             // topic empty, too long, or a pattern where a literal is required
  kBadTopicPattern,      // regular expression over topic names does not compile
  kBadOption,            // unknown option or impossible value
  kBadBookmark,          // bookmark malformed
  kBookmarkTruncated,    // bookmark older than the log
  kTopicUnknown,         // unknown topic where topics are declared only
  kTopicNotStored,       // query on a topic without State of the World
  kMessageType,          // message type unknown or not allowed on this transport
  kAuthentication,       // no or bad credentials
  kNotEntitled,          // authenticated, but not allowed
  kNameInUse,            // another session holds the client name
  kSubscriptionExists,   // subscription id already in use on this session
  kSubscriptionUnknown,  // no such subscription on this session
  kMalformedBody,        // body is not of its message type, or over one of its limits
  kMessageTooLarge,      // body or frame over its limit
  kQuotaExceeded,        // too many subscriptions, connections, fields, ...
  kSlowClient,           // the session's outbox is full
  kDraining,             // the gateway is shutting down
  kStorageFull,          // no room on the disk
  kStorageFailed,        // a file cannot be read, written or locked
  kStorageDamaged,       // a file does not hold what was written
  kNotBuilt,             // announced, not built yet
  kPending,              // not run: what the user may do is being asked for (Engine::Execute)
  kInternal,             // our own bug
};

// A status that carries `code`. kNone is not allowed. `text` is for people, one line, no period.
absl::Status MakeError(ErrorCode code, std::string_view text);

// As above, for text in which position `offset` (bytes, 0-based) is to blame: filters, patterns.
absl::Status MakeErrorAt(ErrorCode code, std::string_view text, size_t offset);

// kNone for OK; kInternal for a status not made here.
ErrorCode ErrorCodeOf(const absl::Status& status);

// The offset given to MakeErrorAt, or -1.
int64_t ErrorOffsetOf(const absl::Status& status);

// The text given to MakeError.
std::string ErrorText(const absl::Status& status);

// Stable UPPER_SNAKE name, as in ErrorInfo.reason ("FILTER_SYNTAX").
std::string_view ErrorReason(ErrorCode code);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_ERROR_H_
