// The users of a password file: lines `user:$scrypt$ln=..,r=..,p=..$salt$hash`, empty lines, and
// lines that begin with '#'.
#ifndef FLUXGATE_MODULES_AUTHENTICATION_PASSWORD_FILE_PASSWORD_TABLE_H_
#define FLUXGATE_MODULES_AUTHENTICATION_PASSWORD_FILE_PASSWORD_TABLE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "modules/common/failure.h"
#include "modules/common/password_hash.h"

namespace fluxgate::modules {

// Immutable; for any thread.
class PasswordTable {
 public:
  using Verify = std::function<bool(std::string_view password, const PasswordHash& hash)>;

  // Errors name the line, and nothing that stands in it but the user.
  static absl::StatusOr<std::shared_ptr<const PasswordTable>> Parse(std::string_view text);

  // "": it is this user's password. Otherwise why not, for the log. An unknown user costs one
  // `verify` as a known one does, at the cost of the dearest hash in the file.
  std::string Check(std::string_view user, std::string_view password,
                    const Verify& verify = VerifyPassword) const;

  size_t size() const { return users_.size(); }

 private:
  std::unordered_map<std::string, PasswordHash> users_;
  PasswordHash nobody_;
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_AUTHENTICATION_PASSWORD_FILE_PASSWORD_TABLE_H_
