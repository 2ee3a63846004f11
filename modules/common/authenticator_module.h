// What an authenticator module of ours implements; authenticator_module.cc makes the entry points
// of it.
#ifndef FLUXGATE_MODULES_COMMON_AUTHENTICATOR_MODULE_H_
#define FLUXGATE_MODULES_COMMON_AUTHENTICATOR_MODULE_H_

#include <memory>
#include <string>
#include <string_view>

#include "amps_authenticator_module.h"
#include "modules/common/module_entry.h"

namespace fluxgate::modules {

struct OutgoingLogon {
  std::string_view remote_address;
  std::string_view user;       // the one configured, or asked for by a challenge
  std::string_view challenge;  // "" at first
  unsigned attempt = 1;
};

struct Credentials {
  std::string user;
  std::string password;  // a secret
};

class AuthenticatorContext {
 public:
  virtual ~AuthenticatorContext() = default;
  // Any number of threads at a time; may wait. Errors are logged.
  virtual absl::StatusOr<Credentials> Make(const OutgoingLogon& logon) = 0;
};

// Each module defines it. Problems with the options are in options.status() or the result; the
// entry point looks at both.
absl::StatusOr<std::unique_ptr<AuthenticatorContext>> CreateAuthenticatorContext(Options& options);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_AUTHENTICATOR_MODULE_H_
