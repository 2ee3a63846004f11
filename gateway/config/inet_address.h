// The text of <InetAddr>. Names are not resolved here. Pure functions, any thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_INET_ADDRESS_H_
#define FLUXGATE_GATEWAY_CONFIG_INET_ADDRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace fluxgate::config {

// Longest host name (RFC 1035 section 2.3.4, without the final dot).
inline constexpr size_t kHostBytesMax = 253;

inline constexpr std::string_view kInetAddressForms =
    "port, host:port or [v6]:port; port 0 (the system chooses) to 65535";

struct InetAddress {
  std::string host;   // name or address, v6 without brackets; empty: every address
  uint16_t port = 0;  // 0: the system chooses
};

// "9007" (every address), "127.0.0.1:9007", "gateway.example:9007", "[::1]:9007". kBadOption for
// anything else: no or a bad port, an empty or impossible host, v6 without brackets.
absl::StatusOr<InetAddress> ParseInetAddress(std::string_view text);

// The text that parses back to it.
std::string FormatInetAddress(std::string_view host, uint16_t port);

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_INET_ADDRESS_H_
