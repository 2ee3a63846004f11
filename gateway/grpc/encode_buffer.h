// Where responses are encoded: memory blocks that gRPC later sends without copying. Written by one
// thread; the finished pieces may go to any thread.
#ifndef FLUXGATE_GATEWAY_GRPC_ENCODE_BUFFER_H_
#define FLUXGATE_GATEWAY_GRPC_ENCODE_BUFFER_H_

#include <grpcpp/support/slice.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fluxgate::grpc_api {

// Shared by the buffer that fills it and the pieces cut from it; freed with the last of them.
class EncodeBlock {
 public:
  static EncodeBlock* New(size_t capacity);
  void Ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref();
  char* data() { return reinterpret_cast<char*>(this + 1); }
  size_t capacity() const { return capacity_; }

 private:
  explicit EncodeBlock(size_t capacity) : capacity_(capacity) {}
  std::atomic<uint32_t> references_{1};
  size_t capacity_;
};

// Part of a block: whole events, so that pieces one after the other are a valid response.
class EncodedPiece {
 public:
  EncodedPiece(EncodeBlock* block, size_t begin, size_t end);  // takes a reference of its own
  EncodedPiece(EncodedPiece&& other) noexcept;
  EncodedPiece& operator=(EncodedPiece&& other) noexcept;
  ~EncodedPiece();

  size_t size() const { return end_ - begin_; }
  // Takes over `next` when it continues this piece.
  bool Join(const EncodedPiece& next);
  // For gRPC; this piece is empty afterwards.
  grpc::Slice Release();

 private:
  EncodeBlock* block_;
  size_t begin_;
  size_t end_;
};

class EncodeBuffer {
 public:
  EncodeBuffer() = default;
  ~EncodeBuffer();
  EncodeBuffer(const EncodeBuffer&) = delete;
  EncodeBuffer& operator=(const EncodeBuffer&) = delete;

  // Whether `size` bytes fit in the current block.
  bool Fits(size_t size) const { return limit_ - at_ >= size; }
  // Contiguous space for at least `size` bytes at position(); when they do not fit in the current
  // block, what is in it is cut off as a piece: it must hold whole events then.
  char* Reserve(size_t size) {
    if (!Fits(size)) NewBlock(size);
    return block_->data() + at_;
  }
  char* position() { return block_->data() + at_; }
  // Counts what was written up to `end` as contents.
  void Commit(const char* end) { at_ = static_cast<size_t>(end - block_->data()); }

  // What is written next belongs to another piece.
  void EndPiece() { CutBlock(); }

  // Bytes written since the last Cut.
  size_t size() const { return cut_bytes_ + (at_ - begin_); }
  // Moves everything written so far to `pieces`.
  void Cut(std::vector<EncodedPiece>& pieces);

 private:
  void NewBlock(size_t size);
  void CutBlock();

  EncodeBlock* block_ = nullptr;
  size_t begin_ = 0;  // of what has not been cut
  size_t at_ = 0;
  size_t limit_ = 0;
  size_t next_capacity_ = 0;
  std::vector<EncodedPiece> cut_;
  size_t cut_bytes_ = 0;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_ENCODE_BUFFER_H_
