#include "gateway/grpc/publish_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "fluxgate/v1/gateway.pb.h"
#include "gateway/grpc/publish_command.h"
#include "gateway/grpc/publish_decoder.h"
#include "gateway/grpc/status_mapping.h"
#include "gateway/grpc/wire_reader.h"
#include "gateway/grpc/wire_writer.h"

namespace fluxgate::grpc_api {
namespace {

constexpr char kResults = static_cast<char>(Tag(1, WireType::kBytes));

absl::Status Malformed() {
  return MakeError(ErrorCode::kBadCommand, "the request is not a valid PublishRequest");
}

// The whole request before any of it is published: a call that fails has published nothing.
absl::Status Check(std::string_view request, uint32_t messages_max, PublishEnvelope& envelope) {
  if (!DecodePublishEnvelope(request, envelope)) return Malformed();
  if (!IsValidUtf8(envelope.publisher_id)) {
    return MakeError(ErrorCode::kBadCommand, "publisher_id is not UTF-8");
  }
  if (envelope.ack_level > v1::AckLevel_MAX) {
    return MakeError(ErrorCode::kBadCommand, "ack_level has no such value");
  }
  if (envelope.message_count > messages_max) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("{} messages in one call; at most {}, or use PublishStream",
                                 envelope.message_count, messages_max));
  }
  PublishMessageReader messages(request);
  PublishMessage message;
  for (;;) {
    const auto result = messages.Next(message);
    if (result == PublishRead::kMalformed) return Malformed();
    if (result == PublishRead::kEnd) return absl::OkStatus();
  }
}

void AddResult(const absl::Status& status, std::string& response) {
  v1::PublishResult result;
  if (!status.ok()) ToProtoError(status, *result.mutable_error());
  const size_t size = result.ByteSizeLong();
  char length[kVarintBytesMax];
  response += kResults;
  response.append(length, WriteVarint(size, length));
  result.AppendToString(&response);
}

}  // namespace

std::optional<absl::Status> PublishCall::Run(std::string_view request, std::string& response) {
  const GrpcOptions& options = hub().options();
  PublishEnvelope envelope;
  if (absl::Status status = Check(request, options.publish_call_messages_max, envelope);
      !status.ok()) {
    return status;
  }
  const bool is_processed_enough = envelope.ack_level == v1::ACK_LEVEL_PROCESSED;
  uint64_t ticket = 0;  // with which all of it is durable
  if (hub().storage_behind()) {
    return MakeError(ErrorCode::kQuotaExceeded, "too much waits for the disk; try again");
  }
  auto session = hub().CallSession(principal());
  if (!session.ok()) return session.status();

  PublishMessage message;
  Command command = NewPublishCommand();
  if (hub().engine().has_authorities()) {
    // All is asked at once, and nothing published before all is known.
    bool is_known = true;
    PublishMessageReader ahead(request);
    while (ahead.Next(message) == PublishRead::kMessage) {
      if (!ToPublishCommand(message, options.message_type, command).ok()) continue;
      is_known &= hub().engine().IsAccessKnown(**session, command);
    }
    if (!is_known) return MakeError(ErrorCode::kPending, "what the user may do is being asked for");
  }
  PublishMessageReader messages(request);
  SequenceCounter sequences;
  while (messages.Next(message) == PublishRead::kMessage) {
    command.sequence = sequences.Next(message.sequence);
    absl::Status status = sequences.Advance(command.sequence);
    if (status.ok()) status = ToPublishCommand(message, options.message_type, command);
    if (status.ok()) status = hub().engine().Execute(**session, command);
    if (status.ok()) ticket = std::max(ticket, hub().engine().last_ticket());
    AddResult(status, response);
  }
  if (ticket == 0 || is_processed_enough) return absl::OkStatus();
  // Not from inside: the answer comes later in any case.
  hub().reactor().Post([self = shared_from_this(), ticket, response = std::move(response)] {
    auto& call = static_cast<PublishCall&>(*self);
    if (call.hub().shut_down()) return;
    call.hub().WhenStored(
        ticket, [weak = std::weak_ptr<UnaryCall>(self), response](const absl::Status& status) {
          if (const auto waiting = weak.lock()) waiting->Answer(status, response);
        });
  });
  return std::nullopt;
}

}  // namespace fluxgate::grpc_api
