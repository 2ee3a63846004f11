// The files of a transport's TLS: their contents, and whether they have changed. Any thread.
#ifndef FLUXGATE_GATEWAY_NET_TLS_FILES_H_
#define FLUXGATE_GATEWAY_NET_TLS_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/net/tls_options.h"

namespace fluxgate::net {

// What the files hold, read once.
struct TlsMaterial {
  struct Identity {
    std::string server_name;  // empty: for clients that ask for none of the others
    std::string certificate_pem;
    std::string private_key_pem;
    // For errors.
    std::string certificate_file;
    std::string private_key_file;
  };
  std::vector<Identity> identities;  // the first is the one without a name
  std::string ca_pem;                // of the file and of all files in the directory
};

// Errors: kBadOption, naming the file, when one cannot be read or is larger than kTlsFileBytesMax,
// or when a directory holds none.
inline constexpr size_t kTlsFileBytesMax = 4u << 20;
absl::StatusOr<TlsMaterial> ReadTlsFiles(const TlsOptions& options);

// Changes when one of the files is written, replaced, added or removed, as far as their times,
// sizes and inodes tell.
std::string TlsFilesSignature(const TlsOptions& options);

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_TLS_FILES_H_
