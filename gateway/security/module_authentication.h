// Authentication by a loaded module (amps_authentication_module.h).
#ifndef FLUXGATE_GATEWAY_SECURITY_MODULE_AUTHENTICATION_H_
#define FLUXGATE_GATEWAY_SECURITY_MODULE_AUTHENTICATION_H_

#include <memory>

#include "absl/status/statusor.h"
#include "core/module/module.h"
#include "gateway/security/authentication.h"

namespace fluxgate {

// A context of the module. kBadOption: it is not of that kind, or its context cannot be made.
absl::StatusOr<std::shared_ptr<Authentication>> MakeModuleAuthentication(
    std::shared_ptr<Module> module, const ModuleOptions& options);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SECURITY_MODULE_AUTHENTICATION_H_
