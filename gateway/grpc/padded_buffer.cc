#include "gateway/grpc/padded_buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "core/message/message_type.h"

namespace fluxgate::grpc_api {
namespace {

// Smaller buffers are cheap to allocate, larger ones are too much to keep.
constexpr size_t kPooledBytesMin = 4 * 1024;
constexpr size_t kPooledBytesMax = 256 * 1024;
constexpr size_t kSpareMax = 32;

}  // namespace

PaddedBuffer PaddedBufferPool::Allocate(size_t size) {
  const size_t needed = size + kBodyPaddingBytes;
  const bool pooled = needed >= kPooledBytesMin && needed <= kPooledBytesMax;
  if (pooled) {
    std::lock_guard lock(mutex_);
    const auto fits =
        std::ranges::find_if(spare_.rbegin(), spare_.rend(),
                             [&](const PaddedBuffer& spare) { return spare.capacity_ >= needed; });
    if (fits != spare_.rend()) {
      PaddedBuffer buffer = std::move(*fits);
      *fits = std::move(spare_.back());
      spare_.pop_back();
      return buffer;
    }
  }
  PaddedBuffer buffer;
  buffer.capacity_ = pooled ? std::bit_ceil(needed) : needed;
  buffer.data_ = std::make_unique_for_overwrite<char[]>(buffer.capacity_);
  return buffer;
}

PaddedBuffer PaddedBufferPool::Copy(const grpc::ByteBuffer& message) {
  PaddedBuffer buffer = Allocate(message.Length());
  char* to = buffer.data_.get();
  std::vector<grpc::Slice> slices;
  if (message.Length() != 0 && message.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      std::memcpy(to, slice.begin(), slice.size());
      to += slice.size();
    }
  }
  buffer.size_ = static_cast<size_t>(to - buffer.data_.get());
  std::memset(to, 0, kBodyPaddingBytes);
  return buffer;
}

void PaddedBufferPool::GiveBack(PaddedBuffer buffer) {
  if (buffer.capacity_ < kPooledBytesMin || buffer.capacity_ > kPooledBytesMax) return;
  std::lock_guard lock(mutex_);
  if (spare_.size() < kSpareMax) spare_.push_back(std::move(buffer));
}

}  // namespace fluxgate::grpc_api
