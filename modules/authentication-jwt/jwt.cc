// Authentication by signed tokens.
#include <chrono>
#include <ctime>
#include <set>

#include "modules/authentication-jwt/claim_rules.h"
#include "modules/authentication-jwt/key_set.h"
#include "modules/common/authentication_module.h"
#include "modules/common/file.h"
#include "modules/common/json.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;

constexpr size_t kKeyFileMax = 1024 * 1024;

class Jwt : public AuthenticationContext {
 public:
  Jwt(std::unique_ptr<ReloadingFile<KeySet>> keys, std::set<std::string> algorithms,
      ClaimRules rules, bool require_claimed)
      : keys_(std::move(keys)),
        algorithms_(std::move(algorithms)),
        rules_(std::move(rules)),
        require_claimed_(require_claimed) {}

  Verdict Authenticate(const Login& login) override {
    const absl::StatusOr<std::string> payload = keys_->Get()->Verify(login.password, algorithms_);
    if (!payload.ok()) return Verdict::Refuse(FailureText(payload.status()));
    const absl::StatusOr<Json> claims = ParseJsonObject(*payload);
    if (!claims.ok()) return Verdict::Refuse("the token is " + FailureText(claims.status()));
    std::string user;
    std::string wrong = rules_.Check(claims->get(), std::time(nullptr), &user);
    if (wrong.empty()) wrong = WrongUserName(user);
    if (!wrong.empty()) return Verdict::Refuse(std::move(wrong));
    if (require_claimed_ && !login.user.empty() && login.user != user) {
      return Verdict::Refuse("claims another name than its token, which is of '" + Printable(user) +
                             "'");
    }
    Verdict verdict = Verdict::Accept(std::move(user));
    verdict.expires_at = rules_.ExpiresAt(claims->get());
    return verdict;
  }

 private:
  const std::unique_ptr<ReloadingFile<KeySet>> keys_;
  const std::set<std::string> algorithms_;
  const ClaimRules rules_;
  const bool require_claimed_;
};

std::set<std::string> ReadAlgorithms(Options& options) {
  std::set<std::string> algorithms;
  for (std::string& name : Split(options.Text("Algorithms", "RS256,PS256,ES256"), ',')) {
    if (!KeySet::Algorithms().contains(name)) {
      options.Wrong("Algorithms", "names '" + Printable(name) +
                                      "', not one of RS256, RS384, RS512, PS256, PS384, PS512, "
                                      "ES256, ES384, ES512");
    }
    algorithms.insert(std::move(name));
  }
  if (algorithms.empty()) options.Wrong("Algorithms", "is empty");
  return algorithms;
}

constexpr OptionName kOptions[] = {{"Jwks"},     {"PublicKey"}, {"Algorithms"}, {"Issuer"},
                                   {"Audience"}, {"UserClaim"}, {"Leeway"},     {"ClaimedName"}};

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<AuthenticationContext>> CreateAuthenticationContext(
    Options& options) {
  if (options.Has("Jwks") == options.Has("PublicKey")) {
    return Failure("one of the options 'Jwks' and 'PublicKey' is needed");
  }
  const bool jwks = options.Has("Jwks");
  const std::string path = options.Required(jwks ? "Jwks" : "PublicKey");
  std::set<std::string> algorithms = ReadAlgorithms(options);
  ClaimRules rules;
  if (options.Has("Issuer")) rules.issuer = options.Required("Issuer");
  if (options.Has("Audience")) rules.audience = options.Required("Audience");
  if (options.Has("UserClaim")) rules.user_claim = options.Required("UserClaim");
  rules.leeway_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(options.Time("Leeway", 30s, 0s, 5min))
          .count();
  const bool require_claimed =
      options.Choice("ClaimedName", {"must-match", "ignore"}) == "must-match";
  if (!options.status().ok()) return options.status();
  auto keys =
      ReloadingFile<KeySet>::Open(path, kKeyFileMax, jwks ? &KeySet::FromJwks : &KeySet::FromPem);
  if (!keys.ok()) return keys.status();
  return std::make_unique<Jwt>(*std::move(keys), std::move(algorithms), std::move(rules),
                               require_claimed);
}

}  // namespace fluxgate::modules
