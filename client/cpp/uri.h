// Where a gateway is and how to talk to it, as one line of text:
//
//   tcp://[user[:password]@]host:port/amps/<message type>[?option=value&...]
//   unix://localhost:0/amps/<message type>?path=/run/fluxgate.sock
//   grpc://[user[:password]@]host:port[/<message type>][?option=value&...]
//   tcps://... and grpcs://...: the same over TLS
//
// Reserved characters in user, password and values are percent-encoded; IPv6 addresses stand in
// brackets. Source of the form and of the option names: public client guides, "connection strings".
#ifndef FLUXGATE_CLIENT_CPP_URI_H_
#define FLUXGATE_CLIENT_CPP_URI_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/base/error.h"

namespace fluxgate::client {

enum class Scheme : uint8_t { kTcp, kUnix, kGrpc };

enum class IpPreference : uint8_t { kAny, kIpv4, kIpv6 };

struct SocketOptions {
  bool tcp_nodelay = true;
  std::optional<uint32_t> tcp_sndbuf;  // bytes
  std::optional<uint32_t> tcp_rcvbuf;  // bytes
  bool tcp_keepalive = false;
  std::optional<uint32_t> tcp_linger;  // seconds
  std::string bind;                    // local address, empty: any
  IpPreference ip_protocol_prefer = IpPreference::kAny;
};

// Files in PEM. The server's certificate is always verified, its host name too.
struct TlsUriOptions {
  std::string ca_file;      // both empty: the system's CA certificates
  std::string ca_path;      // a directory of them, hashed
  std::string certificate;  // of the client; empty: it shows none
  std::string private_key;  // of that
};

// What is allowed and what holds where nothing is said. The one of the documented table of options
// differs from ours.
struct UriForm {
  SocketOptions socket;
  bool is_documented = false;  // the option pretty; a path without message type
};

struct UriProblem {
  ErrorCode code = ErrorCode::kNone;
  std::string text;
  bool is_option = false;  // an option is to blame
  bool ok() const { return code == ErrorCode::kNone; }
};

struct Uri {
  Scheme scheme = Scheme::kTcp;
  std::string user;
  std::string password;
  std::string host;  // without brackets
  uint16_t port = 0;
  std::string path;          // kUnix: of the socket file
  std::string message_type;  // kGrpc: empty unless given
  SocketOptions socket;
  bool tls = false;  // tcps, grpcs
  TlsUriOptions tls_options;
  bool pretty = false;  // messages in a form for people; a logon option

  // kBadOption naming the part that is wrong; kNotBuilt for what exists in the protocol but not
  // here yet (ws, wss, compression, http_preflight).
  static absl::StatusOr<Uri> Parse(std::string_view text, const UriForm& form = {});
  // The same without Abseil's part of the binary, which libfluxgate-amps.so does not have.
  static UriProblem Read(std::string_view text, const UriForm& form, Uri* uri);

  // "localhost:9007", "[::1]:9007", or the path: for messages to people. Never the password.
  std::string Address() const;
};

}  // namespace fluxgate::client

#endif  // FLUXGATE_CLIENT_CPP_URI_H_
