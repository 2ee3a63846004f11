// Logs on elsewhere with the name and password of the configuration.
#include "modules/common/authenticator_module.h"
#include "modules/common/file.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

class Static : public AuthenticatorContext {
 public:
  Static(std::string user, std::string password)
      : user_(std::move(user)), password_(std::move(password)) {}
  ~Static() override { Wipe(&password_); }

  absl::StatusOr<Credentials> Make(const OutgoingLogon& logon) override {
    if (logon.attempt > 1) return Failure("a challenge cannot be answered with a fixed password");
    return Credentials{user_.empty() ? std::string(logon.user) : user_, password_};
  }

 private:
  const std::string user_;
  std::string password_;
};

constexpr OptionName kOptions[] = {{"User"}, {"Password"}, {"PasswordFile"}};

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<AuthenticatorContext>> CreateAuthenticatorContext(Options& options) {
  const std::string user = options.Text("User");
  if (options.Has("Password") == options.Has("PasswordFile")) {
    return Failure("one of the options 'Password' and 'PasswordFile' is needed");
  }
  std::string password = options.Text("Password");
  if (options.Has("PasswordFile")) {
    const std::string path = options.Required("PasswordFile");
    if (!options.status().ok()) return options.status();
    absl::StatusOr<std::string> line = ReadSecretLine(path, kPasswordMax);
    if (!line.ok()) return line.status();
    password = *std::move(line);
  } else if (!WrongPassword(password).empty()) {
    options.Wrong("Password", "is too long: " + WrongPassword(password));
  }
  return std::make_unique<Static>(user, std::move(password));
}

}  // namespace fluxgate::modules
