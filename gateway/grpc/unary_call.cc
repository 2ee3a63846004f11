#include "gateway/grpc/unary_call.h"

#include <utility>

#include "core/base/error.h"
#include "gateway/grpc/call_credentials.h"
#include "gateway/grpc/status_mapping.h"

namespace fluxgate::grpc_api {

UnaryCall::UnaryCall(std::shared_ptr<StreamHub> hub, const grpc::ServerContextBase& context,
                     const grpc::ByteBuffer* request, grpc::ByteBuffer* response)
    : hub_(std::move(hub)),
      request_(request),
      response_(response),
      credentials_(CredentialsOf(context)) {}

void UnaryCall::Begin() {
  self_ = shared_from_this();
  copy_ = hub_->buffers().Copy(*request_);
  has_copy_ = true;
  hub_->reactor().Post([self = self_] { self->RunOnReactor(); });
}

void UnaryCall::RunOnReactor() {
  if (hub_->shut_down()) return;
  if (hub_->draining()) {
    return FinishOnce(ToGrpcStatus(MakeError(ErrorCode::kDraining, "the gateway is shutting down")),
                      {});
  }
  if (auto principal = hub_->PrincipalUnasked(credentials_)) {
    principal_ = *std::move(principal);
    return Proceed();
  }
  Wait();
  hub_->LogOn(std::move(credentials_),
              [weak = weak_from_this()](absl::StatusOr<Principal> principal) {
                const auto self = weak.lock();
                if (self == nullptr || !self->waiting_) return;
                if (!principal.ok()) return self->Answer(principal.status(), {});
                self->principal_ = *std::move(principal);
                self->Proceed();
              });
}

void UnaryCall::Wait() {
  waiting_ = true;
  hub_->AddWaiting(shared_from_this());
}

void UnaryCall::Retry() {
  if (std::exchange(wants_retry_, false) && waiting_ && !finished_.load()) Proceed();
}

void UnaryCall::AwaitAccess() { hub_->WaitForAccess(shared_from_this()); }

void UnaryCall::Proceed() {
  std::string response;
  const std::optional<absl::Status> status = Run(copy_.bytes(), response);
  if (status.has_value() && ErrorCodeOf(*status) == ErrorCode::kPending) {
    if (!waiting_) Wait();
    wants_retry_ = true;
    AwaitAccess();
    return;
  }
  if (std::exchange(has_copy_, false)) hub_->buffers().GiveBack(std::move(copy_));
  if (!status.has_value()) {
    if (!waiting_) Wait();
    return;
  }
  FinishOnce(ToGrpcStatus(*status, FieldToBlame(*status)), response);
  StopWaiting();
}

void UnaryCall::Answer(const absl::Status& status, const std::string& response) {
  if (!waiting_) return;
  FinishOnce(ToGrpcStatus(status), response);
  StopWaiting();
}

void UnaryCall::StopWaiting() {
  if (!waiting_) return;
  waiting_ = false;
  Release();
  hub_->RemoveWaiting(*this);
}

void UnaryCall::FinishOnce(const grpc::Status& status, const std::string& response) {
  if (finished_.exchange(true)) return;
  if (status.ok()) {
    const grpc::Slice slice(response);
    *response_ = grpc::ByteBuffer(&slice, 1);
  }
  Finish(status);
}

void UnaryCall::OnCancel() {
  FinishOnce(grpc::Status::CANCELLED, {});
  // After RunOnReactor, which has been posted before.
  hub_->reactor().Post([self = shared_from_this()] { self->StopWaiting(); });
}

void UnaryCall::OnDone() { const std::shared_ptr<UnaryCall> self = std::move(self_); }

}  // namespace fluxgate::grpc_api
