// A received gRPC message as one piece of memory, with slack behind it that extractors may read.
#ifndef FLUXGATE_GATEWAY_GRPC_PADDED_BUFFER_H_
#define FLUXGATE_GATEWAY_GRPC_PADDED_BUFFER_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace fluxgate::grpc_api {

class PaddedBuffer {
 public:
  PaddedBuffer() = default;

  // kBodyPaddingBytes readable bytes follow.
  std::string_view bytes() const { return {data_.get(), size_}; }
  size_t size() const { return size_; }

 private:
  friend class PaddedBufferPool;
  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// Makes padded buffers and keeps some of those given back: requests of one publisher are alike, and
// fresh memory costs more than the copy. Any thread.
class PaddedBufferPool {
 public:
  // Copies `message`, which gRPC received in pieces.
  PaddedBuffer Copy(const grpc::ByteBuffer& message);
  void GiveBack(PaddedBuffer buffer);

 private:
  PaddedBuffer Allocate(size_t size);

  std::mutex mutex_;
  std::vector<PaddedBuffer> spare_;  // guarded by mutex_
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_PADDED_BUFFER_H_
