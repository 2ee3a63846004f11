#include "core/base/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "core/base/strings.h"

namespace fluxgate {
namespace {

constexpr char kCodePayload[] = "fluxgate/code";
constexpr char kOffsetPayload[] = "fluxgate/offset";

struct Row {
  absl::StatusCode canonical;
  std::string_view reason;
};

// The table of grpc-api.md, one row per ErrorCode.
Row RowOf(ErrorCode code) {
  using C = absl::StatusCode;
  switch (code) {
    case ErrorCode::kNone:
      return {C::kOk, "OK"};
    case ErrorCode::kBadCommand:
      return {C::kInvalidArgument, "COMMAND_INVALID"};
    case ErrorCode::kBadFilter:
      return {C::kInvalidArgument, "FILTER_SYNTAX"};
    case ErrorCode::kBadTopic:
      return {C::kInvalidArgument, "TOPIC_INVALID"};
    case ErrorCode::kBadTopicPattern:
      return {C::kInvalidArgument, "TOPIC_PATTERN_SYNTAX"};
    case ErrorCode::kBadOption:
      return {C::kInvalidArgument, "OPTION_INVALID"};
    case ErrorCode::kBadBookmark:
      return {C::kInvalidArgument, "BOOKMARK_INVALID"};
    case ErrorCode::kBookmarkTruncated:
      return {C::kOutOfRange, "BOOKMARK_TRUNCATED"};
    case ErrorCode::kTopicUnknown:
      return {C::kNotFound, "TOPIC_UNKNOWN"};
    case ErrorCode::kTopicNotStored:
      return {C::kFailedPrecondition, "TOPIC_NOT_STORED"};
    case ErrorCode::kMessageType:
      return {C::kInvalidArgument, "MESSAGE_TYPE_UNKNOWN"};
    case ErrorCode::kAuthentication:
      return {C::kUnauthenticated, "AUTH_FAILED"};
    case ErrorCode::kNotEntitled:
      return {C::kPermissionDenied, "NOT_ENTITLED"};
    case ErrorCode::kNameInUse:
      return {C::kAlreadyExists, "NAME_IN_USE"};
    case ErrorCode::kSubscriptionExists:
      return {C::kAlreadyExists, "SUBSCRIPTION_EXISTS"};
    case ErrorCode::kSubscriptionUnknown:
      return {C::kNotFound, "SUBSCRIPTION_UNKNOWN"};
    case ErrorCode::kMalformedBody:
      return {C::kInvalidArgument, "MESSAGE_MALFORMED"};
    case ErrorCode::kMessageTooLarge:
      return {C::kInvalidArgument, "MESSAGE_TOO_LARGE"};
    case ErrorCode::kQuotaExceeded:
      return {C::kResourceExhausted, "QUOTA_EXCEEDED"};
    case ErrorCode::kSlowClient:
      return {C::kResourceExhausted, "SLOW_CONSUMER"};
    case ErrorCode::kDraining:
      return {C::kUnavailable, "DRAINING"};
    case ErrorCode::kStorageFull:
      return {C::kUnavailable, "STORAGE_FULL"};
    case ErrorCode::kStorageFailed:
      return {C::kUnavailable, "STORAGE_FAILED"};
    case ErrorCode::kStorageDamaged:
      return {C::kDataLoss, "STORAGE_DAMAGED"};
    case ErrorCode::kNotBuilt:
      return {C::kUnimplemented, "NOT_BUILT_YET"};
    case ErrorCode::kPending:
      return {C::kUnavailable, "PENDING"};
    case ErrorCode::kInternal:
      return {C::kInternal, "INTERNAL"};
  }
  return {C::kInternal, "INTERNAL"};
}

}  // namespace

absl::Status MakeError(ErrorCode code, std::string_view text) {
  absl::Status status(RowOf(code).canonical, ToAbsl(text));
  status.SetPayload(kCodePayload, absl::Cord(std::string(1, static_cast<char>(code))));
  return status;
}

absl::Status MakeErrorAt(ErrorCode code, std::string_view text, size_t offset) {
  absl::Status status = MakeError(code, text);
  status.SetPayload(kOffsetPayload, absl::Cord(std::to_string(offset)));
  return status;
}

ErrorCode ErrorCodeOf(const absl::Status& status) {
  if (status.ok()) return ErrorCode::kNone;
  const auto payload = status.GetPayload(kCodePayload);
  if (!payload.has_value()) return ErrorCode::kInternal;
  return static_cast<ErrorCode>(std::string(*payload)[0]);
}

int64_t ErrorOffsetOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kOffsetPayload);
  int64_t offset = -1;
  if (payload.has_value() && !absl::SimpleAtoi(std::string(*payload), &offset)) return -1;
  return offset;
}

std::string ErrorText(const absl::Status& status) { return std::string(status.message()); }

std::string_view ErrorReason(ErrorCode code) { return RowOf(code).reason; }

}  // namespace fluxgate
