// With what do we log on where we are the client? One object for each outgoing connection; one call
// at a time.
#ifndef FLUXGATE_GATEWAY_SECURITY_AUTHENTICATOR_H_
#define FLUXGATE_GATEWAY_SECURITY_AUTHENTICATOR_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace fluxgate {

struct OutgoingLogon {
  std::string remote_address = {};  // "host:port"
  std::string user_id = {};    // the one configured; after a challenge the one that was asked for
  std::string challenge = {};  // of the other side; empty at first
  uint32_t attempt = 1;        // one more for each challenge
};

// `password` is a secret: never logged.
struct OutgoingCredentials {
  std::string user_id = {};
  std::string password = {};
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // May wait. For each logon and each challenge. kBadOption: there are none; the logon is given up.
  virtual absl::StatusOr<OutgoingCredentials> MakeCredentials(const OutgoingLogon& logon) = 0;
  // May wait. The other side has answered; `reason`: its reason, or "".
  virtual void Completed(bool accepted, std::string_view reason) = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SECURITY_AUTHENTICATOR_H_
