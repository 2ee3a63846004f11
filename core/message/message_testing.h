// For tests of message types: values as text, and bodies as the gateway hands them over.
#ifndef FLUXGATE_CORE_MESSAGE_MESSAGE_TESTING_H_
#define FLUXGATE_CORE_MESSAGE_MESSAGE_TESTING_H_

#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "core/message/message_type.h"
#include "core/message/value.h"

namespace fluxgate {

// NULL, true, -5, 18446744073709551615u, 1.5d, 'text', [1, 'two', NULL]
std::string ValueText(const Value& value);

// A body in a block of its own with exactly the padding that is promised, full of `padding`.
class PaddedBody {
 public:
  explicit PaddedBody(std::string_view text, char padding = '"')
      : size_(text.size()), bytes_(new char[text.size() + kBodyPaddingBytes]) {
    std::memcpy(bytes_.get(), text.data(), size_);
    std::memset(bytes_.get() + size_, padding, kBodyPaddingBytes);
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  size_t size_;
  std::unique_ptr<char[]> bytes_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_MESSAGE_TESTING_H_
