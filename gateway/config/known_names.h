// What <Protocol>, <Module> and <MessageType> may say.
#ifndef FLUXGATE_GATEWAY_CONFIG_KNOWN_NAMES_H_
#define FLUXGATE_GATEWAY_CONFIG_KNOWN_NAMES_H_

#include <functional>
#include <string>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/config_errors.h"

namespace fluxgate::config {

// What is wrong with one part of an action.
struct ActionProblem {
  size_t part = 0;          // of ActionConfig::parts
  std::string option = {};  // the option that is to blame; empty: the part as a whole
  Problem problem = {};
};

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
  // Without this all are taken.
  std::function<std::vector<ActionProblem>(const Config&, const ActionConfig&)> check_action = {};
};

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_KNOWN_NAMES_H_
