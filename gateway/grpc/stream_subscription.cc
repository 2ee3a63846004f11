#include "gateway/grpc/stream_subscription.h"

#include <algorithm>
#include <limits>

#include "gateway/grpc/event_encoder.h"

namespace fluxgate::grpc_api {
namespace {

// Grants add up to this at most, far from overflow.
constexpr int64_t kCreditMax = std::numeric_limits<int64_t>::max() / 4;

void AddCredit(uint64_t granted, int64_t& credit) {
  const auto capped = static_cast<int64_t>(std::min<uint64_t>(granted, kCreditMax));
  credit = std::min(credit + capped, kCreditMax);
}

}  // namespace

StreamSubscription::StreamSubscription(uint32_t id, const v1::SubscriptionSpec& spec,
                                       uint64_t buffer_max)
    : id_(id),
      engine_id_(std::to_string(id)),
      spec_(spec),
      batch_max_(spec.batch_size() == 0
                     ? EventEncoder::kBatchMessagesMax
                     : std::min(spec.batch_size(), EventEncoder::kBatchMessagesMax)),
      buffer_max_(spec.max_buffer_bytes() == 0 ? buffer_max
                                               : std::min(spec.max_buffer_bytes(), buffer_max)) {
  spec_.clear_filter();
}

void StreamSubscription::Hold(Waiting message) {
  waiting_bytes_ += message.cost();
  waiting_.push_back(std::move(message));
  Update();
}

StreamSubscription::Waiting StreamSubscription::TakeReady() {
  Waiting message = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= message.cost();
  if (message.kind != Kind::kNotice) Pay(message.payload_bytes);
  Update();
  return message;
}

uint64_t StreamSubscription::DropWaiting() {
  waiting_.clear();
  Update();
  return std::exchange(waiting_bytes_, 0);
}

void StreamSubscription::Pay(uint64_t payload_bytes) {
  if (messages_limited_) --messages_;
  if (bytes_limited_) bytes_ -= static_cast<int64_t>(payload_bytes);
}

void StreamSubscription::Grant(const v1::Credit& credit) {
  if (credit.has_messages()) {
    messages_limited_ = true;
    AddCredit(credit.messages(), messages_);
  }
  if (credit.has_bytes()) {
    bytes_limited_ = true;
    AddCredit(credit.bytes(), bytes_);
  }
  Update();
}

void StreamSubscription::SetPaused(bool paused) {
  paused_ = paused;
  Update();
}

}  // namespace fluxgate::grpc_api
