#include "gateway/grpc/stream_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "gateway/grpc/stream.h"
#include "gateway/grpc/unary_call.h"

namespace fluxgate::grpc_api {

StreamHub::StreamHub(SessionHost& host, const TransportInfo& transport, const GrpcOptions& options)
    : host_(host),
      reactor_(host.reactor()),
      transport_(transport),
      options_(options),
      alive_(std::make_shared<StreamHub*>(this)) {
  reactor_.Every(kTickNs, [alive = alive_] {
    if (*alive != nullptr) (*alive)->Tick();
  });
}

StreamHub::~StreamHub() = default;

std::optional<Principal> StreamHub::PrincipalUnasked(const Credentials& credentials) const {
  if (transport_.security != nullptr && transport_.security->asks()) return std::nullopt;
  Principal principal;
  principal.remote_address = credentials.remote_address;
  return principal;
}

void StreamHub::LogOn(Credentials credentials, LogOnDone done) {
  Principal principal;
  principal.remote_address = credentials.remote_address;
  TransportSecurity* security = transport_.security;
  const uint64_t number = ++log_ons_begun_;
  log_ons_.emplace(number,
                   PendingLogOn{reactor_.now_ns() + options_.logon_timeout_ns, std::move(done)});
  security->LogOn(std::move(credentials), /*may_be_cached=*/true,
                  [alive = alive_, number, security, principal](const LogOnResult& result) mutable {
                    if (*alive == nullptr) return;
                    if (result.outcome == LogOnResult::Outcome::kAccepted) {
                      principal.user_id = result.user_id;
                      principal.is_known = true;
                      principal.expires_at_s = result.expires_at_s;
                      principal.authority = security->authority();
                      return (*alive)->FinishLogOn(number, std::move(principal));
                    }
                    // There is no way to ask again in a call.
                    (*alive)->FinishLogOn(
                        number, result.outcome == LogOnResult::Outcome::kChallenge
                                    ? MakeError(ErrorCode::kAuthentication, "authentication failed")
                                    : result.refused);
                  });
}

void StreamHub::FinishLogOn(uint64_t number, absl::StatusOr<Principal> principal) {
  const auto found = log_ons_.find(number);
  if (found == log_ons_.end()) return;  // too late
  const LogOnDone done = std::move(found->second.done);
  log_ons_.erase(found);
  done(std::move(principal));
}

absl::StatusOr<Session*> StreamHub::OpenSession(Outbox& outbox, std::string_view name,
                                                const Principal& principal) {
  Session* session = engine().OpenSession(
      outbox, {.remote_address = principal.remote_address, .connection_name = {}});
  session->user_is_known = principal.is_known;
  session->authority = principal.authority;
  const std::string made_up =
      name.empty() ? fmt::format("{}-{}", transport_.name, ++clients_named_) : "";
  Command logon;
  logon.type = CommandType::kLogon;
  logon.client_name = name.empty() ? std::string_view(made_up) : name;
  logon.user_id = principal.user_id;
  logon.message_type = options_.message_type;
  if (absl::Status status = engine().Execute(*session, logon); !status.ok()) {
    CloseSession(session);
    return status;
  }
  return session;
}

absl::StatusOr<Session*> StreamHub::CallSession(const Principal& principal) {
  // No more than so many users' sessions are kept for the next call.
  constexpr size_t kCallClientsMax = 1024;
  const auto known = call_clients_.find(principal.user_id);
  if (known != call_clients_.end() && !known->second->dismissed) return known->second->session;
  const auto forget = [this](StringMap<std::unique_ptr<CallClient>>::iterator it) {
    CloseSession(it->second->session);
    call_clients_.erase(it);
    RetryWaiting();  // calls that waited in that session
  };
  if (known != call_clients_.end()) {
    forget(known);
  } else if (call_clients_.size() >= kCallClientsMax) {
    forget(call_clients_.begin());
  }
  auto client = std::make_unique<CallClient>(*this);
  auto session = OpenSession(*client, {}, principal);
  if (!session.ok()) return session.status();
  client->session = *session;
  call_clients_.emplace(principal.user_id, std::move(client));
  return *session;
}

absl::StatusOr<Session*> StreamHub::WatchSession() {
  if (watch_session_ == nullptr) {
    auto session = OpenSession(*this, fmt::format("{}-calls", transport_.name), {});
    if (!session.ok()) return session.status();
    watch_session_ = *session;
  }
  return watch_session_;
}

void StreamHub::WaitForAccess(std::shared_ptr<UnaryCall> call) {
  waiting_for_access_.push_back(std::move(call));
}

void StreamHub::RetryWaiting() {
  if (retry_scheduled_ || waiting_for_access_.empty()) return;
  retry_scheduled_ = true;
  reactor_.Post([alive = alive_] {
    if (*alive == nullptr) return;
    (*alive)->retry_scheduled_ = false;
    for (const auto& call : std::exchange((*alive)->waiting_for_access_, {})) call->Retry();
  });
}

void StreamHub::WhenStored(uint64_t ticket, std::function<void(const absl::Status&)> stored) {
  if (ticket <= engine().durable_ticket()) return stored(absl::OkStatus());
  if (const absl::Status failed = engine().storage_status(); !failed.ok()) return stored(failed);
  const auto session = WatchSession();
  if (!session.ok()) return stored(session.status());
  waits_for_storage_.push_back({ticket, std::move(stored)});
  engine().WatchStored(**session);
}

void StreamHub::OnStored() {
  std::vector<WaitsForStorage> waiting;
  waiting.swap(waits_for_storage_);
  // Who has to wait on is entered again.
  for (WaitsForStorage& one : waiting) WhenStored(one.ticket, std::move(one.stored));
}

void StreamHub::Attach(std::shared_ptr<Stream> stream) {
  stream->position_ = streams_.size();
  streams_.push_back(std::move(stream));
}

void StreamHub::Detach(Stream& stream) {
  const size_t at = stream.position_;
  if (at >= streams_.size() || streams_[at].get() != &stream) return;
  stream.Close();
  std::erase(dirty_, &stream);
  if (stream.ticking_) std::erase(ticking_, &stream);
  std::erase(waiting_for_relief_, &stream);
  const std::shared_ptr<Stream> gone = std::move(streams_[at]);
  if (at + 1 != streams_.size()) {
    streams_[at] = std::move(streams_.back());
    streams_[at]->position_ = at;
  }
  streams_.pop_back();
  CheckDrained();
}

void StreamHub::AddWaiting(std::shared_ptr<UnaryCall> call) { waiting_.push_back(std::move(call)); }

void StreamHub::RemoveWaiting(UnaryCall& call) {
  const auto found = std::ranges::find(waiting_, &call, &std::shared_ptr<UnaryCall>::get);
  if (found == waiting_.end()) return;
  const std::shared_ptr<UnaryCall> gone = std::move(*found);
  *found = std::move(waiting_.back());
  waiting_.pop_back();
  CheckDrained();
}

void StreamHub::ShutDown() {
  if (shut_down()) return;
  *alive_ = nullptr;
  waits_for_storage_.clear();
  log_ons_.clear();
  while (!waiting_.empty()) waiting_.back()->StopWaiting();
  while (!streams_.empty()) Detach(*streams_.back());
  waiting_for_access_.clear();
  for (const auto& [user, client] : call_clients_) CloseSession(client->session);
  call_clients_.clear();
  if (watch_session_ != nullptr) CloseSession(std::exchange(watch_session_, nullptr));
}

void StreamHub::AtEndOfBatch(Stream& stream) {
  if (dirty_.empty()) {
    reactor_.AtEndOfBatch([alive = alive_] {
      if (*alive != nullptr) (*alive)->RunEndOfBatch();
    });
  }
  dirty_.push_back(&stream);
}

void StreamHub::RunEndOfBatch() {
  // By index, and the list stays in place: a stream may make itself or another one dirty again.
  for (size_t i = 0; i < dirty_.size(); ++i) dirty_[i]->EndOfBatch();
  dirty_.clear();
}

void StreamHub::StartTicking(Stream& stream) {
  if (stream.ticking_) return;
  stream.ticking_ = true;
  ticking_.push_back(&stream);
}

void StreamHub::EndExpired() {
  // Of many streams some in each tick.
  constexpr size_t kStreamsPerTick = 1024;
  const int64_t now_s = engine().clock().WallNs() / 1'000'000'000;
  for (size_t left = std::min(streams_.size(), kStreamsPerTick); left != 0; --left) {
    if (next_expiry_ >= streams_.size()) next_expiry_ = 0;
    streams_[next_expiry_++]->EndIfExpired(now_s);
  }
}

void StreamHub::Tick() {
  for (size_t i = 0; i < ticking_.size();) {
    Stream& stream = *ticking_[i];
    if (stream.Tick(reactor_.now_ns())) {
      ++i;
    } else {
      stream.ticking_ = false;
      ticking_[i] = ticking_.back();
      ticking_.pop_back();
    }
  }
  EndExpired();
  while (!log_ons_.empty() && log_ons_.begin()->second.until_ns <= reactor_.now_ns()) {
    FinishLogOn(log_ons_.begin()->first,
                MakeError(ErrorCode::kQuotaExceeded, "authentication takes too long; try again"));
  }
  if (draining_ && !ended_for_drain_ && reactor_.now_ns() >= drain_end_ns_) {
    ended_for_drain_ = true;
    for (const auto& stream : streams_) stream->EndForDrain();
    while (!waiting_.empty()) {
      waiting_.back()->Answer(MakeError(ErrorCode::kDraining, "the gateway is shutting down"), {});
    }
  }
}

void StreamHub::WaitForRelief(Stream& stream) {
  if (waiting_for_relief_.empty()) {
    budget().WhenRelieved([alive = alive_] {
      if (*alive == nullptr) return;
      for (Stream* waiting : std::exchange((*alive)->waiting_for_relief_, {})) {
        waiting->ResumeReading();
      }
    });
  }
  waiting_for_relief_.push_back(&stream);
}

void StreamHub::Drain(int64_t grace_ns, std::function<void()> drained) {
  if (draining_) return;
  draining_ = true;
  drained_ = std::move(drained);
  drain_grace_ns_ = grace_ns;
  drain_end_ns_ = reactor_.now_ns() + grace_ns;
  for (const auto& stream : streams_) stream->SayGoAway(grace_ns);
  CheckDrained();
}

void StreamHub::CheckDrained() {
  if (draining_ && streams_.empty() && waiting_.empty() && drained_)
    std::exchange(drained_, nullptr)();
}

}  // namespace fluxgate::grpc_api
