// What <Protocol> and <MessageType> may say. Plain data.
#ifndef FLUXGATE_GATEWAY_CONFIG_KNOWN_NAMES_H_
#define FLUXGATE_GATEWAY_CONFIG_KNOWN_NAMES_H_

#include <string>
#include <vector>

namespace fluxgate::config {

// The names in the registries of whoever loads a configuration. The values here are those that the
// default configuration needs.
struct KnownNames {
  std::vector<std::string> protocols = {"amps"};
  std::vector<std::string> message_types = {"json"};
};

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_KNOWN_NAMES_H_
