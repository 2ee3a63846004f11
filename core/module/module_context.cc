#include "core/module/module_context.h"

#include <string>
#include <utility>

namespace fluxgate {

absl::StatusOr<std::shared_ptr<ModuleContext>> ModuleContext::Create(std::shared_ptr<Module> module,
                                                                     const ModuleOptions& options,
                                                                     const char* create_symbol,
                                                                     const char* destroy_symbol) {
  const auto create = module->EntryPoint<void*(amps_module_options)>(create_symbol);
  if (!create.ok()) return create.status();
  const OptionArray array(options);
  return CreateBy(std::move(module), create_symbol, destroy_symbol,
                  [&] { return (*create)(array.get()); });
}

absl::StatusOr<std::shared_ptr<ModuleContext>> ModuleContext::CreateBy(
    std::shared_ptr<Module> module, const char* create_symbol, const char* destroy_symbol,
    const std::function<void*()>& create) {
  const auto destroy = module->EntryPoint<DestroyFunction>(destroy_symbol);
  if (!destroy.ok()) return destroy.status();
  void* const context =
      module->CallWithRegistration(create_symbol, static_cast<void*>(nullptr), create);
  if (context == nullptr) {
    return module->Error(std::string("failed to make a context (") + create_symbol +
                         "); what it logged says why");
  }
  return std::shared_ptr<ModuleContext>(
      new ModuleContext(std::move(module), destroy_symbol, *destroy, context));
}

ModuleContext::~ModuleContext() {
  module_->CallVoid(destroy_symbol_, [this] { destroy_(context_); });
}

}  // namespace fluxgate
