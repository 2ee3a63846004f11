// A transport's TLS: certificates, who may connect, and what new connections get of it. Files are
// read again without a restart; connections that there are go on with what they have.
//
// TLS 1.2 and 1.3, no compression, no renegotiation, sessions resumed by tickets (until the files
// are read again).
#ifndef FLUXGATE_GATEWAY_NET_TLS_CONTEXT_H_
#define FLUXGATE_GATEWAY_NET_TLS_CONTEXT_H_

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/net/socket_layer.h"
#include "gateway/net/tls_files.h"
#include "gateway/net/tls_options.h"

namespace fluxgate::net {

// Any thread.
class TlsContext {
 public:
  // Errors: kBadOption, naming the file and OpenSSL's reason.
  static absl::StatusOr<std::unique_ptr<TlsContext>> Create(TlsOptions options);
  ~TlsContext();

  // Reads the files again, for connections from now on. An error leaves everything as it was.
  absl::Status Reload();
  // As Reload, when the files are others than at the last attempt, successful or not. Whether it
  // has read them.
  absl::StatusOr<bool> ReloadIfChanged();

  // For an accepted connection; its handshake is still to be made. Null when there is no memory.
  std::unique_ptr<SocketLayer> NewLayer(int fd) const;

  const TlsOptions& options() const { return options_; }
  // What connections get now; another object after each successful reload. Never null.
  std::shared_ptr<const TlsMaterial> material() const;

 private:
  struct Loaded;
  explicit TlsContext(TlsOptions options) : options_(std::move(options)) {}
  std::shared_ptr<const Loaded> loaded() const;

  const TlsOptions options_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<const Loaded> loaded_;
  std::string tried_signature_;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_TLS_CONTEXT_H_
