// Modules that are part of the gateway, by the names that configurations know them by.
#ifndef FLUXGATE_GATEWAY_SECURITY_BUILTIN_SECURITY_H_
#define FLUXGATE_GATEWAY_SECURITY_BUILTIN_SECURITY_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/module/option_array.h"
#include "gateway/security/authentication.h"
#include "gateway/security/entitlement.h"

namespace fluxgate {

inline constexpr std::string_view kDefaultAuthentication = "amps-default-authentication-module";
inline constexpr std::string_view kNoAuthentication = "amps-default-no-authentication-module";
inline constexpr std::string_view kDefaultEntitlement = "amps-default-entitlement-module";
inline constexpr std::string_view kNoEntitlement = "amps-default-no-entitlement-module";

bool IsBuiltinAuthentication(std::string_view name);
bool IsBuiltinEntitlement(std::string_view name);

// Null for kNoAuthentication: nobody is asked who it is. kBadOption for options that it has not.
absl::StatusOr<std::shared_ptr<Authentication>> MakeBuiltinAuthentication(
    std::string_view name, const ModuleOptions& options);
// Null for both: everything is allowed.
absl::StatusOr<std::shared_ptr<Entitlement>> MakeBuiltinEntitlement(std::string_view name,
                                                                    const ModuleOptions& options);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SECURITY_BUILTIN_SECURITY_H_
