// The words that stand for enumerations in configuration files. Pure functions, any thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_CONFIG_NAMES_H_
#define FLUXGATE_GATEWAY_CONFIG_CONFIG_NAMES_H_

#include <optional>
#include <span>
#include <string_view>

#include "gateway/config/config.h"

namespace fluxgate::config {

template <typename E>
struct Named {
  std::string_view name;
  E value;
};

// tcp, tcps, amps-unix, grpc, grpcs.
std::span<const Named<TransportType>> TransportTypes();

// no, optional, required.
std::span<const Named<net::VerifyClient>> VerifyClients();

// TLSv1.2, TLSv1.3.
std::span<const Named<net::TlsProtocol>> TlsProtocols();

// developer, trace, stats, info, warning, error, critical, emergency, none: ascending, a target
// writes its level and everything above. Source: AMPS User Guide, "Logging".
std::span<const Named<LogLevel>> LogLevels();

std::string_view NameOf(TransportType type);
std::string_view NameOf(net::VerifyClient verify);
std::string_view NameOf(net::TlsProtocol protocol);
std::string_view NameOf(LogLevel level);

// Exact spelling only.
std::optional<LogLevel> LogLevelNamed(std::string_view name);

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_CONFIG_NAMES_H_
