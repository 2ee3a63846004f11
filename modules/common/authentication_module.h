// What an authentication module of ours implements; authentication_module.cc makes the entry points
// of it.
#ifndef FLUXGATE_MODULES_COMMON_AUTHENTICATION_MODULE_H_
#define FLUXGATE_MODULES_COMMON_AUTHENTICATION_MODULE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "amps_authentication_module.h"
#include "modules/common/module_entry.h"

namespace fluxgate::modules {

// What a client presents; views of the server's text. "" for what is not there.
struct Login {
  std::string_view user;
  std::string_view password;  // a secret
  std::string_view method;    // "password", "bearer", "certificate"
  std::string_view client_name;
  std::string_view remote_address;
  std::string_view transport;
  std::string_view certificate_subject;
  std::string_view certificate_common_name;
  std::string_view certificate_pem;
};

struct Verdict {
  static Verdict Accept(std::string user) { return {true, std::move(user), ""}; }
  static Verdict Refuse(std::string reason) { return {false, "", std::move(reason)}; }

  bool accepted;
  std::string user;        // who it is
  std::string reason;      // for the server's log: no secret
  int64_t expires_at = 0;  // seconds since 1970; 0: never
};

class AuthenticationContext {
 public:
  virtual ~AuthenticationContext() = default;
  // Any number of threads at a time; may wait.
  virtual Verdict Authenticate(const Login& login) = 0;
};

// Each module defines it. Problems with the options are in options.status() or the result; the
// entry point looks at both.
absl::StatusOr<std::unique_ptr<AuthenticationContext>> CreateAuthenticationContext(
    Options& options);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_AUTHENTICATION_MODULE_H_
