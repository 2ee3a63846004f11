// How much may wait for slow clients, and who pays. One budget per reactor, one account per
// session; reactor thread only.
//
// A client whose outbox grows past its share is disconnected (slow client); when all outboxes
// together grow past the total, the largest is. Long before that publishers are held back: while an
// outbox is above the high-water mark *and* its client is reading at a fair rate, connections that
// publish are not read. A client that does not read holds nobody back.
#ifndef FLUXGATE_GATEWAY_SESSION_OUTBOX_BUDGET_H_
#define FLUXGATE_GATEWAY_SESSION_OUTBOX_BUDGET_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "gateway/net/reactor.h"

namespace fluxgate {

struct OutboxLimits {
  uint64_t total_bytes_max = 2ull << 30;   // MessageMemoryLimit
  uint64_t client_bytes_max = 1ull << 30;  // ClientMaxCapacity of it
};

class OutboxBudget;

// What one client's outbox holds. The owner charges what it appends and credits what has left.
class OutboxAccount {
 public:
  // `disconnect` ends the session as a slow client: at once, its outbox dropped and credited; it
  // must not call the engine.
  OutboxAccount(OutboxBudget& budget, std::function<void()> disconnect);
  ~OutboxAccount();
  OutboxAccount(const OutboxAccount&) = delete;
  OutboxAccount& operator=(const OutboxAccount&) = delete;

  // Before `bytes` are appended. False: over a limit, and this client has been disconnected.
  bool Charge(uint64_t bytes);
  // `bytes` have been written to the peer, or dropped.
  void Credit(uint64_t bytes);

  uint64_t bytes() const { return bytes_; }

 private:
  friend class OutboxBudget;
  bool OverClientLimit();
  bool OverTotalLimit();

  OutboxBudget& budget_;
  std::function<void()> disconnect_;
  uint64_t bytes_ = 0;
  uint64_t credited_in_window_ = 0;
  // Above the high-water mark: congested while it is waited for, slow when it reads too little for
  // that.
  enum class State : uint8_t { kNormal, kCongested, kSlow };
  State state_ = State::kNormal;
  size_t position_;
};

class OutboxBudget {
 public:
  OutboxBudget(net::Reactor& reactor, OutboxLimits limits);

  // Whether publishers should wait.
  bool congested() const { return congested_count_ != 0 || held_; }
  // Something else that publishers have to wait for.
  void Hold(bool held);
  // Runs `resume` on the reactor once nobody is congested any more.
  void WhenRelieved(std::function<void()> resume);

  uint64_t total_bytes() const { return total_bytes_; }
  uint64_t disconnects() const { return disconnects_; }
  const OutboxLimits& limits() const { return limits_; }

 private:
  friend class OutboxAccount;
  void DisconnectLargest();
  void CheckRelieved();
  void SetState(OutboxAccount& account, OutboxAccount::State state);
  void CheckProgress();

  net::Reactor& reactor_;
  const OutboxLimits limits_;
  const uint64_t high_water_bytes_;
  uint64_t total_bytes_ = 0;
  uint64_t disconnects_ = 0;
  std::vector<OutboxAccount*> accounts_;
  std::vector<OutboxAccount*> watched_;  // not in state kNormal
  size_t congested_count_ = 0;
  bool held_ = false;
  std::vector<std::function<void()>> waiting_;
};

inline bool OutboxAccount::Charge(uint64_t bytes) {
  if (bytes_ + bytes > budget_.limits_.client_bytes_max) return OverClientLimit();
  bytes_ += bytes;
  budget_.total_bytes_ += bytes;
  return budget_.total_bytes_ <= budget_.limits_.total_bytes_max || OverTotalLimit();
}

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SESSION_OUTBOX_BUDGET_H_
