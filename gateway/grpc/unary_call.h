// A call of one request and one response. Read on a callback thread, answered on the reactor: at
// once, or later, and then the hub lists it meanwhile.
#ifndef FLUXGATE_GATEWAY_GRPC_UNARY_CALL_H_
#define FLUXGATE_GATEWAY_GRPC_UNARY_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gateway/grpc/padded_buffer.h"
#include "gateway/grpc/stream_hub.h"

namespace fluxgate::grpc_api {

class UnaryCall : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<UnaryCall> {
 public:
  // `request` and `response` are gRPC's and live until OnDone.
  UnaryCall(std::shared_ptr<StreamHub> hub, const grpc::ServerContextBase& context,
            const grpc::ByteBuffer* request, grpc::ByteBuffer* response);

  // Callback thread, once.
  void Begin();

  void OnCancel() override;
  void OnDone() override;

  // Reactor thread. Ends a call that waits for its answer; nothing happens to one that does not.
  void Answer(const absl::Status& status, const std::string& response);
  // Runs a call again that has waited for what its user may do.
  void Retry();
  // The same when gRPC knows of no call any more, or of this one.
  void StopWaiting();

 protected:
  // Reactor thread. Appends the response's bytes. nullopt: Answer comes later, and not from inside
  // Run. kPending: nothing has been done; it is run again.
  virtual std::optional<absl::Status> Run(std::string_view request, std::string& response) = 0;
  // The field of the request that an error is about; empty: none.
  virtual std::string_view FieldToBlame(const absl::Status& /*error*/) const { return {}; }
  // Reactor thread. Sees to it that Retry is called when something has become known.
  virtual void AwaitAccess();
  // Reactor thread: a call that waited is over, whoever ended it. Lets go of what it has.
  virtual void Release() {}
  StreamHub& hub() { return *hub_; }
  const Principal& principal() const { return principal_; }

 private:
  void RunOnReactor();
  void Proceed();
  void Wait();
  void FinishOnce(const grpc::Status& status, const std::string& response);

  const std::shared_ptr<StreamHub> hub_;
  const grpc::ByteBuffer* const request_;
  grpc::ByteBuffer* const response_;
  PaddedBuffer copy_;
  bool has_copy_ = false;
  bool wants_retry_ = false;
  Credentials credentials_;  // until it is known whose they are
  Principal principal_;
  bool waiting_ = false;  // reactor thread
  std::atomic<bool> finished_{false};
  std::shared_ptr<UnaryCall> self_;  // until OnDone
};

// Makes a call of `Kind` and starts it.
template <typename Kind, typename... Args>
grpc::ServerUnaryReactor* StartCall(Args&&... args) {
  auto call = std::make_shared<Kind>(std::forward<Args>(args)...);
  call->Begin();
  return call.get();
}

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_UNARY_CALL_H_
