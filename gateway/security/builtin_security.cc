#include "gateway/security/builtin_security.h"

#include <fmt/format.h>

#include "core/base/error.h"

namespace fluxgate {
namespace {

absl::StatusOr<bool> TrueOrFalse(const std::string& key, const std::string& value) {
  if (value == "true") return true;
  if (value == "false") return false;
  return MakeError(ErrorCode::kBadOption,
                   fmt::format("option {} is '{}'; true or false is wanted", key, value));
}

absl::Status NoSuchOption(std::string_view module, const std::string& key) {
  return MakeError(ErrorCode::kBadOption, fmt::format("{} has no option {}", module, key));
}

// Takes clients at their word: user names are for logs, filters and rules.
class NameOnly final : public Authentication {
 public:
  explicit NameOnly(bool require_username) : require_username_(require_username) {}

  AuthenticationResult Authenticate(const Credentials& credentials) override {
    AuthenticationResult result;
    if (credentials.user_id.empty() && require_username_) {
      result.reason = "no user name";
      return result;
    }
    result.outcome = AuthenticationResult::Outcome::kAccepted;
    result.user_id = credentials.user_id;
    return result;
  }

 private:
  const bool require_username_;
};

}  // namespace

bool IsBuiltinAuthentication(std::string_view name) {
  return name == kDefaultAuthentication || name == kNoAuthentication;
}

bool IsBuiltinEntitlement(std::string_view name) {
  return name == kDefaultEntitlement || name == kNoEntitlement;
}

absl::StatusOr<std::shared_ptr<Authentication>> MakeBuiltinAuthentication(
    std::string_view name, const ModuleOptions& options) {
  bool require_username = false;
  for (const auto& [key, value] : options) {
    if (name != kDefaultAuthentication || key != "RequireUsername") return NoSuchOption(name, key);
    auto required = TrueOrFalse(key, value);
    if (!required.ok()) return required.status();
    require_username = *required;
  }
  if (name == kNoAuthentication) return nullptr;
  return std::make_shared<NameOnly>(require_username);
}

absl::StatusOr<std::shared_ptr<Entitlement>> MakeBuiltinEntitlement(std::string_view name,
                                                                    const ModuleOptions& options) {
  if (!options.empty()) return NoSuchOption(name, options.front().first);
  return nullptr;
}

}  // namespace fluxgate
