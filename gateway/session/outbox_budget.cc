#include "gateway/session/outbox_budget.h"

#include <algorithm>

namespace fluxgate {
namespace {

constexpr uint64_t kHighWaterBytesMax = 8ull << 20;
constexpr int64_t kWindowNs = 20'000'000;
// A congested client that takes less than this in a window is too slow to wait for (3 MB/s).
constexpr uint64_t kFairBytesPerWindow = 64 << 10;

}  // namespace

OutboxAccount::OutboxAccount(OutboxBudget& budget, std::function<void()> disconnect)
    : budget_(budget), disconnect_(std::move(disconnect)), position_(budget.accounts_.size()) {
  budget_.accounts_.push_back(this);
}

OutboxAccount::~OutboxAccount() {
  Credit(bytes_);
  budget_.SetState(*this, State::kNormal);
  budget_.accounts_[position_] = budget_.accounts_.back();
  budget_.accounts_[position_]->position_ = position_;
  budget_.accounts_.pop_back();
}

bool OutboxAccount::OverClientLimit() {
  ++budget_.disconnects_;
  disconnect_();
  return false;
}

bool OutboxAccount::OverTotalLimit() {
  const uint64_t before = bytes_;
  budget_.DisconnectLargest();
  return bytes_ == before;  // the largest may have been this one
}

void OutboxAccount::Credit(uint64_t bytes) {
  bytes_ -= bytes;
  budget_.total_bytes_ -= bytes;
  credited_in_window_ += bytes;
  // Only a client that takes something can become congested: one that takes nothing is not waited
  // for.
  if (state_ == State::kNormal) {
    if (bytes > 0 && bytes_ > budget_.high_water_bytes_) {
      budget_.SetState(*this, State::kCongested);
    }
  } else if (bytes_ < budget_.high_water_bytes_ / 2) {
    budget_.SetState(*this, State::kNormal);
  }
}

OutboxBudget::OutboxBudget(net::Reactor& reactor, OutboxLimits limits)
    : reactor_(reactor),
      limits_(limits),
      high_water_bytes_(std::min(kHighWaterBytesMax, limits.client_bytes_max / 4)) {
  reactor_.Every(kWindowNs, [this] { CheckProgress(); });
}

void OutboxBudget::WhenRelieved(std::function<void()> resume) {
  waiting_.push_back(std::move(resume));
}

void OutboxBudget::DisconnectLargest() {
  OutboxAccount* largest = *std::ranges::max_element(accounts_, {}, &OutboxAccount::bytes_);
  ++disconnects_;
  largest->disconnect_();
}

void OutboxBudget::SetState(OutboxAccount& account, OutboxAccount::State state) {
  using State = OutboxAccount::State;
  if (account.state_ == state) return;
  if (account.state_ == State::kNormal) {
    account.credited_in_window_ = 0;
    watched_.push_back(&account);
  }
  if (state == State::kNormal) std::erase(watched_, &account);
  if (state == State::kCongested) ++congested_count_;
  if (account.state_ == State::kCongested) --congested_count_;
  account.state_ = state;
  CheckRelieved();
}

void OutboxBudget::Hold(bool held) {
  held_ = held;
  CheckRelieved();
}

void OutboxBudget::CheckRelieved() {
  if (congested() || waiting_.empty()) return;
  reactor_.AtEndOfBatch([this] {
    std::vector<std::function<void()>> resumed;
    resumed.swap(waiting_);
    for (auto& resume : resumed) resume();
  });
}

void OutboxBudget::CheckProgress() {
  using State = OutboxAccount::State;
  for (OutboxAccount* account : watched_) {
    const bool fair = account->credited_in_window_ >= kFairBytesPerWindow;
    account->credited_in_window_ = 0;
    SetState(*account, fair ? State::kCongested : State::kSlow);
  }
}

}  // namespace fluxgate
