#include "gateway/grpc/publish_stream.h"

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "gateway/grpc/limits.h"
#include "gateway/grpc/status_mapping.h"
#include "gateway/grpc/wire_reader.h"
#include "gateway/grpc/wire_writer.h"

namespace fluxgate::grpc_api {
namespace {

absl::Status Malformed() {
  return MakeError(ErrorCode::kBadCommand, "the request is not a valid PublishStreamRequest");
}

}  // namespace

PublishStream::PublishStream(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context)
    : Stream(hub, context,
             {.request_bytes_max = hub->options().request_bytes_max, .held_back = true}) {}

bool PublishStream::OnRequest(std::string_view request) {
  if (!messages_.has_value() && !BeginRequest(request)) return true;
  if (!PublishAll()) return false;
  messages_.reset();
  if (ended()) return true;
  if (envelope_.flush_id.has_value()) {
    // Everything before it has been published; the ack of it goes first, into the same response.
    FinishEncoding();
    v1::PublishStreamResponse response;
    response.add_flushed()->set_flush_id(*envelope_.flush_id);
    Send(response);
  }
  return true;
}

bool PublishStream::BeginRequest(std::string_view request) {
  if (!DecodePublishStreamEnvelope(request, envelope_)) {
    End(Malformed());
    return false;
  }
  if (session() == nullptr) {
    OpenFrom(envelope_);
    if (ended()) return false;
  } else if (envelope_.has_open) {
    End(MakeError(ErrorCode::kBadCommand, "only the first request of a stream may open it"),
        "open");
    return false;
  }
  messages_.emplace(request);
  return true;
}

void PublishStream::OpenFrom(const PublishEnvelope& envelope) {
  if (!IsValidUtf8(envelope.publisher_id)) {
    return End(MakeError(ErrorCode::kBadCommand, "publisher_id is not UTF-8"), "open.publisher_id");
  }
  if (envelope.ack_level > v1::AckLevel_MAX) {
    return End(MakeError(ErrorCode::kBadCommand, "ack_level has no such value"), "open.ack_level");
  }
  ack_level_ = static_cast<v1::AckLevel>(envelope.ack_level);
  if (absl::Status status = OpenSession(envelope.publisher_id); !status.ok()) return End(status);
  v1::PublishStreamResponse response;
  *response.mutable_opened()->mutable_limits() = LimitsOf(hub());
  Send(response);
}

// False: more is left, but other work comes first.
bool PublishStream::PublishAll() {
  PublishMessage message;
  while (!ended()) {
    if (!TakeSlice(1)) return false;
    switch (messages_->Next(message)) {
      case PublishMessageReader::Result::kMessage:
        Publish(message);
        break;
      case PublishMessageReader::Result::kEnd:
        return true;
      case PublishMessageReader::Result::kMalformed:
        End(Malformed());
        return true;
    }
  }
  return true;
}

void PublishStream::Publish(const PublishMessage& message) {
  const uint64_t sequence = sequences_.Next(message.sequence);
  Command command;
  absl::Status status = sequences_.Advance(sequence);
  if (status.ok()) status = ToPublishCommand(message, hub().options().message_type, command);
  if (status.ok()) {
    command.has_sequence = true;
    command.sequence = sequence;
    status = hub().engine().Execute(*session(), command);
  }
  if (status.ok()) {
    MarkDirty();
  } else {
    Refuse(sequence, status);
  }
}

void PublishStream::Refuse(uint64_t sequence, const absl::Status& status) {
  v1::PublishStreamResponse response;
  v1::PublishFailure& failure = *response.mutable_ack()->add_failures();
  failure.set_sequence(sequence);
  ToProtoError(status, *failure.mutable_error());
  Send(response);
}

// Responses that are written one after the other merge into one: failures and flushes add up, of
// the sequences the last one counts.
void PublishStream::Send(const v1::PublishStreamResponse& response) {
  const size_t size = response.ByteSizeLong();
  char* to = out_.Reserve(size);
  response.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(to));
  out_.Commit(to + size);
  Written();
}

void PublishStream::FinishEncoding() {
  const uint64_t last = sequences_.last();
  if (last == acked_sequence_ || ack_level_ == v1::ACK_LEVEL_NONE) return;
  acked_sequence_ = last;
  constexpr uint8_t kAck = Tag(2, WireType::kBytes);
  constexpr uint8_t kUpToSequence = Tag(1, WireType::kVarint);
  char* to = out_.Reserve(3 + kVarintBytesMax);
  *to++ = static_cast<char>(kAck);
  *to++ = static_cast<char>(1 + VarintSize(last));
  *to++ = static_cast<char>(kUpToSequence);
  out_.Commit(WriteVarint(last, to));
}

void PublishStream::OnEndOfBatch() {
  if (ending_for_drain_ && !HasRequests()) EndForDrain();
}

void PublishStream::OnHalfClose() { End(absl::OkStatus()); }

void PublishStream::SayGoAway(int64_t grace_ns) {
  if (ended()) return;
  v1::PublishStreamResponse response;
  *response.mutable_go_away() = MakeGoAway(grace_ns);
  Send(response);
}

void PublishStream::EndForDrain() {
  StopReading();
  if (HasRequests()) {
    ending_for_drain_ = true;
    return;
  }
  End(MakeError(ErrorCode::kDraining, "the gateway is shutting down"));
}

}  // namespace fluxgate::grpc_api
