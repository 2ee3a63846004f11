// Memory that modules give back. The allocator that a module gets puts a mark in front of every
// block, so that what is not ours is found instead of being freed. Any thread.
//
// Found: memory of malloc, new, the stack or static text; a block that was given back twice (as
// long as its memory has not been used again); a block that is shorter than the module says. Not
// found: a pointer to nowhere, which crashes, and a module that has overwritten the mark.
#ifndef FLUXGATE_CORE_MODULE_MODULE_MEMORY_H_
#define FLUXGATE_CORE_MODULE_MODULE_MEMORY_H_

#include <cstddef>
#include <string_view>

namespace fluxgate {

// Of one block; a module that asks for more gets NULL.
inline constexpr size_t kModuleBlockBytesMax = size_t{256} << 20;

// An amps_module_allocator. Aligned for anything.
void* AllocateForModule(unsigned long bytes);

// Text or bytes that a module has given back; freed, and wiped, with this. Null: there was none.
class OwnedText {
 public:
  enum class Fault {
    kNone,
    kForeign,    // not a block of AllocateForModule: left alone, whoever made it keeps it
    kTooShort,   // the block ends before the text does
    kOverLimit,  // longer than `bytes_max`
  };

  OwnedText() = default;
  OwnedText(OwnedText&& other) noexcept : text_(other.text_), size_(other.size_) {
    other.text_ = nullptr;
    other.size_ = 0;
  }
  OwnedText& operator=(OwnedText&& other) noexcept;
  ~OwnedText() { Free(); }

  // Text that ends with a zero byte.
  static Fault TakeText(char* text, size_t bytes_max, OwnedText& owned);
  static Fault TakeBytes(char* bytes, size_t size, size_t bytes_max, OwnedText& owned);

  bool is_null() const { return text_ == nullptr; }
  std::string_view view() const { return {text_, size_}; }

 private:
  void Free();

  char* text_ = nullptr;
  size_t size_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_MODULE_MEMORY_H_
