// Authentication by a file of users and hashed passwords.
#include "modules/authentication-password-file/password_table.h"
#include "modules/common/authentication_module.h"
#include "modules/common/file.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

constexpr size_t kFileMax = 8 * 1024 * 1024;

class PasswordFile : public AuthenticationContext {
 public:
  explicit PasswordFile(std::unique_ptr<ReloadingFile<PasswordTable>> file)
      : file_(std::move(file)) {}

  Verdict Authenticate(const Login& login) override {
    if (std::string wrong = WrongUserName(login.user); !wrong.empty()) {
      return Verdict::Refuse(std::move(wrong));
    }
    if (std::string wrong = WrongPassword(login.password); !wrong.empty()) {
      return Verdict::Refuse(std::move(wrong));
    }
    if (login.password.empty()) return Verdict::Refuse("no password");
    const std::shared_ptr<const PasswordTable> table = file_->Get();
    Ping();
    std::string why = table->Check(login.user, login.password);
    Ping();
    if (!why.empty()) return Verdict::Refuse(std::move(why));
    return Verdict::Accept(std::string(login.user));
  }

 private:
  const std::unique_ptr<ReloadingFile<PasswordTable>> file_;
};

constexpr OptionName kOptions[] = {{"File"}};

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<AuthenticationContext>> CreateAuthenticationContext(
    Options& options) {
  const std::string path = options.Required("File");
  if (!options.status().ok()) return options.status();
  auto file = ReloadingFile<PasswordTable>::Open(path, kFileMax, &PasswordTable::Parse);
  if (!file.ok()) return file.status();
  return std::make_unique<PasswordFile>(*std::move(file));
}

}  // namespace fluxgate::modules
