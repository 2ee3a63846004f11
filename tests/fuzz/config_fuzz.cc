// Configuration files: whatever the bytes are, loading ends with a configuration or with errors,
// and what loads comes back from its own dump.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/config/config_loader.h"
#include "gateway/config/config_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fluxgate::config::LoadOptions options;
  options.known.message_types = {"json", "binary"};
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "A") return "value of a";
    if (name == "B") return "${A} <&> \xff";
    if (name == "C") return "";
    return std::nullopt;
  };
  options.memory_bytes = 1ull << 34;
  const auto config = fluxgate::config::LoadText(
      std::string_view(reinterpret_cast<const char*>(data), size), "fuzz", options);
  if (!config.ok()) return 0;
  const auto back = fluxgate::config::LoadText(fluxgate::config::Dump(*config), "dump", options);
  if (!back.ok() || !(*back == *config)) std::abort();
  return 0;
}
