#include "client/amps/pending_acks.h"

#include <utility>

namespace AMPS::internal {

PendingAcks::Wait::Wait(PendingAcks& acks, std::string command_id, fluxgate::AckType wanted)
    : acks_(acks), command_id_(std::move(command_id)), wanted_(wanted) {
  const std::lock_guard lock(acks_.mutex_);
  acks_.waits_[command_id_] = this;
}

PendingAcks::Wait::~Wait() {
  const std::lock_guard lock(acks_.mutex_);
  const auto found = acks_.waits_.find(command_id_);
  if (found != acks_.waits_.end() && found->second == this) acks_.waits_.erase(found);
}

PendingAcks::Outcome PendingAcks::Wait::Await(Clock::time_point deadline) {
  std::unique_lock lock(acks_.mutex_);
  const auto is_over = [this] { return is_acked_ || is_lost_; };
  if (deadline == Clock::time_point::max()) {
    done_.wait(lock, is_over);
  } else if (!done_.wait_until(lock, deadline, is_over)) {
    return Outcome::kTimedOut;
  }
  return is_acked_ ? Outcome::kAcked : Outcome::kLost;
}

bool PendingAcks::Deliver(const fluxgate::amps::ServerMessage& ack, std::string_view frame) {
  const std::lock_guard lock(mutex_);
  const auto found = waits_.find(std::string(ack.command_id));
  if (found == waits_.end()) return false;
  Wait& wait = *found->second;
  const bool refused = ack.ack.has(fluxgate::AckType::kProcessed) && !ack.ok();
  if (wait.is_acked_ || (!ack.ack.has(wait.wanted_) && !refused)) return true;
  wait.frame_ = frame;
  wait.is_acked_ = true;
  wait.done_.notify_all();
  return true;
}

void PendingAcks::FailAll(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, wait] : waits_) {
    wait->is_lost_ = true;
    wait->lost_reason_ = reason;
    wait->done_.notify_all();
  }
}

}  // namespace AMPS::internal
