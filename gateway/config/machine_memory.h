// How much memory this process may use.
#ifndef FLUXGATE_GATEWAY_CONFIG_MACHINE_MEMORY_H_
#define FLUXGATE_GATEWAY_CONFIG_MACHINE_MEMORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fluxgate::config {

// Bytes of the machine's memory, or of the control group (a container's limit) where that is less.
// Reads files: at start only. Never 0.
uint64_t MachineMemoryBytes();

// The content of a control group's limit file; nothing for "max" and for what is no number.
std::optional<uint64_t> ParseGroupLimit(std::string_view content);

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_MACHINE_MEMORY_H_
