// UTF-8 checking for text that comes from peers.
#ifndef FLUXGATE_CORE_BASE_UTF8_H_
#define FLUXGATE_CORE_BASE_UTF8_H_

#include <string_view>

namespace fluxgate {

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

// A byte below 0x20, or 0x7F.
bool HasControlCharacter(std::string_view text);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_UTF8_H_
