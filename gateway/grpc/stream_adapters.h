// Joins a kind of stream to the reactor class that gRPC wants for its method.
#ifndef FLUXGATE_GATEWAY_GRPC_STREAM_ADAPTERS_H_
#define FLUXGATE_GATEWAY_GRPC_STREAM_ADAPTERS_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <utility>

namespace fluxgate::grpc_api {

// Requests and responses.
template <typename Kind>
class BidiAdapter final : public Kind,
                          public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  using Kind::Kind;

  void OnReadDone(bool ok) override { this->ReadDone(ok); }
  void OnWriteDone(bool ok) override { this->WriteDone(ok); }
  void OnCancel() override { this->Cancelled(); }
  void OnDone() override { this->Done(); }

 private:
  void GrpcStartRead(grpc::ByteBuffer* request) override { StartRead(request); }
  void GrpcStartWrite(const grpc::ByteBuffer* response) override { StartWrite(response); }
  void GrpcFinish(const grpc::Status& status) override { Finish(status); }
};

// One request, which comes with the call, and responses.
template <typename Kind>
class WriteAdapter final : public Kind, public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  using Kind::Kind;

  void OnWriteDone(bool ok) override { this->WriteDone(ok); }
  void OnCancel() override { this->Cancelled(); }
  void OnDone() override { this->Done(); }

 private:
  void GrpcStartRead(grpc::ByteBuffer*) override {}
  void GrpcStartWrite(const grpc::ByteBuffer* response) override { StartWrite(response); }
  void GrpcFinish(const grpc::Status& status) override { Finish(status); }
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_STREAM_ADAPTERS_H_
