// Credentials for outgoing connections by a loaded module (amps_authenticator_module.h).
#ifndef FLUXGATE_GATEWAY_SECURITY_MODULE_AUTHENTICATOR_H_
#define FLUXGATE_GATEWAY_SECURITY_MODULE_AUTHENTICATOR_H_

#include <memory>

#include "absl/status/statusor.h"
#include "core/module/module.h"
#include "gateway/security/authenticator.h"

namespace fluxgate {

// A context of the module, for one connection. kBadOption: it is not of that kind, or its context
// cannot be made.
absl::StatusOr<std::unique_ptr<Authenticator>> MakeModuleAuthenticator(
    std::shared_ptr<Module> module, const ModuleOptions& options);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SECURITY_MODULE_AUTHENTICATOR_H_
