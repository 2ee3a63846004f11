#include "core/module/module_scratch.h"

#include <algorithm>
#include <cstdint>

namespace fluxgate {
namespace {

constexpr size_t kAlignment = alignof(std::max_align_t);
constexpr size_t kBlockBytesMin = 4096;

}  // namespace

ModuleScratch::ModuleScratch() {
  size = sizeof(amps_scratch);
  allocate = [](amps_scratch* scratch, size_t bytes) {
    return static_cast<ModuleScratch*>(scratch)->Allocate(bytes);
  };
}

void ModuleScratch::Reset() {
  if (blocks_.size() > 1 || (!blocks_.empty() && blocks_.back().size > kBytesKeptMax)) {
    // One block that would have been enough, so that the next body needs only that.
    const size_t wanted = std::min(total_, kBytesKeptMax);
    blocks_.clear();
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(wanted), wanted});
  }
  used_ = 0;
  total_ = 0;
}

void* ModuleScratch::Allocate(size_t bytes) {
  if (bytes > kBytesMax) return nullptr;
  const size_t rounded = std::max((bytes + kAlignment - 1) / kAlignment, size_t{1}) * kAlignment;
  if (rounded > kBytesMax - total_) return nullptr;
  if (blocks_.empty() || rounded > blocks_.back().size - used_) {
    const size_t doubled = blocks_.empty() ? kBlockBytesMin : 2 * blocks_.back().size;
    const size_t size = std::max(rounded, std::min(doubled, kBytesKeptMax));
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    used_ = 0;
  }
  char* const memory = blocks_.back().bytes.get() + used_;
  used_ += rounded;
  total_ += rounded;
  return memory;
}

bool ModuleScratch::Holds(const void* memory, size_t bytes) const {
  const auto at = reinterpret_cast<uintptr_t>(memory);
  for (const Block& block : blocks_) {
    const auto begin = reinterpret_cast<uintptr_t>(block.bytes.get());
    if (at >= begin && at - begin <= block.size && block.size - (at - begin) >= bytes) return true;
  }
  return false;
}

}  // namespace fluxgate
