// The rows of modules and of what they are used for: who clients are and what they may do.
#ifndef FLUXGATE_GATEWAY_CONFIG_SECURITY_SCHEMA_H_
#define FLUXGATE_GATEWAY_CONFIG_SECURITY_SCHEMA_H_

#include <vector>

#include "gateway/config/config_schema.h"

namespace fluxgate::config {

inline constexpr uint32_t kModulesMax = 64;

std::vector<Element> SecurityRows();

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_SECURITY_SCHEMA_H_
