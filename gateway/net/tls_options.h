// What a transport's TLS is made of, as it is configured. Plain data.
#ifndef FLUXGATE_GATEWAY_NET_TLS_OPTIONS_H_
#define FLUXGATE_GATEWAY_NET_TLS_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace fluxgate::net {

enum class VerifyClient : uint8_t {
  kNo,        // clients are not asked for a certificate
  kOptional,  // one that is shown must be good
  kRequired,
};

enum class TlsProtocol : uint8_t { kTls12, kTls13 };

struct TlsOptions {
  struct NamedCertificate {
    std::string server_name;  // host name, or "*." and the rest of one: a single label is open
    std::string certificate_file = {};
    std::string private_key_file = {};
  };

  std::string certificate_file = {};  // PEM: the certificate, then those that lead to its CA
  std::string private_key_file = {};  // PEM, without a password
  // Chosen by the host name that the client asks for; the certificate above where none fits.
  std::vector<NamedCertificate> server_names = {};

  // PEM certificates by which those of clients are verified: a file, a directory of files, both.
  std::string ca_file = {};
  std::string ca_path = {};
  VerifyClient verify_client = VerifyClient::kNo;

  // OpenSSL's names, separated by ':', ',' or ' ', those of TLS 1.3 among them. Where none is named
  // for a protocol, OpenSSL's own choice is used. Not for gRPC.
  std::string ciphers = {};
  TlsProtocol protocol_min = TlsProtocol::kTls12;
  TlsProtocol protocol_max = TlsProtocol::kTls13;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_TLS_OPTIONS_H_
