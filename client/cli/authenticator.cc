#include "client/cli/authenticator.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "client/cli/terminal.h"
#include "core/base/error.h"
#include "core/module/module_files.h"
#include "gateway/security/module_authenticator.h"

namespace fluxgate::cli {
namespace {

constexpr std::string_view kModuleName = "authenticator";

class ModuleCredentials final : public client::CredentialSource {
 public:
  explicit ModuleCredentials(std::unique_ptr<Authenticator> authenticator)
      : authenticator_(std::move(authenticator)) {}

  absl::StatusOr<client::UserPassword> Credentials(const client::LogonAttempt& attempt) override {
    auto made = authenticator_->MakeCredentials({.remote_address = attempt.address,
                                                 .user_id = attempt.user,
                                                 .challenge = attempt.challenge,
                                                 .attempt = attempt.attempt});
    if (!made.ok()) return made.status();
    return client::UserPassword{std::move(made->user_id), std::move(made->password)};
  }
  void Completed(bool accepted, std::string_view reason) override {
    authenticator_->Completed(accepted, reason);
  }

 private:
  const std::unique_ptr<Authenticator> authenticator_;
};

// The parts between single commas; of two commas one is left.
std::vector<std::string> Parts(std::string_view text) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',' && text.substr(i + 1, 1) == ",") {
      parts.back() += text[i++];
    } else if (text[i] == ',') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

}  // namespace

absl::StatusOr<ModuleDefinition> ParseAuthenticator(std::string_view text) {
  const std::vector<std::string> parts = Parts(text);
  ModuleDefinition definition;
  definition.name = kModuleName;
  definition.library = parts.front();
  if (definition.library.empty()) {
    return MakeError(ErrorCode::kBadOption, "--authenticator names no module");
  }
  for (size_t i = 1; i < parts.size(); ++i) {
    const size_t equals = parts[i].find('=');
    // Not the text itself: it may be a password.
    if (equals == std::string::npos || equals == 0) {
      return MakeError(ErrorCode::kBadOption,
                       fmt::format("part {} of --authenticator is not Option=Value", i + 1));
    }
    definition.options.emplace_back(parts[i].substr(0, equals), parts[i].substr(equals + 1));
  }
  return definition;
}

AuthenticatorModule::AuthenticatorModule()
    : host_([](amps_module_log_level level, std::string_view line) {
        if (level >= amps_module_log_level_warning) Complain(line);
      }) {}

absl::StatusOr<std::unique_ptr<AuthenticatorModule>> AuthenticatorModule::Load(
    std::string_view text) {
  auto definition = ParseAuthenticator(text);
  if (!definition.ok()) return definition.status();
  definition->library = FindModuleFile(definition->library);
  std::unique_ptr<AuthenticatorModule> loaded(new AuthenticatorModule);
  // The options are those of its contexts: a module is loaded for this one use.
  loaded->options_ = std::exchange(definition->options, {});
  absl::Status status = loaded->host_.Load({&*definition, 1});
  if (!status.ok()) return status;
  auto module = loaded->host_.Find(kModuleName);
  if (!module.ok()) return module.status();
  loaded->module_ = *std::move(module);
  status = loaded->host_.RunStartupFunctions();
  if (!status.ok()) return status;
  return loaded;
}

absl::StatusOr<std::shared_ptr<client::CredentialSource>> AuthenticatorModule::ForConnection()
    const {
  auto authenticator = MakeModuleAuthenticator(module_, options_);
  if (!authenticator.ok()) return authenticator.status();
  return std::make_shared<ModuleCredentials>(*std::move(authenticator));
}

}  // namespace fluxgate::cli
