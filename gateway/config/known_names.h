// What <Protocol>, <Module> and <MessageType> may say.
#ifndef FLUXGATE_GATEWAY_CONFIG_KNOWN_NAMES_H_
#define FLUXGATE_GATEWAY_CONFIG_KNOWN_NAMES_H_

#include <functional>
#include <string>
#include <vector>

#include "gateway/config/config.h"

namespace fluxgate::config {

// The names in the registries of whoever loads a configuration. The values here are those that the
// default configuration needs.
struct KnownNames {
  std::vector<std::string> protocols = {"amps"};
  std::vector<std::string> message_types = {"json"};     // that need no configuration
  std::vector<std::string> authentication_modules = {};  // that need not be loaded
  std::vector<std::string> entitlement_modules = {};     // the same
  // Makes the message type; what is wrong with it, or nothing. Without this all are taken.
  std::function<std::string(const Config&, const MessageTypeConfig&)> try_message_type = {};
  // Reads the files of a transport with TLS; what is wrong with them, or nothing. Without this all
  // are taken.
  std::function<std::string(const Transport&)> try_tls = {};
};

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_KNOWN_NAMES_H_
