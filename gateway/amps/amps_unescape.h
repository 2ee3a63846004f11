// Escapes in header text. Internal to the codec.
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_UNESCAPE_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_UNESCAPE_H_

#include <string>
#include <string_view>

#include "gateway/amps/amps_decoder.h"

namespace fluxgate::amps {

// The inside of a JSON string with its escapes resolved (RFC 8259 section 7); never longer than
// `text`. kSyntax for an unknown escape, kNotUtf8 for half a surrogate pair.
DecodeError AppendUnescaped(std::string_view text, std::string* out);

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_UNESCAPE_H_
