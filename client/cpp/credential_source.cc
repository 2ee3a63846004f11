#include "client/cpp/credential_source.h"

#include <fmt/format.h>

#include "core/base/error.h"

namespace fluxgate::client {
namespace {

class UriCredentials final : public CredentialSource {
 public:
  explicit UriCredentials(const Uri& uri) : credentials_{uri.user, uri.password} {}

  absl::StatusOr<UserPassword> Credentials(const LogonAttempt& attempt) override {
    if (attempt.attempt == 1) return credentials_;
    return MakeError(ErrorCode::kAuthentication,
                     fmt::format("{} asks for the answer to a challenge, which a fixed password "
                                 "is not",
                                 attempt.address));
  }
  void Completed(bool, std::string_view) override {}

 private:
  const UserPassword credentials_;
};

}  // namespace

std::shared_ptr<CredentialSource> CredentialsOfUri(const Uri& uri) {
  return std::make_shared<UriCredentials>(uri);
}

}  // namespace fluxgate::client
