#ifndef FLUXGATE_GATEWAY_SERVER_VERSION_H_
#define FLUXGATE_GATEWAY_SERVER_VERSION_H_

namespace fluxgate {

// Sent in the logon ack and printed by --version.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SERVER_VERSION_H_
