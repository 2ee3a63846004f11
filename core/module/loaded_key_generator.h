// SOW keys that a module makes. A key is checked: its length, its characters. One thread.
//
// Source: modules/sdk/include/amps_sow_key_generator_module.h.
#ifndef FLUXGATE_CORE_MODULE_LOADED_KEY_GENERATOR_H_
#define FLUXGATE_CORE_MODULE_LOADED_KEY_GENERATOR_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "amps_sow_key_generator_module.h"
#include "core/module/module_context.h"
#include "core/module/module_host.h"
#include "core/sow/key_generator.h"

namespace fluxgate {

class LoadedKeyGenerator final : public KeyGenerator {
 public:
  // Makes a context. kBadOption: an entry point is missing, or the context could not be made.
  static absl::StatusOr<std::unique_ptr<KeyGenerator>> Create(std::shared_ptr<Module> module,
                                                              const ModuleOptions& options,
                                                              std::string message_type);

  absl::StatusOr<std::string_view> Generate(const KeyRequest& request) override;

 private:
  using GenerateFunction = decltype(amps_sow_key_generator_generate);

  LoadedKeyGenerator(std::shared_ptr<ModuleContext> context, GenerateFunction* generate,
                     std::string message_type)
      : context_(std::move(context)), generate_(generate), message_type_(std::move(message_type)) {}

  const std::shared_ptr<ModuleContext> context_;
  GenerateFunction* const generate_;
  const std::string message_type_;
  std::string topic_;  // with zero bytes behind, as modules want text
  std::string correlation_id_;
  std::vector<amps_value> fields_;
  char key_[AMPS_SOW_KEY_BYTES_MAX] = {};
};

// Those of a host's modules, by KeyGeneratorDefinition::module. `host` outlives what it makes.
KeyGenerators LoadedKeyGenerators(const ModuleHost& host);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_LOADED_KEY_GENERATOR_H_
