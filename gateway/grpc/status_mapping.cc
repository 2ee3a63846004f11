#include "gateway/grpc/status_mapping.h"

#include <map>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace fluxgate::grpc_api {
namespace {

constexpr int kQuotaRetrySeconds = 1;

std::string_view FieldToBlame(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadFilter:
      return "spec.filter";
    case ErrorCode::kBadTopic:
    case ErrorCode::kBadTopicPattern:
      return "spec.topic";
    case ErrorCode::kBadBookmark:
      return "spec.start.after_bookmark";
    case ErrorCode::kBadOption:
      return "spec";
    default:
      return {};
  }
}

std::map<std::string, std::string> Metadata(const absl::Status& status) {
  std::map<std::string, std::string> metadata;
  if (const int64_t offset = ErrorOffsetOf(status); offset >= 0) {
    metadata["offset"] = std::to_string(offset);
  }
  return metadata;
}

size_t CharacterBytes(std::string_view text) {
  for (size_t size = 1; size <= 4 && size <= text.size(); ++size) {
    if (IsValidUtf8(text.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace

std::string CleanText(std::string_view text, size_t bytes_max) {
  std::string clean;
  while (!text.empty()) {
    const size_t size = CharacterBytes(text);
    if (clean.size() + std::max<size_t>(size, 1) > bytes_max) break;
    if (size == 0) {
      clean += '?';
    } else {
      clean += text.substr(0, size);
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return clean;
}

grpc::Status ToGrpcStatus(const absl::Status& status, std::optional<std::string_view> field) {
  if (status.ok()) return grpc::Status::OK;
  const ErrorCode code = ErrorCodeOf(status);
  const std::string text = CleanText(ErrorText(status), kErrorTextBytesMax);

  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(text);

  google::rpc::ErrorInfo info;
  info.set_reason(std::string(ErrorReason(code)));
  info.set_domain(kErrorDomain);
  for (const auto& [name, value] : Metadata(status)) (*info.mutable_metadata())[name] = value;
  details.add_details()->PackFrom(info);

  if (!field.has_value()) field = FieldToBlame(code);
  if (status.code() == absl::StatusCode::kInvalidArgument && !field->empty()) {
    google::rpc::BadRequest bad_request;
    auto& violation = *bad_request.add_field_violations();
    violation.set_field(std::string(*field));
    const int64_t offset = ErrorOffsetOf(status);
    violation.set_description(offset < 0 ? text
                                         : text + " (at offset " + std::to_string(offset) + ")");
    details.add_details()->PackFrom(bad_request);
  }
  if (code == ErrorCode::kQuotaExceeded) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(kQuotaRetrySeconds);
    details.add_details()->PackFrom(retry);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), text,
                      details.SerializeAsString());
}

void ToProtoError(const absl::Status& status, v1::Error& error) {
  error.set_code(static_cast<int>(status.code()));
  error.set_reason(std::string(ErrorReason(ErrorCodeOf(status))));
  error.set_message(CleanText(ErrorText(status), kErrorTextBytesMax));
  for (const auto& [name, value] : Metadata(status)) (*error.mutable_metadata())[name] = value;
}

}  // namespace fluxgate::grpc_api
