// What one run of an action knows: its variables, and the gateway through ActionServices. Handed
// from the reactor's thread to the helper's and back, never used by two at once.
//
// Source: AMPS User Guide, "Actions": {{NAME}} in options, unknown names are nothing, the variables
// that every action has.
#ifndef FLUXGATE_GATEWAY_ACTIONS_ACTION_CONTEXT_H_
#define FLUXGATE_GATEWAY_ACTIONS_ACTION_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace fluxgate {

class ActionServices;

using ActionVariables = std::map<std::string, std::string, std::less<>>;

// Longest text with its variables filled in, and all variables of one run together.
inline constexpr size_t kActionTextBytesMax = size_t{64} << 20;

uint64_t BytesOf(const ActionVariables& variables);

class ActionContext {
 public:
  // `wall_ns`: when the trigger fired, since 1970 UTC. `services` outlives this.
  ActionContext(ActionServices& services, ActionVariables variables, int64_t wall_ns);

  // Reactor thread, but for what ActionServices says otherwise.
  ActionServices& services() const { return services_; }

  // Empty: not set. AMPS_BYTE_XX, with two hexadecimal digits, is that byte.
  std::string Get(std::string_view name) const;
  // kQuotaExceeded beyond kActionTextBytesMax.
  absl::Status Set(std::string_view name, std::string value);
  const ActionVariables& variables() const { return variables_; }

  // `text` with every {{NAME}} replaced; what was put in is not looked at again, and {{ without }}
  // stays. kQuotaExceeded beyond kActionTextBytesMax.
  absl::StatusOr<std::string> Expand(std::string_view text) const;

 private:
  ActionServices& services_;
  ActionVariables variables_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_ACTION_CONTEXT_H_
