// With what a client logs on.
#ifndef AMPS_CPP_AUTHENTICATOR_H_
#define AMPS_CPP_AUTHENTICATOR_H_

#include <string>

namespace AMPS {

// Called by the thread that logs on; for an HAClient that reconnects, one of its own. Exceptions
// come out of logon().
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // The token to send as password; `password` is the one of the URI.
  virtual std::string authenticate(const std::string& user, const std::string& password) = 0;
  // The gateway has answered with a challenge, which is `password`: the next token.
  virtual std::string retry(const std::string& user, const std::string& password) = 0;
  // The logon went well.
  virtual void completed(const std::string& user, const std::string& password,
                         const std::string& reason) = 0;
};

// The password of the URI. A challenge ends in an AuthenticationException.
class DefaultAuthenticator final : public Authenticator {
 public:
  std::string authenticate(const std::string& user, const std::string& password) override;
  std::string retry(const std::string& user, const std::string& password) override;
  void completed(const std::string& user, const std::string& password,
                 const std::string& reason) override;
};

}  // namespace AMPS

#endif  // AMPS_CPP_AUTHENTICATOR_H_
