// Memory for text that has to be rewritten while a body is read: one block for all of it, kept from
// body to body, so that views into it stay until the next body.
#ifndef FLUXGATE_CORE_MESSAGE_TEXT_SCRATCH_H_
#define FLUXGATE_CORE_MESSAGE_TEXT_SCRATCH_H_

#include <cstddef>
#include <memory>

namespace fluxgate {

class TextScratch {
 public:
  // Before a body for which at most `bytes` will be kept.
  void Reset(size_t bytes) {
    used_ = 0;
    wanted_ = bytes;
  }
  // Room for as many bytes as are still allowed.
  char* Room() {
    if (capacity_ < wanted_) {
      // The first use finds it small: nothing was handed out from the old block yet.
      bytes_.reset(new char[wanted_ + kPaddingBytes]);
      capacity_ = wanted_;
    }
    return bytes_.get() + used_;
  }
  void Keep(size_t bytes) { used_ += bytes; }

 private:
  static constexpr size_t kPaddingBytes = 8;  // may be read behind what was handed out

  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t used_ = 0;
  size_t wanted_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_TEXT_SCRATCH_H_
