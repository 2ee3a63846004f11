#include "core/module/module_memory.h"

#include <string.h>

#include <cstdint>
#include <cstdlib>
#include <utility>

namespace fluxgate {
namespace {

struct Header {
  uint64_t mark;
  uint32_t size;    // of the block
  uint32_t offset;  // from what malloc gave to the block
};
static_assert(sizeof(Header) == alignof(std::max_align_t));
static_assert(kModuleBlockBytesMax <= UINT32_MAX);

constexpr uint64_t kMark = 0x5A17'C0DE'0DDB'10C5;
constexpr uintptr_t kPageBytes = 4096;

uint64_t MarkOf(const Header* header) { return kMark ^ reinterpret_cast<uintptr_t>(header); }

// The header of a block, null when it is not one. Looks in front of memory that may be anybody's.
// No block begins with a page, so what is looked at is on the page that `block` is on.
__attribute__((no_sanitize("address", "thread", "undefined"))) Header* HeaderOf(char* block) {
  const auto address = reinterpret_cast<uintptr_t>(block);
  if (address % sizeof(Header) != 0 || address % kPageBytes == 0) return nullptr;
  Header* const header = reinterpret_cast<Header*>(block) - 1;
  return *const_cast<volatile uint64_t*>(&header->mark) == MarkOf(header) ? header : nullptr;
}

}  // namespace

void* AllocateForModule(unsigned long bytes) {
  if (bytes > kModuleBlockBytesMax) return nullptr;
  char* const memory = static_cast<char*>(std::malloc(bytes + 2 * sizeof(Header)));
  if (memory == nullptr) return nullptr;
  uint32_t offset = sizeof(Header);
  if (reinterpret_cast<uintptr_t>(memory + offset) % kPageBytes == 0) offset += sizeof(Header);
  char* const block = memory + offset;
  Header* const header = reinterpret_cast<Header*>(block) - 1;
  *header = {MarkOf(header), static_cast<uint32_t>(bytes), offset};
  return block;
}

OwnedText& OwnedText::operator=(OwnedText&& other) noexcept {
  if (this == &other) return *this;
  Free();
  text_ = std::exchange(other.text_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

OwnedText::Fault OwnedText::TakeText(char* text, size_t bytes_max, OwnedText& owned) {
  owned = OwnedText();
  if (text == nullptr) return Fault::kNone;
  const Header* const header = HeaderOf(text);
  if (header == nullptr) return Fault::kForeign;
  owned.text_ = text;
  owned.size_ = strnlen(text, header->size);
  const Fault fault = owned.size_ == header->size ? Fault::kTooShort
                      : owned.size_ > bytes_max   ? Fault::kOverLimit
                                                  : Fault::kNone;
  if (fault != Fault::kNone) owned = OwnedText();
  return fault;
}

OwnedText::Fault OwnedText::TakeBytes(char* bytes, size_t size, size_t bytes_max,
                                      OwnedText& owned) {
  owned = OwnedText();
  if (bytes == nullptr) return size == 0 ? Fault::kNone : Fault::kTooShort;
  const Header* const header = HeaderOf(bytes);
  if (header == nullptr) return Fault::kForeign;
  owned.text_ = bytes;
  owned.size_ = size;
  const Fault fault = size > header->size ? Fault::kTooShort
                      : size > bytes_max  ? Fault::kOverLimit
                                          : Fault::kNone;
  if (fault != Fault::kNone) owned = OwnedText();
  return fault;
}

void OwnedText::Free() {
  if (text_ == nullptr) return;
  Header* const header = reinterpret_cast<Header*>(text_) - 1;
  char* const memory = text_ - header->offset;
  explicit_bzero(header, sizeof(Header) + header->size);
  std::free(memory);
  text_ = nullptr;
}

}  // namespace fluxgate
