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
  if (!reader_.has_value()) {
    if (session() == nullptr) OpenFrom(request);
    if (ended()) return true;
    reader_.emplace(request);
  }
  if (!PublishAll()) return false;
  const std::optional<uint64_t> flush_id = reader_->envelope().flush_id;
  reader_.reset();
  first_request_ = false;
  if (flush_id.has_value() && !ended()) {
    if (unstored_.empty()) {
      Answer(*flush_id);
    } else {
      waiting_flushes_.push_back({*flush_id, sequences_.last()});
    }
  }
  return true;
}

void PublishStream::OnStored() {
  Engine& engine = hub().engine();
  while (!unstored_.empty() && unstored_.front().ticket <= engine.durable_ticket()) {
    unstored_.pop_front();
  }
  while (!waiting_flushes_.empty() && waiting_flushes_.front().sequence <= reached() && !ended()) {
    Answer(waiting_flushes_.front().flush_id);
    waiting_flushes_.pop_front();
  }
  MarkDirty();
  if (unstored_.empty()) return;
  if (const absl::Status failed = engine.storage_status(); !failed.ok()) return End(failed);
  engine.WatchStored(*session());
}

// Everything before the flush has been published; its ack goes first, into the same response.
void PublishStream::Answer(uint64_t flush_id) {
  FinishEncoding();
  v1::PublishStreamResponse response;
  response.add_flushed()->set_flush_id(flush_id);
  Send(response);
}

void PublishStream::OpenFrom(std::string_view first_request) {
  PublishEnvelope envelope;
  if (!DecodePublishStreamEnvelope(first_request, envelope)) return End(Malformed());
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
    if (command_waits_) {
      RunCommand();
      if (command_waits_) return false;
      continue;
    }
    switch (reader_->Next(message)) {
      case PublishRead::kMessage:
        Publish(message);
        if (command_waits_) return false;
        break;
      case PublishRead::kEnd:
        return true;
      case PublishRead::kMalformed:
        End(Malformed());
        break;
      case PublishRead::kOpen:
        if (first_request_) break;
        End(MakeError(ErrorCode::kBadCommand, "only the first request of a stream may open it"),
            "open");
        break;
    }
  }
  return true;
}

void PublishStream::Publish(const PublishMessage& message) {
  command_.sequence = sequences_.Next(message.sequence);
  absl::Status status = sequences_.Advance(command_.sequence);
  if (status.ok()) status = ToPublishCommand(message, hub().options().message_type, command_);
  if (!status.ok()) return Refuse(command_.sequence, status);
  RunCommand();
}

void PublishStream::RunCommand() {
  const absl::Status status = hub().engine().Execute(*session(), command_);
  command_waits_ = ErrorCodeOf(status) == ErrorCode::kPending;
  if (command_waits_) return WaitForAccess();
  if (status.ok()) {
    const uint64_t ticket = hub().engine().last_ticket();
    const bool waits = ticket != 0 && (ack_level_ == v1::ACK_LEVEL_UNSPECIFIED ||
                                       ack_level_ == v1::ACK_LEVEL_PERSISTED);
    if (waits && (unstored_.empty() || unstored_.back().ticket != ticket)) {
      unstored_.push_back({ticket, command_.sequence});
      hub().engine().WatchStored(*session());
    }
    MarkDirty();
  } else {
    Refuse(command_.sequence, status);
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
  const uint64_t last = reached();
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

void PublishStream::OnEndOfBatch() { EndIfDone(); }

void PublishStream::OnHalfClose() {
  half_closed_ = true;
  EndIfDone();
}

void PublishStream::EndIfDone() {
  if (!unstored_.empty() || ended()) return;
  if (half_closed_) return End(absl::OkStatus());
  if (ending_for_drain_ && !HasRequests()) EndForDrain();
}

void PublishStream::SayGoAway(int64_t grace_ns) {
  if (ended()) return;
  v1::PublishStreamResponse response;
  *response.mutable_go_away() = MakeGoAway(grace_ns);
  Send(response);
}

void PublishStream::EndForDrain() {
  StopReading();
  if (HasRequests() || !unstored_.empty()) {
    ending_for_drain_ = true;
    return;
  }
  End(MakeError(ErrorCode::kDraining, "the gateway is shutting down"));
}

}  // namespace fluxgate::grpc_api
