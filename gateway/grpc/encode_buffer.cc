#include "gateway/grpc/encode_buffer.h"

#include <algorithm>
#include <new>
#include <utility>

namespace fluxgate::grpc_api {
namespace {

// Blocks grow with use, so that an idle stream holds little and a busy one allocates rarely.
constexpr size_t kFirstBlockBytes = 512;
constexpr size_t kBlockBytesMax = 64 * 1024;
// A rest smaller than this is not worth keeping a block for.
constexpr size_t kUsefulRestBytes = 256;
// Below this a copy is cheaper than a shared piece.
constexpr size_t kCopyBytesMax = 128;

}  // namespace

EncodeBlock* EncodeBlock::New(size_t capacity) {
  void* memory = ::operator new(sizeof(EncodeBlock) + capacity);
  return new (memory) EncodeBlock(capacity);
}

void EncodeBlock::Unref() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  this->~EncodeBlock();
  ::operator delete(this);
}

EncodedPiece::EncodedPiece(EncodeBlock* block, size_t begin, size_t end)
    : block_(block), begin_(begin), end_(end) {
  block_->Ref();
}

EncodedPiece::EncodedPiece(EncodedPiece&& other) noexcept
    : block_(std::exchange(other.block_, nullptr)), begin_(other.begin_), end_(other.end_) {}

EncodedPiece& EncodedPiece::operator=(EncodedPiece&& other) noexcept {
  std::swap(block_, other.block_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
  return *this;
}

EncodedPiece::~EncodedPiece() {
  if (block_ != nullptr) block_->Unref();
}

bool EncodedPiece::Join(const EncodedPiece& next) {
  if (block_ != next.block_ || end_ != next.begin_) return false;
  end_ = next.end_;
  return true;
}

grpc::Slice EncodedPiece::Release() {
  EncodeBlock* block = std::exchange(block_, nullptr);
  char* data = block->data() + begin_;
  if (size() <= kCopyBytesMax) {
    grpc::Slice copy(data, size());
    block->Unref();
    return copy;
  }
  return grpc::Slice(
      data, size(), [](void* user_data) { static_cast<EncodeBlock*>(user_data)->Unref(); }, block);
}

EncodeBuffer::~EncodeBuffer() {
  if (block_ != nullptr) block_->Unref();
}

void EncodeBuffer::CutBlock() {
  if (at_ == begin_) return;
  cut_bytes_ += at_ - begin_;
  cut_.emplace_back(block_, begin_, at_);
  begin_ = at_;
}

void EncodeBuffer::NewBlock(size_t size) {
  CutBlock();
  if (block_ != nullptr) block_->Unref();
  next_capacity_ = std::clamp(next_capacity_ * 2, kFirstBlockBytes, kBlockBytesMax);
  block_ = EncodeBlock::New(std::max(next_capacity_, size));
  begin_ = at_ = 0;
  limit_ = block_->capacity();
}

void EncodeBuffer::Cut(std::vector<EncodedPiece>& pieces) {
  CutBlock();
  if (cut_.size() <= 1) next_capacity_ = std::min(next_capacity_, std::max(cut_bytes_, size_t{1}));
  for (EncodedPiece& piece : cut_) pieces.push_back(std::move(piece));
  cut_.clear();
  cut_bytes_ = 0;
  if (block_ != nullptr && !Fits(kUsefulRestBytes)) {
    block_->Unref();
    block_ = nullptr;
    begin_ = at_ = limit_ = 0;
  }
}

}  // namespace fluxgate::grpc_api
