#include "gateway/net/server_name_match.h"

#include <strings.h>

namespace fluxgate::net {

bool ServerNameFits(std::string_view configured, std::string_view asked) {
  if (configured.starts_with("*.")) {
    const size_t dot = asked.find('.');
    if (dot == 0 || dot == std::string_view::npos) return false;
    configured.remove_prefix(1);
    asked.remove_prefix(dot);
  }
  return configured.size() == asked.size() &&
         strncasecmp(configured.data(), asked.data(), asked.size()) == 0;
}

}  // namespace fluxgate::net
