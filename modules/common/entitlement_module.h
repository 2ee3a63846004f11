// What an entitlement module of ours implements; entitlement_module.cc makes the entry points of
// it.
#ifndef FLUXGATE_MODULES_COMMON_ENTITLEMENT_MODULE_H_
#define FLUXGATE_MODULES_COMMON_ENTITLEMENT_MODULE_H_

#include <memory>
#include <string>

#include "amps_entitlement_module.h"
#include "modules/common/module_entry.h"
#include "modules/common/permission.h"

namespace fluxgate::modules {

class EntitlementContext {
 public:
  virtual ~EntitlementContext() = default;
  // Any number of threads at a time; may wait.
  virtual Permission Check(const PermissionQuestion& question) = 0;
};

// Each module defines it. Problems with the options are in options.status() or the result; the
// entry point looks at both.
absl::StatusOr<std::unique_ptr<EntitlementContext>> CreateEntitlementContext(Options& options);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_ENTITLEMENT_MODULE_H_
