#include "core/filter/evaluation_context.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

#include "core/filter/pattern_cache.h"

namespace fluxgate {
namespace {

constexpr size_t kBlockBytes = 4096;
constexpr size_t kAlignment = 16;

}  // namespace

char* EvaluationText::Allocate(size_t bytes) {
  if (bytes > kBytesMax) return nullptr;  // and rounding up cannot overflow
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (bytes > kBytesMax - bytes_) return nullptr;
  bytes_ += bytes;
  while (block_ < blocks_.size() && used_ + bytes > blocks_[block_].size) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    const size_t size = std::max(bytes, kBlockBytes << std::min<size_t>(block_, 8));
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    reserved_ += size;
    used_ = 0;
  }
  char* const place = blocks_[block_].bytes.get() + used_;
  used_ += bytes;
  return place;
}

std::string_view EvaluationText::Copy(std::string_view text) {
  char* const place = Allocate(text.size());
  if (place == nullptr) return {};
  if (!text.empty()) std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

void EvaluationText::Release() {
  blocks_.clear();
  reserved_ = 0;
}

EvaluationContext::EvaluationContext() : patterns(std::make_unique<PatternCache>()) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&random_state), sizeof random_state) != 1) {
    // Every context still has numbers of its own.
    random_state = reinterpret_cast<uintptr_t>(this);
  }
}
EvaluationContext::~EvaluationContext() = default;

}  // namespace fluxgate
