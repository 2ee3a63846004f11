// One use of a module: what its create function made, destroyed exactly once, when the last holder
// lets go. A call holds it for as long as it runs, so that it is destroyed after its last call.
#ifndef FLUXGATE_CORE_MODULE_MODULE_CONTEXT_H_
#define FLUXGATE_CORE_MODULE_MODULE_CONTEXT_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "core/module/module.h"

namespace fluxgate {

class ModuleContext {
 public:
  // Both symbols have to be there before anything is called. `create_symbol` has the signature
  // void*(amps_module_options), `destroy_symbol` void(void*). kBadOption: a symbol is missing, or
  // the module returned NULL.
  static absl::StatusOr<std::shared_ptr<ModuleContext>> Create(std::shared_ptr<Module> module,
                                                               const ModuleOptions& options,
                                                               const char* create_symbol,
                                                               const char* destroy_symbol);
  // For create functions of another signature: `create` calls it.
  static absl::StatusOr<std::shared_ptr<ModuleContext>> CreateBy(
      std::shared_ptr<Module> module, const char* create_symbol, const char* destroy_symbol,
      const std::function<void*()>& create);
  ~ModuleContext();
  ModuleContext(const ModuleContext&) = delete;
  ModuleContext& operator=(const ModuleContext&) = delete;

  void* get() const { return context_; }
  const Module& module() const { return *module_; }

 private:
  using DestroyFunction = void(void*);

  ModuleContext(std::shared_ptr<Module> module, const char* destroy_symbol,
                DestroyFunction* destroy, void* context)
      : module_(std::move(module)),
        destroy_symbol_(destroy_symbol),
        destroy_(destroy),
        context_(context) {}

  const std::shared_ptr<Module> module_;
  const char* const destroy_symbol_;  // a literal
  DestroyFunction* const destroy_;
  void* const context_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_MODULE_CONTEXT_H_
