// Who is this client? One object for each transport; several threads at a time.
#ifndef FLUXGATE_GATEWAY_SECURITY_AUTHENTICATION_H_
#define FLUXGATE_GATEWAY_SECURITY_AUTHENTICATION_H_

#include <cstdint>
#include <string>

namespace fluxgate {

// What a client presents. `password` and `challenge_state` are secrets: never logged.
struct Credentials {
  enum class Method : uint8_t { kPassword, kBearer, kCertificate };

  Method method = Method::kPassword;
  std::string user_id;
  std::string password;
  std::string client_name;
  std::string connection_name;
  std::string remote_address;
  std::string transport_name;
  // As far as TLS has verified it; empty without one.
  std::string certificate_subject;
  std::string certificate_common_name;
  std::string certificate_pem;
  // Left by the last challenge on this connection.
  bool is_challenged = false;
  std::string challenge_state;
};

struct AuthenticationResult {
  enum class Outcome : uint8_t { kAccepted, kChallenge, kRefused };

  Outcome outcome = Outcome::kRefused;
  std::string user_id;          // kAccepted: who it is; kChallenge: whom to ask again as
  std::string challenge;        // kChallenge: for the client
  std::string challenge_state;  // kChallenge: for the next try; not for the client
  std::string reason;           // kRefused: for the log, not for the client
  int64_t expires_at_s = 0;     // kAccepted: seconds since 1970; 0: never
};

class Authentication {
 public:
  virtual ~Authentication() = default;
  // A worker thread; may wait.
  virtual AuthenticationResult Authenticate(const Credentials& credentials) = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SECURITY_AUTHENTICATION_H_
