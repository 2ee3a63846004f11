#include "amps/authenticator.h"

#include "amps/exceptions.h"

namespace AMPS {

std::string DefaultAuthenticator::authenticate(const std::string& /*user*/,
                                               const std::string& password) {
  return password;
}

std::string DefaultAuthenticator::retry(const std::string& user, const std::string& /*password*/) {
  throw AuthenticationException("the gateway asks user \"" + user +
                                "\" for an answer that the default authenticator does not have");
}

void DefaultAuthenticator::completed(const std::string& /*user*/, const std::string& /*password*/,
                                     const std::string& /*reason*/) {}

}  // namespace AMPS
