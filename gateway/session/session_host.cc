#include "gateway/session/session_host.h"

namespace fluxgate {
namespace {

constexpr int64_t kSweepIntervalNs = 100'000'000;
constexpr int64_t kEngineTimersNs = 10'000'000;

}  // namespace

SessionHost::SessionHost(net::Reactor& reactor, Engine& engine, OutboxLimits outboxes,
                         SessionLimits limits)
    : reactor_(reactor),
      engine_(engine),
      limits_(limits),
      budget_(reactor, outboxes),
      resources_(reactor, kBodyPaddingBytes) {
  reactor_.SetBackgroundWork([this] { return engine_.RunBackgroundSlice(); });
  engine_.OnBackgroundWork([this] { reactor_.StartBackgroundWork(); });
  reactor_.Every(kEngineTimersNs, [this] {
    if (engine_.RunTimers()) reactor_.StartBackgroundWork();
    budget_.Hold(storage_behind());
  });
  reactor_.Every(kSweepIntervalNs, [this] { Sweep(); });
}

SessionHost::~SessionHost() = default;

void SessionHost::Adopt(std::unique_ptr<ProtocolSession> session) {
  session->position_ = sessions_.size();
  sessions_.push_back(std::move(session));
}

void SessionHost::Remove(ProtocolSession* session) {
  const size_t at = session->position_;
  const std::unique_ptr<ProtocolSession> gone = std::move(sessions_[at]);
  if (at + 1 != sessions_.size()) {
    sessions_[at] = std::move(sessions_.back());
    sessions_[at]->position_ = at;
  }
  sessions_.pop_back();
}

void SessionHost::CloseEngineSession(Session* session) {
  engine_.CloseSession(session);
  reactor_.StartBackgroundWork();
}

// Sessions are removed at the end of a batch only, so the list stands still here.
void SessionHost::Sweep() {
  for (auto& session : sessions_) session->OnSweep(reactor_.now_ns());
}

void SessionHost::Drain() {
  for (auto& session : sessions_) session->Drain();
}

}  // namespace fluxgate
