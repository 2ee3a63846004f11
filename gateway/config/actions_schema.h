// The rows of <Actions>: what is done on a schedule or when something happens. Part of Schema().
// Any thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_ACTIONS_SCHEMA_H_
#define FLUXGATE_GATEWAY_CONFIG_ACTIONS_SCHEMA_H_

#include <cstdint>
#include <vector>

#include "gateway/config/config_schema.h"

namespace fluxgate::config {

inline constexpr uint32_t kActionsMax = 1024;
inline constexpr uint32_t kActionPartsMax = 64;  // of one kind, of one action
inline constexpr uint32_t kActionDirectoriesMax = 64;

std::vector<Element> ActionRows();

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_ACTIONS_SCHEMA_H_
