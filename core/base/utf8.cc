#include "core/base/utf8.h"

#include <simdjson.h>

#include <algorithm>

namespace fluxgate {

bool IsValidUtf8(std::string_view text) { return simdjson::validate_utf8(text); }

bool HasControlCharacter(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

}  // namespace fluxgate
