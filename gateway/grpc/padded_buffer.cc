#include "gateway/grpc/padded_buffer.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>

#include <cstring>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate::grpc_api {

PaddedBuffer::PaddedBuffer(const grpc::ByteBuffer& message) : size_(message.Length()) {
  data_ = std::make_unique_for_overwrite<char[]>(size_ + kBodyPaddingBytes);
  char* to = data_.get();
  std::vector<grpc::Slice> slices;
  if (size_ != 0 && message.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      std::memcpy(to, slice.begin(), slice.size());
      to += slice.size();
    }
  }
  size_ = static_cast<size_t>(to - data_.get());
  std::memset(to, 0, kBodyPaddingBytes);
}

}  // namespace fluxgate::grpc_api
