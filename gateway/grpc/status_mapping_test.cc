#include "gateway/grpc/status_mapping.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace fluxgate::grpc_api {
namespace {

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

template <typename Detail>
std::optional<Detail> Find(const grpc::Status& status) {
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& any : details.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

struct Row {
  ErrorCode code;
  grpc::StatusCode grpc_code;
  const char* reason;
};

class Table : public testing::TestWithParam<Row> {};

TEST_P(Table, CodeAndReason) {
  const Row& row = GetParam();
  const grpc::Status status = ToGrpcStatus(MakeError(row.code, "what happened"));
  EXPECT_EQ(status.error_code(), row.grpc_code);
  EXPECT_EQ(status.error_message(), "what happened");
  EXPECT_EQ(DetailsOf(status).code(), row.grpc_code);
  const auto info = Find<google::rpc::ErrorInfo>(status);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->reason(), row.reason);
  EXPECT_EQ(info->domain(), "fluxgate");
  EXPECT_EQ(Find<google::rpc::RetryInfo>(status).has_value(),
            row.code == ErrorCode::kQuotaExceeded);

  v1::Error error;
  ToProtoError(MakeError(row.code, "what happened"), error);
  EXPECT_EQ(error.code(), row.grpc_code);
  EXPECT_EQ(error.reason(), row.reason);
  EXPECT_EQ(error.message(), "what happened");
}

using enum grpc::StatusCode;

INSTANTIATE_TEST_SUITE_P(
    EveryError, Table,
    testing::Values(Row{ErrorCode::kBadCommand, INVALID_ARGUMENT, "COMMAND_INVALID"},
                    Row{ErrorCode::kBadFilter, INVALID_ARGUMENT, "FILTER_SYNTAX"},
                    Row{ErrorCode::kBadTopic, INVALID_ARGUMENT, "TOPIC_INVALID"},
                    Row{ErrorCode::kBadTopicPattern, INVALID_ARGUMENT, "TOPIC_PATTERN_SYNTAX"},
                    Row{ErrorCode::kBadOption, INVALID_ARGUMENT, "OPTION_INVALID"},
                    Row{ErrorCode::kBadBookmark, INVALID_ARGUMENT, "BOOKMARK_INVALID"},
                    Row{ErrorCode::kBookmarkTruncated, OUT_OF_RANGE, "BOOKMARK_TRUNCATED"},
                    Row{ErrorCode::kTopicUnknown, NOT_FOUND, "TOPIC_UNKNOWN"},
                    Row{ErrorCode::kTopicNotStored, FAILED_PRECONDITION, "TOPIC_NOT_STORED"},
                    Row{ErrorCode::kMessageType, INVALID_ARGUMENT, "MESSAGE_TYPE_UNKNOWN"},
                    Row{ErrorCode::kAuthentication, UNAUTHENTICATED, "AUTH_FAILED"},
                    Row{ErrorCode::kNotEntitled, PERMISSION_DENIED, "NOT_ENTITLED"},
                    Row{ErrorCode::kNameInUse, ALREADY_EXISTS, "NAME_IN_USE"},
                    Row{ErrorCode::kSubscriptionExists, ALREADY_EXISTS, "SUBSCRIPTION_EXISTS"},
                    Row{ErrorCode::kSubscriptionUnknown, NOT_FOUND, "SUBSCRIPTION_UNKNOWN"},
                    Row{ErrorCode::kMalformedBody, INVALID_ARGUMENT, "MESSAGE_MALFORMED"},
                    Row{ErrorCode::kMessageTooLarge, INVALID_ARGUMENT, "MESSAGE_TOO_LARGE"},
                    Row{ErrorCode::kQuotaExceeded, RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED"},
                    Row{ErrorCode::kSlowClient, RESOURCE_EXHAUSTED, "SLOW_CONSUMER"},
                    Row{ErrorCode::kDraining, UNAVAILABLE, "DRAINING"},
                    Row{ErrorCode::kStorageFull, UNAVAILABLE, "STORAGE_FULL"},
                    Row{ErrorCode::kStorageFailed, UNAVAILABLE, "STORAGE_FAILED"},
                    Row{ErrorCode::kStorageDamaged, DATA_LOSS, "STORAGE_DAMAGED"},
                    Row{ErrorCode::kNotBuilt, UNIMPLEMENTED, "NOT_BUILT_YET"},
                    Row{ErrorCode::kInternal, INTERNAL, "INTERNAL"}),
    [](const auto& info) { return std::string(info.param.reason); });

TEST(StatusMapping, OkStaysOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(StatusMapping, AForeignStatusIsInternal) {
  const grpc::Status status = ToGrpcStatus(absl::InternalError("x"));
  EXPECT_EQ(status.error_code(), INTERNAL);
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(status)->reason(), "INTERNAL");
}

TEST(StatusMapping, FilterErrorsNameTheFieldAndTheOffset) {
  const absl::Status error = MakeErrorAt(ErrorCode::kBadFilter, "expected a value", 7);
  const grpc::Status status = ToGrpcStatus(error);
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(status)->metadata().at("offset"), "7");
  const auto bad_request = Find<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad_request.has_value());
  ASSERT_EQ(bad_request->field_violations_size(), 1);
  EXPECT_EQ(bad_request->field_violations(0).field(), "spec.filter");
  EXPECT_EQ(bad_request->field_violations(0).description(), "expected a value (at offset 7)");

  v1::Error in_stream;
  ToProtoError(error, in_stream);
  EXPECT_EQ(in_stream.metadata().at("offset"), "7");
}

TEST(StatusMapping, AGivenFieldIsNamed) {
  const grpc::Status status =
      ToGrpcStatus(MakeError(ErrorCode::kBadCommand, "no"), "open.publisher_id");
  EXPECT_EQ(Find<google::rpc::BadRequest>(status)->field_violations(0).field(),
            "open.publisher_id");
}

TEST(StatusMapping, TextsAreCutAndClean) {
  const std::string at_limit(kErrorTextBytesMax, 'x');
  EXPECT_EQ(ToGrpcStatus(MakeError(ErrorCode::kBadFilter, at_limit)).error_message(), at_limit);
  EXPECT_EQ(ToGrpcStatus(MakeError(ErrorCode::kBadFilter, at_limit + "y")).error_message(),
            at_limit);
  const grpc::Status status = ToGrpcStatus(MakeError(ErrorCode::kBadFilter,
                                                     "a\xFF"
                                                     "b"));
  EXPECT_EQ(status.error_message(), "a?b");
}

TEST(StatusMapping, CleanTextCutsBetweenCharacters) {
  EXPECT_EQ(CleanText("a\xC3\xA9", 3), "a\xC3\xA9");
  EXPECT_EQ(CleanText("a\xC3\xA9", 2), "a");
  EXPECT_EQ(CleanText("\xC3", 5), "?");
  EXPECT_TRUE(IsValidUtf8(CleanText("\xF0\x9F\x98\x80\xF0\x9F", 100)));
}

}  // namespace
}  // namespace fluxgate::grpc_api
