// --authenticator: a loaded module says with what to log on.
#ifndef FLUXGATE_CLIENT_CLI_AUTHENTICATOR_H_
#define FLUXGATE_CLIENT_CLI_AUTHENTICATOR_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/cpp/credential_source.h"
#include "core/module/module_host.h"

namespace fluxgate::cli {

// "MODULE[,Option=Value...]": a path or the file name of a module that comes with the gateway; two
// commas stand for one inside a value. kBadOption: it is not of that form.
absl::StatusOr<ModuleDefinition> ParseAuthenticator(std::string_view text);

// The module, loaded. Outlives what it made.
class AuthenticatorModule {
 public:
  // kBadOption says which file, and why.
  static absl::StatusOr<std::unique_ptr<AuthenticatorModule>> Load(std::string_view text);

  // With a context of its own, for one connection.
  absl::StatusOr<std::shared_ptr<client::CredentialSource>> ForConnection() const;

 private:
  AuthenticatorModule();

  ModuleHost host_;
  std::shared_ptr<Module> module_;
  ModuleOptions options_;
};

}  // namespace fluxgate::cli

#endif  // FLUXGATE_CLIENT_CLI_AUTHENTICATOR_H_
