#include "modules/common/module_entry.h"

#include <utility>

namespace fluxgate::modules {
namespace {

Options module_options;

std::optional<Options> ReadOrLog(amps_module_options raw) {
  absl::StatusOr<Options> options = Options::Read(raw, KnownOptions());
  if (options.ok()) return *std::move(options);
  Log(amps_module_log_level_error, FailureText(options.status()));
  return std::nullopt;
}

}  // namespace

std::optional<Options> ContextOptions(amps_module_options raw) {
  const std::optional<Options> options = ReadOrLog(raw);
  if (!options.has_value()) return std::nullopt;
  return module_options.OverriddenBy(*options);
}

}  // namespace fluxgate::modules

extern "C" int amps_module_init(amps_module_options options, amps_module_logger logger,
                                amps_module_allocator allocator) {
  fluxgate::modules::SetServer(logger, allocator);
  std::optional<fluxgate::modules::Options> read = fluxgate::modules::ReadOrLog(options);
  if (!read.has_value()) return AMPS_FAILURE;
  fluxgate::modules::module_options = *std::move(read);
  return AMPS_SUCCESS;
}

extern "C" void amps_module_terminate(void) {
  fluxgate::modules::module_options = fluxgate::modules::Options();
}
