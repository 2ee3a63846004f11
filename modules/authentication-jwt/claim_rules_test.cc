#include "modules/authentication-jwt/claim_rules.h"

#include <gtest/gtest.h>

#include "modules/common/json.h"

namespace fluxgate::modules {
namespace {

constexpr int64_t kNow = 1'800'000'000;

// "" or why not, at kNow plus `later`.
std::string Check(const ClaimRules& rules, const std::string& claims, int64_t later = 0) {
  const auto json = ParseJsonObject(claims);
  EXPECT_TRUE(json.ok()) << claims;
  std::string user;
  const std::string why = rules.Check(json->get(), kNow + later, &user);
  EXPECT_EQ(user, why.empty() ? "alice" : "");
  return why;
}

TEST(ClaimRules, ExpiryToTheSecond) {
  const ClaimRules rules{.leeway_seconds = 10};
  const std::string claims = R"({"sub":"alice","exp":1800000000})";
  EXPECT_EQ(Check(rules, claims, 0), "");
  EXPECT_EQ(Check(rules, claims, 9), "");
  EXPECT_EQ(Check(rules, claims, 10), "the token has expired");
  EXPECT_EQ(Check(ClaimRules{.leeway_seconds = 0}, claims, -1), "");
  EXPECT_EQ(Check(ClaimRules{.leeway_seconds = 0}, claims, 0), "the token has expired");
  EXPECT_EQ(Check(ClaimRules{.leeway_seconds = 0}, R"({"sub":"alice","exp":1800000000.5})"), "");
}

TEST(ClaimRules, WhenWhatWasAcceptedExpires) {
  const ClaimRules rules{.leeway_seconds = 10};
  const auto expires_at = [&](const std::string& claims) {
    const auto json = ParseJsonObject(claims);
    EXPECT_TRUE(json.ok());
    return rules.ExpiresAt(json->get());
  };
  EXPECT_EQ(expires_at(R"({"exp":1800000000})"), 1'800'000'010);
  EXPECT_EQ(expires_at(R"({"exp":1800000000.5})"), 1'800'000'011);
  EXPECT_EQ(expires_at(R"({"exp":8999999989})"), 8'999'999'999);
  EXPECT_EQ(expires_at(R"({"exp":8999999990})"), 0) << "later than anybody is interested in";
  EXPECT_EQ(expires_at(R"({"exp":1e300})"), 0);
}

TEST(ClaimRules, ATokenForEverIsRefused) {
  const std::string why = "the token has no time of expiry (exp)";
  EXPECT_EQ(Check({}, R"({"sub":"alice"})"), why);
  EXPECT_EQ(Check({}, R"({"sub":"alice","exp":"1900000000"})"), why);
  EXPECT_EQ(Check({}, R"({"sub":"alice","exp":null})"), why);
}

TEST(ClaimRules, NotBefore) {
  const ClaimRules rules{.leeway_seconds = 10};
  const std::string claims = R"({"sub":"alice","exp":1900000000,"nbf":1800000000})";
  EXPECT_EQ(Check(rules, claims, -10), "");
  EXPECT_EQ(Check(rules, claims, -11), "the token is not valid yet");
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000,"nbf":"0"})"),
            "the token's nbf is not a time");
}

TEST(ClaimRules, Issuer) {
  const ClaimRules rules{.issuer = "https://id.example"};
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000,"iss":"https://id.example"})"), "");
  const std::string why = "the token is of another issuer";
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000,"iss":"https://id.example/"})"), why);
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000})"), why);
}

TEST(ClaimRules, Audience) {
  const ClaimRules rules{.audience = "fluxgate"};
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000,"aud":"fluxgate"})"), "");
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000,"aud":["x","fluxgate"]})"), "");
  const std::string why = "the token is for another audience";
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000,"aud":"fluxgate2"})"), why);
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000,"aud":["x"]})"), why);
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000})"), why);
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000,"aud":{"fluxgate":1}})"), why);
}

TEST(ClaimRules, UserClaim) {
  const ClaimRules rules{.user_claim = "name"};
  EXPECT_EQ(Check(rules, R"({"sub":"bob","name":"alice","exp":1900000000})"), "");
  EXPECT_EQ(Check(rules, R"({"sub":"alice","exp":1900000000})"),
            "the token has no user name (name)");
  EXPECT_EQ(Check(rules, R"({"name":["alice"],"exp":1900000000})"),
            "the token has no user name (name)");
}

}  // namespace
}  // namespace fluxgate::modules
