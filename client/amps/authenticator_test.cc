#include "amps/authenticator.h"

#include <gtest/gtest.h>

#include "amps/exceptions.h"

namespace AMPS {
namespace {

TEST(DefaultAuthenticatorTest, GivesThePasswordOfTheUri) {
  DefaultAuthenticator authenticator;
  EXPECT_EQ(authenticator.authenticate("joe", "secret"), "secret");
  EXPECT_EQ(authenticator.authenticate("joe", ""), "");
}

TEST(DefaultAuthenticatorTest, AChallengeIsAnErrorThatDoesNotSayTheSecret) {
  DefaultAuthenticator authenticator;
  try {
    authenticator.retry("joe", "secret");
    FAIL();
  } catch (const AuthenticationException& e) {
    EXPECT_NE(std::string(e.what()).find("joe"), std::string::npos);
    EXPECT_EQ(std::string(e.what()).find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace AMPS
