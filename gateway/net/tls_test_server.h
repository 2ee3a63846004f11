// For tests: connections with TLS on a reactor thread of its own, behind a listener on the loopback
// address, whose users send every frame back. A frame is four bytes of length, little-endian, and
// as many bytes.
#ifndef FLUXGATE_GATEWAY_NET_TLS_TEST_SERVER_H_
#define FLUXGATE_GATEWAY_NET_TLS_TEST_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/net/connection.h"
#include "gateway/net/listener.h"
#include "gateway/net/tls_context.h"
#include "tests/support/test_certificates.h"
#include "tests/support/tls_client.h"

namespace fluxgate::net {

inline std::string TestFrame(std::string_view body) {
  const auto size = static_cast<uint32_t>(body.size());
  std::string frame(reinterpret_cast<const char*>(&size), sizeof size);
  return frame.append(body);
}

class TlsTestServer {
 public:
  // What the last connection has come to. Looked at by OnReactor.
  struct Seen {
    Connection* connection = nullptr;  // null: closed
    bool handshake_done = false;
    std::optional<PeerCertificate> certificate;  // at the end of the handshake
    std::vector<std::string> frames;             // their bodies
    std::string closed;                          // why
  };

  explicit TlsTestServer(TlsOptions options);
  ~TlsTestServer();

  uint16_t port() const { return listener_->port(); }
  TlsContext& tls() { return *tls_; }

  // Runs `task` on the reactor and waits for it.
  void OnReactor(const std::function<void()>& task);
  // Polls until `condition` holds on the reactor; false after some seconds.
  bool Eventually(const std::function<bool()>& condition);
  // Why the last connection has been closed; waits for it.
  std::string Closed();

  Seen seen;
  bool pauses = false;  // after each frame
  bool echoes = true;

 private:
  class User;

  std::unique_ptr<TlsContext> tls_;
  Reactor reactor_;
  ConnectionResources shared_;
  AdmissionGate gate_{{}};
  std::vector<std::unique_ptr<User>> users_;
  std::unique_ptr<Listener> listener_;
  std::thread thread_;
};

// Certificates of a server and of clients, by CAs of their own, in files.
struct TlsTestFiles {
  testing::TestCa server_ca{"servers"};
  testing::TestCa client_ca{"clients"};
  testing::TestDirectory directory;

  // Options of a server whose certificate has this common name.
  TlsOptions Options(const std::string& common_name = "localhost") const;
  // Into the files of Options.
  void WriteServer(const testing::IssuedCertificate& issued) const;
  // Adds what Options lacks for verifying clients.
  TlsOptions Verifying(VerifyClient verify) const;
  testing::TlsClient::Options Client(const testing::IssuedCertificate& own = {}) const;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_TLS_TEST_SERVER_H_
