// What the gateway's reasons, and our own errors, are as exceptions.
#ifndef FLUXGATE_CLIENT_AMPS_REFUSALS_H_
#define FLUXGATE_CLIENT_AMPS_REFUSALS_H_

#include <string_view>

#include "client/cpp/socket.h"

namespace AMPS::internal {

// The gateway has answered `what` (such as "subscribe to 'orders'") with a failure.
[[noreturn]] void ThrowRefused(std::string_view what, std::string_view reason);

// The same for a logon.
[[noreturn]] void ThrowLogonRefused(std::string_view reason);

// A socket could not be connected.
[[noreturn]] void ThrowCannotConnect(const fluxgate::client::SocketProblem& problem);

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_REFUSALS_H_
