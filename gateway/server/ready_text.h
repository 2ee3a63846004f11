// What the gateway says once it serves: where, and what to try.
#ifndef FLUXGATE_GATEWAY_SERVER_READY_TEXT_H_
#define FLUXGATE_GATEWAY_SERVER_READY_TEXT_H_

#include <string>

#include "gateway/server/gateway.h"

namespace fluxgate {

// One line `listening <transport> <address>` per transport (scripts read these), then one line to
// copy per kind of client, then `ready`.
std::string ReadyText(const Gateway& gateway);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SERVER_READY_TEXT_H_
