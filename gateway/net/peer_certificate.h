// The certificate that a peer has shown, as a value. Whatever carries it (our TLS, gRPC's), it
// reads the same.
#ifndef FLUXGATE_GATEWAY_NET_PEER_CERTIFICATE_H_
#define FLUXGATE_GATEWAY_NET_PEER_CERTIFICATE_H_

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fluxgate::net {

struct PeerCertificate {
  std::string subject = {};      // as RFC 2253 writes it, UTF-8: "CN=alice,OU=desk,O=example"
  std::string common_name = {};  // the last one, as the most specific; empty: none
  // Subject alternative names, in order. One with a zero byte in it is left out.
  std::vector<std::string> dns_names = {};
  std::vector<std::string> emails = {};
  std::vector<std::string> uris = {};
  std::string pem = {};   // of the certificate alone, without its chain
  bool verified = false;  // against the CA certificates, by whoever made this

  bool operator==(const PeerCertificate&) const = default;
};

// Any thread. `verified` stays false.
PeerCertificate DescribeCertificate(const X509& certificate);

// The first certificate in `pem`; null when there is none. Any thread.
std::unique_ptr<PeerCertificate> DescribePem(std::string_view pem);

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_PEER_CERTIFICATE_H_
