#include "gateway/grpc/query_command.h"

#include <fmt/format.h>

#include <chrono>

#include "core/base/error.h"
#include "gateway/grpc/field_names.h"

namespace fluxgate::grpc_api {
namespace {

// As far as nanoseconds in 64 bits go.
constexpr int64_t kTimeSecondsMax = 9'000'000'000;

absl::StatusOr<std::string> BookmarkOf(const google::protobuf::Timestamp& time) {
  if (time.seconds() < 0 || time.seconds() > kTimeSecondsMax || time.nanos() < 0 ||
      time.nanos() >= 1'000'000'000) {
    return MakeError(ErrorCode::kBadOption, "as_of.at_time is not a time from 1970 on");
  }
  const std::chrono::sys_seconds seconds{std::chrono::seconds(time.seconds())};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     time.nanos() / 1000);
}

absl::Status NotBuilt(std::string_view feature) {
  return MakeError(ErrorCode::kNotBuilt, fmt::format("{} in a query is not built yet", feature));
}

}  // namespace

absl::StatusOr<Command> QueryCommand(const v1::QueryRequest& request, QueryCommandText& text) {
  text = {};
  Command command;
  command.type = CommandType::kSow;
  command.query_id = "1";
  command.topic = request.topic();
  command.filter = request.filter();
  command.order_by = request.order_by();
  command.top_n = request.top_n();
  command.batch_size = request.batch_size();
  using Position = v1::StartPosition;
  switch (request.as_of().position_case()) {
    case Position::kAtTime: {
      auto bookmark = BookmarkOf(request.as_of().at_time());
      if (!bookmark.ok()) return bookmark.status();
      text.bookmark = *std::move(bookmark);
      break;
    }
    case Position::kAfterBookmark:
      return NotBuilt("as_of.after_bookmark");
    case Position::kEarliest:
      return NotBuilt("as_of.earliest");
    case Position::kMostRecent:
      return NotBuilt("as_of.most_recent");
    case Position::kNow:
    case Position::POSITION_NOT_SET:
      break;
  }
  if (!request.fields().empty()) {
    if (absl::Status status = CheckFieldNames(request.fields()); !status.ok()) return status;
    text.options = SelectOption(request.fields());
  }
  command.bookmark = text.bookmark;
  command.options = text.options;
  return command;
}

std::string_view QueryFieldToBlame(const v1::QueryRequest& request, const absl::Status& error) {
  switch (ErrorCodeOf(error)) {
    case ErrorCode::kBadFilter:
      if (request.order_by().empty()) return "filter";
      return request.filter().empty() ? "order_by" : "";
    case ErrorCode::kBadTopic:
    case ErrorCode::kBadTopicPattern:
      return "topic";
    case ErrorCode::kBadBookmark:
      return "as_of";
    case ErrorCode::kBadOption:
      return request.as_of().has_at_time() && request.fields().empty() ? "as_of" : "fields";
    default:
      return {};
  }
}

}  // namespace fluxgate::grpc_api
