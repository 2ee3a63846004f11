// How a GrpcClient queries and deletes: each a call of its own.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <charconv>

#include "client/cpp/grpc_client.h"
#include "core/base/error.h"
#include "core/base/strings.h"

namespace fluxgate::client {
namespace {

// A time as the `amps` protocol writes it: 20240321T220952.535075Z, UTC, with or without fraction
// and Z.
absl::Status ParseTime(std::string_view text, google::protobuf::Timestamp* time) {
  const absl::Status bad = MakeError(
      ErrorCode::kBadOption, fmt::format("'{}' is not a time such as 20261122T093000Z", text));
  if (text.ends_with('Z')) text.remove_suffix(1);
  const size_t point = text.find('.');
  const std::string whole(text.substr(0, point));
  constexpr size_t kWholeBytes = 15;
  struct tm utc {};
  const char* const end = strptime(whole.c_str(), "%Y%m%dT%H%M%S", &utc);
  if (whole.size() != kWholeBytes || end != whole.c_str() + kWholeBytes) return bad;
  time->set_seconds(timegm(&utc));
  if (point == std::string_view::npos) return absl::OkStatus();
  std::string fraction(text.substr(point + 1));
  constexpr size_t kNanosecondDigits = 9;
  if (fraction.empty() || fraction.size() > kNanosecondDigits) return bad;
  fraction.resize(kNanosecondDigits, '0');
  int32_t nanoseconds = 0;
  const char* const last = fraction.data() + fraction.size();
  if (fraction[0] == '-' || std::from_chars(fraction.data(), last, nanoseconds).ptr != last) {
    return bad;
  }
  time->set_nanos(nanoseconds);
  return absl::OkStatus();
}

// The calls take the first ones only: those to leave out are left out here, which means the same as
// long as there is an order.
absl::StatusOr<v1::QueryRequest> MakeRequest(const QueryRequest& request) {
  if (!request.keys.empty()) {
    return MakeError(ErrorCode::kNotBuilt, "a query by SOW keys over gRPC is not built yet");
  }
  if (request.skip_n != 0 && request.order_by.empty()) {
    return MakeError(ErrorCode::kBadOption, "skip_n over gRPC needs order_by");
  }
  v1::QueryRequest made;
  made.set_topic(request.topic);
  made.set_filter(request.filter);
  made.set_order_by(request.order_by);
  if (request.top_n != 0) {
    const uint64_t top_n = uint64_t{request.top_n} + request.skip_n;
    made.set_top_n(static_cast<uint32_t>(std::min<uint64_t>(top_n, UINT32_MAX)));
  }
  made.set_batch_size(request.batch_size);
  for (const std::string& field : request.fields) made.add_fields(field);
  if (!request.as_of.empty()) {
    absl::Status status = ParseTime(request.as_of, made.mutable_as_of()->mutable_at_time());
    if (!status.ok()) return status;
  }
  return made;
}

}  // namespace

absl::Status GrpcClient::Query(const QueryRequest& request,
                               absl::FunctionRef<bool(const Message&)> take) {
  if (!broken_.ok()) return broken_;
  const auto made = MakeRequest(request);
  if (!made.ok()) return made.status();
  grpc::ClientContext context;
  Prepare(context);
  // Of its own, so that each answer has its deadline and not all of them one.
  grpc::CompletionQueue queue;
  bool late = false;
  const auto done = [&] {
    void* tag = nullptr;
    bool ok = false;
    if (queue.AsyncNext(&tag, &ok, CommandDeadline()) == grpc::CompletionQueue::GOT_EVENT) {
      return ok;
    }
    late = true;
    context.TryCancel();
    queue.Next(&tag, &ok);
    return false;
  };
  const auto call = subscriber_->AsyncQuery(&context, *made, &queue, nullptr);
  uint64_t skip = request.skip_n;
  bool wanted = true, ended = false;
  v1::QueryResponse response;
  bool going = done();
  while (going && wanted && !ended) {
    call->Read(&response, nullptr);
    going = done();
    if (!going) break;
    ended = response.has_end();
    for (const v1::Message& record : response.batch().messages()) {
      if (skip != 0) {
        --skip;
        continue;
      }
      wanted = wanted && take({.kind = MessageKind::kRecord,
                               .topic = record.topic(),
                               .body = record.payload(),
                               .subscription_ids = {},
                               .sow_key = record.key(),
                               .reason = {}});
    }
  }
  if (!wanted) context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  done();
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
  if (!wanted) return absl::OkStatus();
  if (late) {
    return absl::DeadlineExceededError(
        fmt::format("query of '{}' was not answered by {} in time", request.topic, address_));
  }
  if (ended && status.ok()) return absl::OkStatus();
  return RefusalOf(fmt::format("query of '{}'", request.topic), status);
}

absl::StatusOr<uint64_t> GrpcClient::Delete(std::string_view topic,
                                            const DeleteSelector& selector) {
  if (!broken_.ok()) return broken_;
  if (absl::Status status = CheckSelector(selector); !status.ok()) return status;
  v1::DeleteRequest request;
  request.set_topic(topic.data(), topic.size());
  if (selector.keys.empty()) {
    request.set_filter(selector.filter);
  } else {
    for (const std::string& key : selector.keys) request.mutable_keys()->add_keys(key);
  }
  grpc::ClientContext context;
  Prepare(context);
  context.set_deadline(CommandDeadline());
  v1::DeleteResponse response;
  const grpc::Status status = publisher_->Delete(&context, request, &response);
  if (!status.ok()) return RefusalOf(fmt::format("delete from '{}'", topic), status);
  return response.deleted_count();
}

absl::Status GrpcClient::RefusalOf(std::string_view what, const grpc::Status& status) const {
  if (status.ok()) {
    return absl::UnavailableError(fmt::format("{} was not answered in full by {}", what, address_));
  }
  return absl::Status(
      static_cast<absl::StatusCode>(status.error_code()),
      ToAbsl(fmt::format("{} refused by {}: {}", what, address_, status.error_message())));
}

}  // namespace fluxgate::client
