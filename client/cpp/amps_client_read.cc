// How an AmpsClient reads: frames, and what of them is for the caller of Next.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

#include "client/cpp/amps_client.h"

namespace fluxgate::client {

absl::StatusOr<bool> AmpsClient::ReadFrame(std::string_view bytes, size_t* consumed) {
  const amps::FrameResult result = amps::NextFrame(bytes, limits());
  if (result.status == amps::FrameStatus::kError) {
    return Fail(absl::InternalError(fmt::format(
        "{} announced a frame of {} bytes; is it an amps port?", address_, result.length)));
  }
  *consumed = result.consumed;
  if (result.status == amps::FrameStatus::kNeedMore) return false;
  if (decoder_.Decode(result.frame) != amps::DecodeError::kNone) [[unlikely]] {
    return BadFrame(decoder_.ErrorText());
  }
  return true;
}

absl::Status AmpsClient::BadFrame(std::string_view why) {
  return Fail(absl::InternalError(fmt::format("{} sent a bad frame: {}", address_, why)));
}

absl::StatusOr<bool> AmpsClient::TakeMessage(Message* message) {
  const amps::ServerMessage& received = decoder_.message();
  switch (received.type) {
    case amps::ServerMessageType::kPublish:
      *message = {.kind = MessageKind::kMessage,
                  .topic = received.topic,
                  .body = received.body,
                  .subscription_ids = received.sub_ids,
                  .sow_key = received.sow_key,
                  .reason = {}};
      return true;
    case amps::ServerMessageType::kOof:
      *message = {.kind = MessageKind::kOutOfFocus,
                  .topic = received.topic,
                  .body = received.body,
                  .subscription_ids = received.sub_ids,
                  .sow_key = received.sow_key,
                  .reason = received.reason};
      return true;
    case amps::ServerMessageType::kSow:
      if (!received.query_id.starts_with(kSubscriptionPrefix)) return false;
      records_.topic = received.topic;
      records_.subscription_id = received.query_id;
      records_.bytes = received.body;
      records_.rest = amps::RecordFrame(records_.bytes);
      return TakeRecord(message);
    case amps::ServerMessageType::kGroupEnd:
      if (!received.query_id.starts_with(kSubscriptionPrefix)) return false;
      *message = {};
      message->kind = MessageKind::kEndOfSnapshot;
      message->subscription_ids = received.query_id;
      return true;
    default:
      return false;
  }
}

absl::StatusOr<bool> AmpsClient::TakeRecord(Message* message) {
  amps::RecordFrame::Record record;
  switch (records_.rest.Next(&record)) {
    case amps::RecordFrame::Result::kEnd:
      return false;
    case amps::RecordFrame::Result::kBad:
      return BadFrame("records without their lengths");
    case amps::RecordFrame::Result::kRecord:
      break;
  }
  *message = {.kind = MessageKind::kRecord,
              .topic = records_.topic,
              .body = record.body,
              .subscription_ids = records_.subscription_id,
              .sow_key = record.sow_key,
              .reason = {}};
  return true;
}

absl::StatusOr<bool> AmpsClient::Next(Message* message, milliseconds timeout) {
  Clock::time_point deadline{};
  while (true) {
    if (!records_.rest.empty()) return TakeRecord(message);
    while (true) {
      ReceiveBuffer& from = kept_.size() != 0 ? kept_ : in_;
      size_t consumed = 0;
      const auto read = ReadFrame(from.bytes(), &consumed);
      if (!read.ok()) return read;
      from.Consume(consumed);
      if (&from == &in_) scanned_ -= std::min(scanned_, consumed);
      if (*read) {
        const auto taken = TakeMessage(message);
        if (!taken.ok() || *taken) return taken;
      } else if (&from == &in_) {
        break;
      }
    }
    if (!broken_.ok()) return broken_;
    if (!out_.empty()) {
      if (absl::Status status = Send(); !status.ok()) return status;
    }
    const size_t had = in_.size();
    if (absl::Status status = ReceiveSome(); !status.ok() || in_.size() != had) {
      if (absl::IsResourceExhausted(status)) return status;
      continue;
    }
    const Clock::time_point now = Clock::now();
    if (deadline == Clock::time_point{}) deadline = now + timeout;
    const auto left = std::chrono::ceil<milliseconds>(deadline - now).count();
    if (left <= 0) return false;
    pollfd event{fd_, POLLIN, 0};
    if (poll(&event, 1, static_cast<int>(std::min<int64_t>(left, 1 << 30))) <= 0) return false;
  }
}

}  // namespace fluxgate::client
