#include "modules/authentication-jwt/claim_rules.h"

#include <cmath>

#include "modules/common/json.h"

namespace fluxgate::modules {
namespace {

// In the year 2255; nanoseconds since 1970 are numbers of 64 bits until 2262.
constexpr double kFarthestTime = 9e9;

// "aud" is a text or an array of them.
bool NamesAudience(const json_t* claim, const std::string& audience) {
  const auto equal = [&](const json_t* value) {
    return json_is_string(value) &&
           audience == std::string(json_string_value(value), json_string_length(value));
  };
  for (size_t i = 0; i < json_array_size(claim); ++i) {
    if (equal(json_array_get(claim, i))) return true;
  }
  return equal(claim);
}

}  // namespace

std::string ClaimRules::Check(const json_t* claims, int64_t now, std::string* user) const {
  const json_t* const expires = json_object_get(claims, "exp");
  if (!json_is_number(expires)) return "the token has no time of expiry (exp)";
  // Doubles are exact to the second for longer than there will be tokens.
  const auto time = static_cast<double>(now);
  const auto leeway = static_cast<double>(leeway_seconds);
  if (time >= json_number_value(expires) + leeway) return "the token has expired";
  const json_t* const not_before = json_object_get(claims, "nbf");
  if (not_before != nullptr) {
    if (!json_is_number(not_before)) return "the token's nbf is not a time";
    if (time < json_number_value(not_before) - leeway) return "the token is not valid yet";
  }
  if (!issuer.empty() && JsonText(claims, "iss") != issuer) return "the token is of another issuer";
  if (!audience.empty() && !NamesAudience(json_object_get(claims, "aud"), audience)) {
    return "the token is for another audience";
  }
  const auto name = JsonText(claims, user_claim.c_str());
  if (!name.has_value()) return "the token has no user name (" + user_claim + ")";
  *user = *name;
  return "";
}

int64_t ClaimRules::ExpiresAt(const json_t* claims) const {
  const double end =
      json_number_value(json_object_get(claims, "exp")) + static_cast<double>(leeway_seconds);
  return end < kFarthestTime ? static_cast<int64_t>(std::ceil(end)) : 0;
}

}  // namespace fluxgate::modules
