// With what a client logs on. Used by the thread that connects; one call at a time for one
// connection.
#ifndef FLUXGATE_CLIENT_CPP_CREDENTIAL_SOURCE_H_
#define FLUXGATE_CLIENT_CPP_CREDENTIAL_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/cpp/uri.h"

namespace fluxgate::client {

// `password` is a secret: never part of a message to people.
struct UserPassword {
  std::string user = {};
  std::string password = {};
};

struct LogonAttempt {
  std::string address = {};    // that is being logged on to
  std::string user = {};       // of the URI; after a challenge the one that was asked for
  std::string challenge = {};  // of the gateway; empty at first
  uint32_t attempt = 1;        // one more for each challenge
};

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // May wait. For each logon and each challenge; an error gives the logon up.
  virtual absl::StatusOr<UserPassword> Credentials(const LogonAttempt& attempt) = 0;
  // The gateway has answered; `reason`: why it refused, or "".
  virtual void Completed(bool accepted, std::string_view reason) = 0;
};

// User and password of a URI: what clients use that are given nothing else. kAuthentication to a
// challenge, which it cannot answer.
std::shared_ptr<CredentialSource> CredentialsOfUri(const Uri& uri);

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_CREDENTIAL_SOURCE_H_
