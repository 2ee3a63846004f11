#include "gateway/grpc/unary_call.h"

#include <utility>

#include "core/base/error.h"
#include "gateway/grpc/status_mapping.h"

namespace fluxgate::grpc_api {

UnaryCall::UnaryCall(std::shared_ptr<StreamHub> hub, const grpc::ByteBuffer* request,
                     grpc::ByteBuffer* response)
    : hub_(std::move(hub)), request_(request), response_(response) {}

void UnaryCall::Begin() {
  self_ = shared_from_this();
  copy_ = hub_->buffers().Copy(*request_);
  hub_->reactor().Post([self = self_] { self->RunOnReactor(); });
}

void UnaryCall::RunOnReactor() {
  if (hub_->shut_down()) return;
  std::string response;
  const std::optional<absl::Status> status =
      hub_->draining() ? MakeError(ErrorCode::kDraining, "the gateway is shutting down")
                       : Run(copy_.bytes(), response);
  hub_->buffers().GiveBack(std::move(copy_));
  if (status.has_value()) return FinishOnce(ToGrpcStatus(*status, FieldToBlame(*status)), response);
  waiting_ = true;
  hub_->AddWaiting(shared_from_this());
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
