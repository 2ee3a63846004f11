#include "gateway/grpc/delete_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/error.h"
#include "core/message/message_type.h"
#include "fluxgate/v1/gateway.pb.h"
#include "gateway/grpc/status_mapping.h"

namespace fluxgate::grpc_api {
namespace {

constexpr size_t kShownBytesMax = 64;

// Keys are letters, digits and `+/=-_.`: one with anything else is no record's, and would be taken
// for several.
bool MayBeKey(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("+/=-_.").find(c) != std::string_view::npos;
  });
}

absl::StatusOr<std::string> JoinKeys(const v1::KeyList& list) {
  std::string joined;
  for (const std::string& key : list.keys()) {
    if (!MayBeKey(key)) {
      return MakeError(ErrorCode::kBadCommand,
                       fmt::format("'{}' is no key", CleanText(key, kShownBytesMax)));
    }
    if (!joined.empty()) joined += ',';
    joined += key;
  }
  return joined;
}

}  // namespace

std::optional<absl::Status> DeleteCall::Run(std::string_view request, std::string&) {
  v1::DeleteRequest parsed;
  if (request.size() > hub().options().command_request_bytes_max) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("a request with commands has at most {} bytes",
                                 hub().options().command_request_bytes_max));
  }
  if (!parsed.ParseFromArray(request.data(), static_cast<int>(request.size()))) {
    return MakeError(ErrorCode::kBadCommand, "the request is not a valid DeleteRequest");
  }
  Command command;
  command.type = CommandType::kSowDelete;
  command.acks.add(AckType::kStats);
  command.command_id = "1";
  command.topic = parsed.topic();
  command.options = "non_regex_topic";
  std::string keys;
  switch (parsed.selector_case()) {
    case v1::DeleteRequest::kFilter:
      command.filter = parsed.filter();
      break;
    case v1::DeleteRequest::kKeys: {
      auto joined = JoinKeys(parsed.keys());
      if (!joined.ok()) return joined.status();
      keys = *std::move(joined);
      command.sow_keys = keys;
      break;
    }
    case v1::DeleteRequest::kExample: {
      std::string& example = *parsed.mutable_example();
      const size_t size = example.size();
      example.resize(size + kBodyPaddingBytes);
      command.body = std::string_view(example).substr(0, size);
      break;
    }
    case v1::DeleteRequest::SELECTOR_NOT_SET:
      break;  // the engine says what is missing
  }
  if (session_ == nullptr) {
    auto session = hub().OpenSession(*this, {}, principal());
    if (!session.ok()) return session.status();
    session_ = *session;
  }
  if (absl::Status status = hub().engine().Execute(*session_, command); !status.ok()) {
    if (ErrorCodeOf(status) != ErrorCode::kPending) Release();
    return status;
  }
  return std::nullopt;
}

void DeleteCall::OnAccessKnown() {
  hub().reactor().Post([self = shared_from_this()] { self->Retry(); });
}

std::string_view DeleteCall::FieldToBlame(const absl::Status& error) const {
  switch (ErrorCodeOf(error)) {
    case ErrorCode::kBadFilter:
      return "filter";
    case ErrorCode::kBadTopic:
      return "topic";
    case ErrorCode::kMalformedBody:
      return "example";
    default:
      return {};
  }
}

// Inside the engine: the session cannot be closed yet.
void DeleteCall::Acknowledge(const Ack& ack) {
  if (ack.type != AckType::kStats) return;
  v1::DeleteResponse response;
  response.set_matched_count(ack.matches);
  response.set_deleted_count(ack.records_deleted);
  hub().reactor().Post([self = shared_from_this(), response = response.SerializeAsString(),
                        ticket = hub().engine().last_ticket()] {
    auto& call = static_cast<DeleteCall&>(*self);
    if (call.hub().shut_down()) return;
    call.hub().WhenStored(
        ticket, [weak = std::weak_ptr<UnaryCall>(self), response](const absl::Status& status) {
          if (const auto waiting = weak.lock()) waiting->Answer(status, response);
        });
  });
}

void DeleteCall::Release() {
  if (session_ != nullptr) hub().CloseSession(std::exchange(session_, nullptr));
}

}  // namespace fluxgate::grpc_api
