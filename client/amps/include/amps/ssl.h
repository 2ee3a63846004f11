// TLS of the client (tcps) is OpenSSL's, loaded at run time.
#ifndef AMPS_CPP_SSL_H_
#define AMPS_CPP_SSL_H_

#include <string>

namespace AMPS {

// Loads this libssl (a name the loader finds, or a path) instead of the system's; before the first
// connection that needs it. SslException: it cannot be loaded, is not OpenSSL 1.1.1 or later, or
// another one is in use.
void sslInit(const std::string& library);

}  // namespace AMPS

#endif  // AMPS_CPP_SSL_H_
