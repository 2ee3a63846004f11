// A certificate of its own signing for a server on 127.0.0.1, for tests of TLS.
#ifndef FLUXGATE_MODULES_TESTING_SERVER_CERTIFICATE_H_
#define FLUXGATE_MODULES_TESTING_SERVER_CERTIFICATE_H_

#include <string>

namespace fluxgate::modules::testing {

struct ServerCertificate {
  std::string certificate;  // PEM; clients trust it as it is
  std::string key;          // PEM
};

// `name`: "IP:127.0.0.1" or "DNS:localhost".
ServerCertificate MakeServerCertificate(const std::string& name = "IP:127.0.0.1");

}  // namespace fluxgate::modules::testing

#endif  // FLUXGATE_MODULES_TESTING_SERVER_CERTIFICATE_H_
