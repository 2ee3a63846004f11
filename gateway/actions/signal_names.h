// The signals that actions may wait for, by name: SIGTERM, or TERM.
#ifndef FLUXGATE_GATEWAY_ACTIONS_SIGNAL_NAMES_H_
#define FLUXGATE_GATEWAY_ACTIONS_SIGNAL_NAMES_H_

#include <string_view>

namespace fluxgate {

inline constexpr std::string_view kSignalNames =
    "SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT";

int SignalNamed(std::string_view name);   // 0: none of them
std::string_view SignalName(int signal);  // with SIG; empty: none of them

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_SIGNAL_NAMES_H_
