// The side of a stream that gRPC's threads see. Everything here is short and never waits: a mutex
// that is held for some moves, and operations started outside of it.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "gateway/grpc/call_credentials.h"
#include "gateway/grpc/limits.h"
#include "gateway/grpc/stream.h"

namespace fluxgate::grpc_api {
namespace {

// The reactor is told at once that this much has left; of less it learns in passing.
constexpr uint64_t kReleaseNoticeBytes = 256 * 1024;

}  // namespace

Stream::Stream(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context, Traits traits)
    : hub_(std::move(hub)),
      traits_(traits),
      query_backlog_max_(QueryBacklogMax(*hub_)),
      credentials_(CredentialsOf(context)),
      call_(context.c_call()) {
  grpc_call_ref(call_);
}

Stream::~Stream() {
  if (call_ != nullptr) grpc_call_unref(call_);
}

void Stream::Begin() {
  self_ = shared_from_this();
  hub_->reactor().Post([self = self_] { self->OpenOnReactor(); });
  std::unique_lock lock(mutex_);
  Advance(lock);
}

void Stream::Begin(const grpc::ByteBuffer& only_request) {
  self_ = shared_from_this();
  hub_->reactor().Post([self = self_] { self->OpenOnReactor(); });
  {
    std::lock_guard lock(mutex_);
    read_closed_ = true;
  }
  Take(only_request);
}

// Whether the request was taken; if not, the stream ends.
bool Stream::Take(const grpc::ByteBuffer& request) {
  if (request.Length() > traits_.request_bytes_max) {
    RequestEnd(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED,
                            "a request with commands has at most " +
                                std::to_string(traits_.request_bytes_max) + " bytes"),
               /*drop=*/true);
    return false;
  }
  PaddedBuffer copy = hub_->buffers().Copy(request);
  {
    std::lock_guard lock(mutex_);
    if (end_status_.has_value()) return false;
    inbox_bytes_ += copy.size();
    ++inbox_requests_;
    inbox_.push_back(std::move(copy));
  }
  ScheduleInbox();
  return true;
}

void Stream::ScheduleInbox() {
  {
    std::lock_guard lock(mutex_);
    if (inbox_scheduled_) return;
    inbox_scheduled_ = true;
  }
  hub_->reactor().Post([self = shared_from_this()] { self->ProcessInbox(); });
}

void Stream::ReadDone(bool ok) {
  if (ok) {
    Take(read_buffer_);
    read_buffer_.Clear();
  }
  std::unique_lock lock(mutex_);
  read_in_flight_ = false;
  if (!ok) {
    read_closed_ = true;
    lock.unlock();
    ScheduleInbox();
    lock.lock();
  }
  Advance(lock);
}

void Stream::WriteDone(bool ok) {
  bool notify = false;
  // An idle stream must not hold on to what it sent last.
  write_buffer_.Clear();
  std::unique_lock lock(mutex_);
  write_in_flight_ = false;
  released_bytes_ += std::exchange(in_flight_bytes_, 0);
  if (!ok) {
    broken_ = true;
    DropPending();
  }
  if (released_bytes_ >= std::min(kReleaseNoticeBytes, query_backlog_max_ / 2) &&
      !release_posted_) {
    release_posted_ = true;
    notify = true;
  }
  Advance(lock);
  if (lock.owns_lock()) lock.unlock();
  if (notify) hub_->reactor().Post([self = shared_from_this()] { self->CollectReleased(); });
}

void Stream::Cancelled() {
  std::unique_lock lock(mutex_);
  broken_ = true;
  DropPending();
  if (!end_status_.has_value()) end_status_ = grpc::Status::CANCELLED;
  Advance(lock);
}

void Stream::Done() {
  grpc_call* call;
  {
    std::lock_guard lock(mutex_);
    call = std::exchange(call_, nullptr);
  }
  if (call != nullptr) grpc_call_unref(call);
  std::shared_ptr<Stream> self = std::move(self_);
  hub_->reactor().Post([self = std::move(self)] { self->hub_->Detach(*self); });
}

void Stream::RequestEnd(const grpc::Status& status, bool drop) {
  std::unique_lock lock(mutex_);
  if (!end_status_.has_value()) end_status_ = status;
  if (drop) DropPending();
  Advance(lock);
}

// Beyond flow control: also a client that reads nothing any more is told and let go.
void Stream::CancelCall() {
  grpc_call* call;
  grpc_status_code code = GRPC_STATUS_UNAVAILABLE;
  std::string text;
  {
    std::lock_guard lock(mutex_);
    call = call_;
    if (call == nullptr) return;
    grpc_call_ref(call);
    if (end_status_.has_value()) {
      code = static_cast<grpc_status_code>(end_status_->error_code());
      text = end_status_->error_message();
    }
  }
  // A call cannot be cancelled with OK.
  if (code == GRPC_STATUS_OK) code = GRPC_STATUS_CANCELLED;
  grpc_call_cancel_with_status(call, code, text.c_str(), nullptr);
  grpc_call_unref(call);
}

void Stream::DropPending() {
  released_bytes_ += std::exchange(pending_bytes_, 0);
  pending_.clear();
}

// The one place where it is decided whether more requests are read.
bool Stream::WantsRead() const {
  if (read_in_flight_ || read_closed_ || reading_stopped_ || broken_ || end_status_.has_value()) {
    return false;
  }
  const GrpcOptions& options = hub_->options();
  if (inbox_bytes_ >= options.inbox_bytes_max || inbox_requests_ >= options.inbox_requests_max) {
    return false;
  }
  if (!traits_.held_back) return true;
  return !reading_held_ && pending_bytes_ + in_flight_bytes_ < options.ack_backlog_bytes_max;
}

void Stream::TakeBatch() {
  std::vector<grpc::Slice> slices;
  while (!pending_.empty()) {
    const size_t size = pending_.front().size();
    if (in_flight_bytes_ != 0 && (traits_.response_each_piece ||
                                  in_flight_bytes_ + size > hub_->options().response_bytes_max)) {
      break;
    }
    slices.push_back(pending_.front().Release());
    pending_.pop_front();
    in_flight_bytes_ += size;
  }
  pending_bytes_ -= in_flight_bytes_;
  write_buffer_ = grpc::ByteBuffer(slices.data(), slices.size());
}

void Stream::Advance(std::unique_lock<std::mutex>& lock) {
  // While an operation is being started with the mutex released, starting_ keeps other threads from
  // finishing the call under it.
  while (!finished_) {
    if (!write_in_flight_ && !pending_.empty()) {
      TakeBatch();
      write_in_flight_ = true;
      ++starting_;
      lock.unlock();
      GrpcStartWrite(&write_buffer_);
      lock.lock();
      --starting_;
    } else if (WantsRead()) {
      read_in_flight_ = true;
      ++starting_;
      lock.unlock();
      GrpcStartRead(&read_buffer_);
      lock.lock();
      --starting_;
    } else if (end_status_.has_value() && !write_in_flight_ && starting_ == 0) {
      finished_ = true;
      const grpc::Status status = *end_status_;
      lock.unlock();
      GrpcFinish(status);
      return;
    } else {
      return;
    }
  }
}

}  // namespace fluxgate::grpc_api
