// Which of the configured names fits the host name that a client asks for. Any thread.
#ifndef FLUXGATE_GATEWAY_NET_SERVER_NAME_MATCH_H_
#define FLUXGATE_GATEWAY_NET_SERVER_NAME_MATCH_H_

#include <string_view>

namespace fluxgate::net {

// Without regard to case. "*.example.org" fits "a.example.org", but neither "example.org" nor
// "a.b.example.org" (RFC 6125, 6.4.3).
bool ServerNameFits(std::string_view configured, std::string_view asked);

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_SERVER_NAME_MATCH_H_
