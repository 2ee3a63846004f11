#include "core/module/module_services.h"

#include <mutex>
#include <utility>

namespace fluxgate {
namespace {

// Of the process, because C functions without a context reach it.
struct Current {
  std::mutex mutex;
  std::shared_ptr<ModuleServices> services;
};

Current& TheCurrent() {
  static Current& current = *new Current;
  return current;
}

}  // namespace

void SetModuleServices(std::shared_ptr<ModuleServices> services) {
  Current& current = TheCurrent();
  const std::lock_guard lock(current.mutex);
  current.services.swap(services);
}

std::shared_ptr<ModuleServices> CurrentModuleServices() {
  Current& current = TheCurrent();
  const std::lock_guard lock(current.mutex);
  return current.services;
}

}  // namespace fluxgate
