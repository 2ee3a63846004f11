#include "gateway/grpc/subscribe_stream.h"

#include "core/base/error.h"
#include "gateway/grpc/limits.h"

namespace fluxgate::grpc_api {
namespace {

// A command costs about as much as this many publishes.
constexpr int kUnitsPerCommand = 32;

}  // namespace

SubscribeStream::SubscribeStream(std::shared_ptr<StreamHub> hub,
                                 grpc::CallbackServerContext& context)
    : Subscriber(
          hub, context,
          {.request_bytes_max = hub->options().command_request_bytes_max, .held_back = false},
          EventEncoder::Form::kSubscribeStream) {}

void SubscribeStream::OnOpen() {
  if (absl::Status status = OpenSession({}); !status.ok()) return End(status);
  v1::StreamEvent event;
  *event.mutable_limits() = LimitsOf(hub());
  encoder().AddStreamEvent(event);
  Written();
}

// Command by command, so that a request of very many small ones takes no memory of its own.
bool SubscribeStream::OnRequest(std::string_view request) {
  if (!commands_.has_value()) commands_.emplace(request);
  constexpr uint32_t kCommands = Tag(1, WireType::kBytes);
  bool valid = true;
  while (valid && !ended() && !commands_->AtEnd()) {
    if (!TakeSlice(kUnitsPerCommand)) return false;
    if (command_waits_) {
      if (!Run(command_)) return false;
      continue;
    }
    uint32_t tag;
    std::string_view bytes;
    valid = commands_->ReadTag(tag);
    if (!valid) break;
    if (tag != kCommands) {
      valid = commands_->Skip(tag);
      continue;
    }
    valid = commands_->ReadBytes(bytes) &&
            command_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (valid && !Run(command_)) return false;
  }
  commands_.reset();
  if (!valid) {
    End(MakeError(ErrorCode::kBadCommand, "the request is not a valid SubscribeStreamRequest"));
  }
  return true;
}

void SubscribeStream::OnHalfClose() {
  half_closed_ = true;
  MarkDirty();
}

void SubscribeStream::OnEndOfBatch() {
  Subscriber::OnEndOfBatch();
  if (half_closed_ && !HasSubscriptions()) End(absl::OkStatus());
}

}  // namespace fluxgate::grpc_api
