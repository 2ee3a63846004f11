#include "gateway/grpc/subscribe_call.h"

#include <utility>

#include "core/base/error.h"

namespace fluxgate::grpc_api {

SubscribeCall::SubscribeCall(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context)
    : Subscriber(
          hub, context,
          {.request_bytes_max = hub->options().command_request_bytes_max, .held_back = false},
          EventEncoder::Form::kSubscribe) {}

bool SubscribeCall::OnRequest(std::string_view request) {
  v1::SubscribeRequest parsed;
  if (!parsed.ParseFromArray(request.data(), static_cast<int>(request.size()))) {
    End(MakeError(ErrorCode::kBadCommand, "the request is not a valid SubscribeRequest"));
    return true;
  }
  absl::Status status;
  if (session() == nullptr) status = OpenSession({});
  if (status.ok()) status = AddSubscription(1, parsed.spec(), nullptr);
  if (ErrorCodeOf(status) == ErrorCode::kPending) {
    WaitForAccess();
    return false;
  }
  if (!status.ok()) End(status);
  return true;
}

}  // namespace fluxgate::grpc_api
