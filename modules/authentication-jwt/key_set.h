// Public keys that tokens are signed with (RFC 7517), and the check of signatures (RFC 7515).
#ifndef FLUXGATE_MODULES_AUTHENTICATION_JWT_KEY_SET_H_
#define FLUXGATE_MODULES_AUTHENTICATION_JWT_KEY_SET_H_

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "modules/common/failure.h"

struct _cjose_jwk_int;

namespace fluxgate::modules {

// Thread-safe.
class KeySet {
 public:
  static constexpr size_t kKeysMax = 64;
  static constexpr size_t kTokenMax = 16 * 1024;  // bytes
  static constexpr int kRsaBitsMin = 2048;

  // Every algorithm that there is. Not "none", and none with a shared secret: whoever checks a
  // token could make one, and a public key could be passed off as the secret.
  static const std::set<std::string>& Algorithms();

  // A JWKS document. Keys for encryption and of other kinds than RSA and EC are left out; without
  // any other it is an error, as is a private key.
  static absl::StatusOr<std::shared_ptr<const KeySet>> FromJwks(std::string_view text);
  // A public key or certificate in PEM.
  static absl::StatusOr<std::shared_ptr<const KeySet>> FromPem(std::string_view text);

  // What a token says, when one of the keys has signed it with one of `allowed`. A token that names
  // its key is checked with that one only. Errors repeat nothing of the token but its algorithm.
  absl::StatusOr<std::string> Verify(std::string_view token,
                                     const std::set<std::string>& allowed) const;

 private:
  struct Release {
    void operator()(_cjose_jwk_int* key) const;
  };
  struct Key {
    std::unique_ptr<_cjose_jwk_int, Release> key;
    std::string id;         // "": none
    std::string algorithm;  // "": any that fits
    std::string fits;       // "RSA", "P-256", "P-384", "P-521"
  };

  absl::Status Add(const std::string& jwk, std::string id, std::string algorithm);

  std::vector<Key> keys_;
  // The library counts references to a key without locks.
  mutable std::mutex mutex_;
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_AUTHENTICATION_JWT_KEY_SET_H_
