// Authentication that lets nobody in.
#include "modules/common/authentication_module.h"

namespace fluxgate::modules {
namespace {

class DenyAll : public AuthenticationContext {
 public:
  Verdict Authenticate(const Login&) override { return Verdict::Refuse("everybody is refused"); }
};

}  // namespace

OptionNames KnownOptions() { return {}; }

absl::StatusOr<std::unique_ptr<AuthenticationContext>> CreateAuthenticationContext(Options&) {
  return std::make_unique<DenyAll>();
}

}  // namespace fluxgate::modules
