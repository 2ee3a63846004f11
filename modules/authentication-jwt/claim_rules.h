// What a token has to say to be accepted (RFC 7519, section 4.1).
#ifndef FLUXGATE_MODULES_AUTHENTICATION_JWT_CLAIM_RULES_H_
#define FLUXGATE_MODULES_AUTHENTICATION_JWT_CLAIM_RULES_H_

#include <jansson.h>

#include <cstdint>
#include <string>

namespace fluxgate::modules {

struct ClaimRules {
  std::string issuer = "";    // "": any
  std::string audience = "";  // "": any
  std::string user_claim = "sub";
  int64_t leeway_seconds = 30;

  // `now`: seconds since 1970. "": accepted, and `*user` is who it is; otherwise why not, without
  // anything that the token says.
  std::string Check(const json_t* claims, int64_t now, std::string* user) const;
  // When accepted claims cease to be, leeway included; seconds since 1970. 0: never that matters.
  int64_t ExpiresAt(const json_t* claims) const;
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_AUTHENTICATION_JWT_CLAIM_RULES_H_
