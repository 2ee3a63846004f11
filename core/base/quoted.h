// Text from outside as an error or a log line shows it. Any thread.
#ifndef FLUXGATE_CORE_BASE_QUOTED_H_
#define FLUXGATE_CORE_BASE_QUOTED_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace fluxgate {

// In quotes, at most kQuotedBytesMax bytes of it, control characters and what is not UTF-8
// replaced.
inline constexpr size_t kQuotedBytesMax = 64;
std::string Quoted(std::string_view text);

// One line without quotes: at most `bytes_max` bytes, control characters (also line ends) and what
// is not UTF-8 replaced.
std::string OneLine(std::string_view text, size_t bytes_max);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_QUOTED_H_
