// Text checks of the codec: escapes and UTF-8. Internal to it.
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_UNESCAPE_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_UNESCAPE_H_

#include <string>
#include <string_view>

#include "gateway/amps/amps_decoder.h"

namespace fluxgate::amps {

// The inside of a JSON string with its escapes resolved (RFC 8259 section 7); never longer than
// `text`. kSyntax for an unknown escape, kNotUtf8 for half a surrogate pair.
DecodeError AppendUnescaped(std::string_view text, std::string* out);

// No overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_UNESCAPE_H_
