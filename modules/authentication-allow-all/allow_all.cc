// Authentication that takes everybody for who they say they are.
#include "modules/common/authentication_module.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

class AllowAll : public AuthenticationContext {
 public:
  explicit AllowAll(bool require_user) : require_user_(require_user) {}

  Verdict Authenticate(const Login& login) override {
    if (login.user.empty() && !require_user_) return Verdict::Accept("");
    if (std::string wrong = WrongUserName(login.user); !wrong.empty()) {
      return Verdict::Refuse(std::move(wrong));
    }
    return Verdict::Accept(std::string(login.user));
  }

 private:
  const bool require_user_;
};

constexpr OptionName kOptions[] = {{"RequireUser"}};

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<AuthenticationContext>> CreateAuthenticationContext(
    Options& options) {
  return std::make_unique<AllowAll>(options.Flag("RequireUser", false));
}

}  // namespace fluxgate::modules
