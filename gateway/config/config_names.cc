#include "gateway/config/config_names.h"

namespace fluxgate::config {
namespace {

constexpr Named<TransportType> kTransportTypes[] = {
    {"tcp", TransportType::kTcp},        {"tcps", TransportType::kTcps},
    {"amps-unix", TransportType::kUnix}, {"grpc", TransportType::kGrpc},
    {"grpcs", TransportType::kGrpcs},
};

constexpr Named<net::VerifyClient> kVerifyClients[] = {
    {"no", net::VerifyClient::kNo},
    {"optional", net::VerifyClient::kOptional},
    {"required", net::VerifyClient::kRequired},
};

constexpr Named<net::TlsProtocol> kTlsProtocols[] = {
    {"TLSv1.2", net::TlsProtocol::kTls12},
    {"TLSv1.3", net::TlsProtocol::kTls13},
};

constexpr Named<LogLevel> kLogLevels[] = {
    {"developer", LogLevel::kDeveloper}, {"trace", LogLevel::kTrace},
    {"stats", LogLevel::kStats},         {"info", LogLevel::kInfo},
    {"warning", LogLevel::kWarning},     {"error", LogLevel::kError},
    {"critical", LogLevel::kCritical},   {"emergency", LogLevel::kEmergency},
    {"none", LogLevel::kNone},
};

template <typename E, size_t N>
std::string_view Find(const Named<E> (&names)[N], E value) {
  for (const Named<E>& named : names) {
    if (named.value == value) return named.name;
  }
  return "";
}

}  // namespace

std::span<const Named<TransportType>> TransportTypes() { return kTransportTypes; }
std::span<const Named<net::VerifyClient>> VerifyClients() { return kVerifyClients; }
std::span<const Named<net::TlsProtocol>> TlsProtocols() { return kTlsProtocols; }
std::span<const Named<LogLevel>> LogLevels() { return kLogLevels; }
std::string_view NameOf(TransportType type) { return Find(kTransportTypes, type); }
std::string_view NameOf(net::VerifyClient verify) { return Find(kVerifyClients, verify); }
std::string_view NameOf(net::TlsProtocol protocol) { return Find(kTlsProtocols, protocol); }
std::string_view NameOf(LogLevel level) { return Find(kLogLevels, level); }

std::optional<LogLevel> LogLevelNamed(std::string_view name) {
  for (const Named<LogLevel>& named : kLogLevels) {
    if (named.name == name) return named.value;
  }
  return std::nullopt;
}

}  // namespace fluxgate::config
