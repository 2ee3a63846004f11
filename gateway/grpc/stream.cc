// The reactor's side of a stream; the side of gRPC's threads is in stream_calls.cc.
#include "gateway/grpc/stream.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "gateway/grpc/status_mapping.h"

namespace fluxgate::grpc_api {
namespace {

// Handed to gRPC before the batch ends: it sends while the reactor goes on.
constexpr size_t kHandOverBytes = 256 * 1024;
// The budget hears of less than this when the batch ends.
constexpr size_t kChargeStepBytes = 4 * 1024;
// What a stream does before other work comes first, in units of about a third of a microsecond.
constexpr int kSliceUnits = 2048;

absl::Status SlowConsumer() {
  return MakeError(ErrorCode::kSlowClient, "the client does not keep up with what it asked for");
}

}  // namespace

void Stream::OpenOnReactor() {
  if (hub_->shut_down()) return;
  closed_ = false;
  account_ = std::make_unique<OutboxAccount>(hub_->budget(), [this] { CutOff(SlowConsumer()); });
  hub_->Attach(shared_from_this());
  if (hub_->draining()) return End(MakeError(ErrorCode::kDraining, "the gateway is shutting down"));
  if (auto principal = hub_->PrincipalUnasked(credentials_)) return OpenAs(*std::move(principal));
  is_waiting_ = true;
  hub_->LogOn(std::move(credentials_),
              [weak = weak_from_this()](const absl::StatusOr<Principal>& principal) {
                if (const auto self = weak.lock()) self->OpenAs(principal);
              });
}

void Stream::OpenAs(const absl::StatusOr<Principal>& principal) {
  if (closed_ || ended_) return;
  is_waiting_ = false;
  if (!principal.ok()) {
    End(principal.status());
  } else {
    principal_ = *principal;
    OnOpen();
  }
  GoOn();
}

void Stream::EndIfExpired(int64_t now_s) {
  if (principal_.expires_at_s == 0 || now_s < principal_.expires_at_s) return;
  End(MakeError(ErrorCode::kAuthentication, "what this stream was opened with has expired"));
}

void Stream::OnAccessKnown() {
  is_waiting_ = false;
  GoOn();
}

void Stream::GoOn() {
  if (!std::exchange(stalled_, false)) return;
  hub_->reactor().Post([self = shared_from_this()] { self->ProcessInbox(); });
}

void Stream::Close() {
  if (closed_) return;
  closed_ = true;
  CloseSession();
  DropWaiting();
  account_.reset();
  request_.reset();
}

absl::Status Stream::OpenSession(std::string_view name) {
  auto session = hub_->OpenSession(*this, name, principal_);
  if (!session.ok()) return session.status();
  session_ = *session;
  return absl::OkStatus();
}

void Stream::CloseSession() {
  if (session_ != nullptr) hub_->CloseSession(std::exchange(session_, nullptr));
}

void Stream::ProcessInbox() {
  slice_left_ = kSliceUnits;
  for (;;) {
    if (closed_ || ended_) {
      request_.reset();
      std::lock_guard lock(mutex_);
      inbox_.clear();
      inbox_bytes_ = inbox_requests_ = 0;
      inbox_scheduled_ = false;
      return;
    }
    if (is_waiting_) {
      stalled_ = true;
      return;
    }
    if (!request_.has_value()) {
      std::unique_lock lock(mutex_);
      if (inbox_.empty()) {
        inbox_scheduled_ = false;
        const bool half_closes = read_closed_ && !half_closed_;
        lock.unlock();
        if (half_closes) {
          half_closed_ = true;
          OnHalfClose();
        }
        return;
      }
      request_ = std::move(inbox_.front());
      inbox_.pop_front();
    }
    if (slice_left_ <= 0 || !OnRequest(request_->bytes())) {
      if (is_waiting_) {
        stalled_ = true;
        return;
      }
      hub_->reactor().Post([self = shared_from_this()] { self->ProcessInbox(); });
      return;
    }
    const size_t size = request_->size();
    hub_->buffers().GiveBack(*std::move(request_));
    request_.reset();

    std::unique_lock lock(mutex_);
    inbox_bytes_ -= size;
    --inbox_requests_;
    if (traits_.held_back && !reading_held_ && hub_->budget().congested()) {
      reading_held_ = true;
      lock.unlock();
      hub_->WaitForRelief(*this);
      lock.lock();
    }
    Advance(lock);
  }
}

void Stream::ResumeReading() {
  std::unique_lock lock(mutex_);
  reading_held_ = false;
  Advance(lock);
}

void Stream::StopReading() {
  std::lock_guard lock(mutex_);
  reading_stopped_ = true;
}

bool Stream::HasRequests() {
  std::lock_guard lock(mutex_);
  return request_.has_value() || !inbox_.empty();
}

bool Stream::ChargeWritten() {
  const size_t added = out_.size() - charged_in_out_;
  charged_in_out_ = out_.size();
  return added == 0 || account_->Charge(added);
}

bool Stream::Written() {
  if (out_.size() - charged_in_out_ >= kChargeStepBytes && !ChargeWritten()) return false;
  MarkDirty();
  if (out_.size() >= kHandOverBytes) {
    FinishEncoding();
    HandOver();
  }
  return true;
}

bool Stream::ChargeWaiting(uint64_t bytes) {
  // First, so that being cut off in the middle gives back what account_ has seen.
  waiting_bytes_ += bytes;
  return account_->Charge(bytes);
}

void Stream::CreditWaiting(uint64_t bytes) {
  bytes = std::min(bytes, waiting_bytes_);
  waiting_bytes_ -= bytes;
  account_->Credit(bytes);
}

void Stream::EndOfBatch() {
  dirty_ = false;
  if (closed_) return;
  if (ended_) {
    CloseSession();
    return;
  }
  OnEndOfBatch();
  if (ended_) return;
  FinishEncoding();
  HandOver();
}

void Stream::HandOver() {
  if (!ChargeWritten()) return;
  out_.Cut(cut_);
  charged_in_out_ = 0;
  if (cut_.empty()) return;
  hub_->StartTicking(*this);

  std::unique_lock lock(mutex_);
  const bool drop = broken_ || end_status_.has_value();
  for (EncodedPiece& piece : cut_) {
    if (drop) {
      released_bytes_ += piece.size();
      continue;
    }
    pending_bytes_ += piece.size();
    const bool joined =
        !traits_.response_each_piece && !pending_.empty() && pending_.back().Join(piece);
    if (!joined) pending_.push_back(std::move(piece));
  }
  const uint64_t released = std::exchange(released_bytes_, 0);
  Advance(lock);
  if (lock.owns_lock()) lock.unlock();
  cut_.clear();
  Release(released);
}

void Stream::Release(uint64_t bytes) {
  account_->Credit(bytes);
  if (room_wanted_ && HasRoom()) {
    room_wanted_ = false;
    hub_->reactor().StartBackgroundWork();
  }
}

bool Stream::HasRoom() const {
  if (closed_ || ended_) return true;  // what comes is refused, and that ends it
  const uint64_t unsent = account_->bytes() - waiting_bytes_ + (out_.size() - charged_in_out_);
  if (unsent < query_backlog_max_) return true;
  room_wanted_ = true;
  return false;
}

void Stream::CollectReleased() {
  if (closed_) return;
  uint64_t released;
  {
    std::lock_guard lock(mutex_);
    release_posted_ = false;
    released = std::exchange(released_bytes_, 0);
  }
  Release(released);
}

bool Stream::Tick(int64_t now_ns) {
  CollectReleased();
  bool again = account_->bytes() > 0;
  if (ended_) {
    again = true;
    if (!call_cancelled_ && now_ns - ended_at_ns_ > hub_->options().end_grace_ns) {
      call_cancelled_ = true;
      CancelCall();
    }
  } else if (OnTick(now_ns)) {
    again = true;
  }
  return again;
}

void Stream::CutOff(const absl::Status& why) {
  if (closed_) return;
  if (!ended_) {
    ended_ = true;
    ended_at_ns_ = hub_->reactor().now_ns();
  }
  FinishEncoding();
  out_.Cut(cut_);
  cut_.clear();
  charged_in_out_ = 0;
  DropWaiting();
  waiting_bytes_ = 0;
  uint64_t in_flight;
  {
    std::lock_guard lock(mutex_);
    DropPending();
    released_bytes_ = 0;
    in_flight = in_flight_bytes_;
  }
  account_->Credit(account_->bytes() - std::min(in_flight, account_->bytes()));
  RequestEnd(ToGrpcStatus(why), /*drop=*/true);
  hub_->StartTicking(*this);
  MarkDirty();
}

void Stream::End(const absl::Status& status, std::optional<std::string_view> field) {
  End(ToGrpcStatus(status, field));
}

void Stream::End(const grpc::Status& status) {
  if (ended_ || closed_) return;
  FinishEncoding();
  HandOver();
  if (ended_) return;
  ended_ = true;
  ended_at_ns_ = hub_->reactor().now_ns();
  CloseSession();
  RequestEnd(status, /*drop=*/false);
  hub_->StartTicking(*this);
}

}  // namespace fluxgate::grpc_api
