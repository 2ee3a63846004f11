#include "gateway/modules/protocol_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "gateway/amps/amps_encoder.h"
#include "gateway/amps/amps_frame.h"
#include "gateway/modules/message_view.h"

namespace fluxgate {
namespace {

constexpr char kDecode[] = "amps_protocol_decode";
constexpr char kEncode[] = "amps_protocol_encode";
constexpr char kClose[] = "amps_protocol_close";

// Of the session's own frames, which are as large as they are.
constexpr amps::FrameLimits kOwnFrames = {UINT32_MAX, UINT32_MAX};

}  // namespace

ProtocolLayer::ProtocolLayer(std::shared_ptr<const LoadedProtocol> protocol,
                             std::unique_ptr<net::SocketLayer> below,
                             amps_protocol_connection connection, std::string client_name,
                             std::string message_type)
    : StackedLayer(std::move(below), protocol->read_buffer_.get()),
      protocol_(std::move(protocol)),
      module_(protocol_->context_->module()),
      connection_(connection),
      client_name_(std::move(client_name)),
      message_type_(std::move(message_type)),
      sink_(protocol_->limits_.output_bytes_max),
      decoder_(kOwnFrames) {
  command_sink_.size = sizeof(amps_command_sink);
  command_sink_.execute = [](amps_command_sink* sink, const amps_command* command) -> int {
    ProtocolLayer* const layer = static_cast<CommandSink*>(sink)->layer;
    if (layer == nullptr || command == nullptr) return AMPS_FAILURE;
    return layer->Execute(*command) ? AMPS_SUCCESS : AMPS_FAILURE;
  };
}

ProtocolLayer::~ProtocolLayer() {
  module_.CallVoid(
      kClose, [this] { protocol_->entry_points_.close(protocol_->context_->get(), connection_); });
}

bool ProtocolLayer::Receive(std::string_view bytes) {
  received_.Append(bytes);
  return received_.size() < wanted_ || Decode();
}

bool ProtocolLayer::Decode() {
  is_refused_ = false;
  const std::string_view bytes = received_.bytes();
  size_t consumed = 0;
  size_t wanted = 0;
  sink_.Open(output());
  command_sink_.layer = this;
  const int code = module_.Call(kDecode, int{AMPS_FAILURE}, [&] {
    return protocol_->entry_points_.decode(protocol_->context_->get(), connection_, bytes.data(),
                                           bytes.size(), &consumed, &wanted, &command_sink_,
                                           &sink_);
  });
  command_sink_.layer = nullptr;
  sink_.Close();
  if (has_bad_command_) return false;
  return CheckCall(kDecode, code) && TakeDecoded(consumed, wanted);
}

bool ProtocolLayer::CheckCall(const char* function, int code) {
  if (sink_.is_over_limit()) {
    SetError(fmt::format("protocol {} writes more than {} bytes in one call", protocol_->name_,
                         sink_.bytes_max()));
  } else if (code != AMPS_SUCCESS) {
    SetError(fmt::format("protocol {} failed ({})", protocol_->name_, function));
  } else {
    return true;
  }
  return false;
}

bool ProtocolLayer::TakeDecoded(size_t consumed, size_t wanted) {
  if (consumed > received_.size()) {
    module_.Report(kDecode, fmt::format("is done with {} bytes of {}", consumed, received_.size()));
    SetError(fmt::format("protocol {} failed ({})", protocol_->name_, kDecode));
    return false;
  }
  received_.Consume(consumed);
  wanted_ = 0;
  if (is_refused_ || received_.empty()) return true;
  const CommandLimits& limits = protocol_->limits_.commands;
  const uint64_t bytes_max = limits.header_bytes_max + limits.body_bytes_max;
  if (const uint64_t bytes = std::max(received_.size(), wanted); bytes > bytes_max) {
    SetError(fmt::format("an unfinished command of {} bytes; at most {}", bytes, bytes_max));
    return false;
  }
  wanted_ = wanted;
  return true;
}

bool ProtocolLayer::Execute(const amps_command& command) {
  if (has_bad_command_) return false;
  if (input().size() >= kFramesBytesMax) {
    is_refused_ = true;
    return false;
  }
  absl::StatusOr<Command> view =
      ViewOf(command, CommandGiver::kProtocol, protocol_->limits_.commands);
  if (!view.ok()) {
    has_bad_command_ = true;
    SetError(fmt::format("protocol {}: {}", protocol_->name_, ErrorText(view.status())));
    return false;
  }
  if (view->type == CommandType::kLogon) {
    if (view->client_name.empty()) view->client_name = client_name_;
    if (view->message_type.empty()) view->message_type = message_type_;
    has_logged_on_ = true;
  }
  if (!has_logged_on_) LogOnFirst();
  amps::AppendCommand(*view, input().back());
  return true;
}

void ProtocolLayer::LogOnFirst() {
  has_logged_on_ = true;
  Command logon;
  logon.type = CommandType::kLogon;
  logon.acks.add(AckType::kProcessed);
  logon.client_name = client_name_;
  logon.message_type = message_type_;
  amps::AppendCommand(logon, input().back());
}

bool ProtocolLayer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (frame_.empty()) {
      const amps::FrameResult next = amps::NextFrame(bytes, kOwnFrames);
      bytes.remove_prefix(next.consumed);
      if (next.status == amps::FrameStatus::kFrame) {
        if (!Encode(next.frame)) return false;
      } else {
        frame_ = bytes;
        bytes = {};
      }
      continue;
    }
    const amps::FrameResult begun = amps::NextFrame(frame_, kOwnFrames);
    const std::string_view more =
        bytes.substr(0, begun.consumed + begun.wanted_bytes - frame_.size());
    frame_ += more;
    bytes.remove_prefix(more.size());
    const amps::FrameResult next = amps::NextFrame(frame_, kOwnFrames);
    if (next.status != amps::FrameStatus::kFrame) continue;
    if (!Encode(next.frame)) return false;
    std::string().swap(frame_);
  }
  return true;
}

bool ProtocolLayer::Encode(std::string_view frame) {
  if (decoder_.Decode(frame) != amps::DecodeError::kNone) {
    SetError(fmt::format("protocol {}: {}", protocol_->name_, decoder_.ErrorText()));
    return false;
  }
  const std::optional<amps_message> message = ViewOf(decoder_.message());
  if (!message.has_value()) return true;
  if (message->kind != amps_message_sow) return EncodeMessage(*message);
  amps::RecordFrame records(decoder_.message().body);
  amps::RecordFrame::Record record;
  while (records.Next(&record) == amps::RecordFrame::Result::kRecord) {
    if (!EncodeMessage(ViewOfRecord(*message, record))) return false;
  }
  return true;
}

bool ProtocolLayer::EncodeMessage(const amps_message& message) {
  sink_.Open(output());
  const int code = module_.Call(kEncode, int{AMPS_FAILURE}, [&] {
    return protocol_->entry_points_.encode(protocol_->context_->get(), connection_, &message,
                                           &sink_);
  });
  sink_.Close();
  return CheckCall(kEncode, code);
}

}  // namespace fluxgate
