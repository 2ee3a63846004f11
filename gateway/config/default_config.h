// The configuration of a gateway that is started without a file.
#ifndef FLUXGATE_GATEWAY_CONFIG_DEFAULT_CONFIG_H_
#define FLUXGATE_GATEWAY_CONFIG_DEFAULT_CONFIG_H_

#include <string_view>

namespace fluxgate::config {

// XML text: only what differs from the defaults of the elements.
std::string_view DefaultConfigXml();

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_DEFAULT_CONFIG_H_
