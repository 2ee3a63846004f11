// A received gRPC message as one piece of memory, with slack behind it that extractors may read.
#ifndef FLUXGATE_GATEWAY_GRPC_PADDED_BUFFER_H_
#define FLUXGATE_GATEWAY_GRPC_PADDED_BUFFER_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace fluxgate::grpc_api {

class PaddedBuffer {
 public:
  PaddedBuffer() = default;
  // Copies `message`, which gRPC received in pieces. Any thread.
  explicit PaddedBuffer(const grpc::ByteBuffer& message);

  // kBodyPaddingBytes readable bytes follow.
  std::string_view bytes() const { return {data_.get(), size_}; }
  size_t size() const { return size_; }

 private:
  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_PADDED_BUFFER_H_
