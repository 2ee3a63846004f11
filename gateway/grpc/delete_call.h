// Delete: records by filter, by keys or by example.
#ifndef FLUXGATE_GATEWAY_GRPC_DELETE_CALL_H_
#define FLUXGATE_GATEWAY_GRPC_DELETE_CALL_H_

#include <optional>
#include <string>
#include <string_view>

#include "core/engine/outbox.h"
#include "core/engine/session.h"
#include "gateway/grpc/unary_call.h"

namespace fluxgate::grpc_api {

// Goes on in slices of the engine's, so it is answered later. A client that cancels leaves what has
// not been deleted yet.
class DeleteCall final : public UnaryCall, public Outbox {
 public:
  using UnaryCall::UnaryCall;

  bool Deliver(const Delivery&) override { return true; }  // it has no subscriptions
  void Acknowledge(const Ack& ack) override;
  void OnAccessKnown() override;

 private:
  std::optional<absl::Status> Run(std::string_view request, std::string& response) override;
  std::string_view FieldToBlame(const absl::Status& error) const override;
  void Release() override;
  void AwaitAccess() override {}  // its own session's outbox is told

  Session* session_ = nullptr;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_DELETE_CALL_H_
