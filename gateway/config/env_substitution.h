// ${NAME} in the text of a configuration file. Pure given its environment, any thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_ENV_SUBSTITUTION_H_
#define FLUXGATE_GATEWAY_CONFIG_ENV_SUBSTITUTION_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace fluxgate::config {

// The value of a variable, nothing when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// The process's own. Not while another thread changes it.
std::optional<std::string> ProcessEnvironment(std::string_view name);

// Longest text after substitution.
inline constexpr size_t kExpandedBytesMax = 4096;

// Replaces every ${NAME} by the variable's value and ${NAME:-text} by `text` when the variable is
// unset or empty; $${ stands for ${ itself. What was put in is not looked at again. kBadOption for
// an unset variable (the text names it), a name that is not one, a ${ without }, and a result
// longer than kExpandedBytesMax.
//
// Source: ${NAME} as in the AMPS Configuration Guide; the default and the escape are ours.
absl::StatusOr<std::string> Substitute(std::string_view text, const Environment& environment);

// The text that Substitute turns back into `text`.
std::string EscapeSubstitution(std::string_view text);

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_ENV_SUBSTITUTION_H_
