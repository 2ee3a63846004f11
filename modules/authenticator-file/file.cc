// Logs on elsewhere with what a file says at that moment: `user:password` in its first line.
#include "modules/common/file.h"

#include "modules/common/authenticator_module.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

class File : public AuthenticatorContext {
 public:
  explicit File(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<Credentials> Make(const OutgoingLogon& logon) override {
    if (logon.attempt > 1) return Failure("a challenge cannot be answered with a fixed password");
    absl::StatusOr<std::string> line = ReadSecretLine(path_, kUserNameMax + 1 + kPasswordMax);
    if (!line.ok()) return line.status();
    const size_t colon = line->find(':');
    Credentials credentials;
    if (colon != std::string::npos) {
      credentials.user = line->substr(0, colon);
      credentials.password = line->substr(colon + 1);
    }
    Wipe(&*line);
    std::string wrong = colon == std::string::npos ? "not of the form user:password"
                                                   : WrongUserName(credentials.user);
    if (wrong.empty()) wrong = WrongPassword(credentials.password);
    if (wrong.empty()) return credentials;
    Wipe(&credentials.password);
    return Failure(path_ + ": " + wrong);
  }

 private:
  const std::string path_;
};

constexpr OptionName kOptions[] = {{"File"}};

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<AuthenticatorContext>> CreateAuthenticatorContext(Options& options) {
  auto file = std::make_unique<File>(options.Required("File"));
  // A mistake in the configuration shows when the server starts.
  if (options.status().ok()) {
    const auto credentials = file->Make({});
    if (!credentials.ok()) return credentials.status();
  }
  return file;
}

}  // namespace fluxgate::modules
