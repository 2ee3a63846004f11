// Strings, numbers and names of JSON (RFC 8259, sections 3, 6 and 7), checked to the letter.
#ifndef FLUXGATE_CORE_MESSAGE_JSON_SCALAR_H_
#define FLUXGATE_CORE_MESSAGE_JSON_SCALAR_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "core/message/value.h"

namespace fluxgate {

// Memory for strings that had to be rewritten; what it gives stays in place until Reset.
class JsonScratch {
 public:
  // Before a body of which at most `bytes` will be rewritten.
  void Reset(size_t bytes) {
    used_ = 0;
    wanted_ = bytes;
  }
  // Room for as many bytes as are still allowed.
  char* Room() {
    if (capacity_ < wanted_) {
      // Nothing was handed out from the old block yet: the first use is the one that finds it
      // small.
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

// The value that [begin, end) spells, without blanks around it; false when it spells none. 64 bytes
// from any place in the text on may be read.
bool ReadJsonScalar(const char* begin, const char* end, JsonScratch& scratch, Value& value);

// The text of what stands between the quotes; false for what may not stand there.
bool ReadJsonString(const char* begin, const char* end, JsonScratch& scratch,
                    std::string_view& text);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_JSON_SCALAR_H_
