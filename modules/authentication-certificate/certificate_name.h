// The alternative names (RFC 5280, section 4.2.1.6) in a certificate.
#ifndef FLUXGATE_MODULES_AUTHENTICATION_CERTIFICATE_CERTIFICATE_NAME_H_
#define FLUXGATE_MODULES_AUTHENTICATION_CERTIFICATE_CERTIFICATE_NAME_H_

#include <string>
#include <string_view>

#include "modules/common/failure.h"

namespace fluxgate::modules {

enum class AlternativeName { kEmail, kDns, kUri };

// The one name of that kind. Errors: no certificate, none of that kind, several (nobody could say
// who it is), a zero byte in it.
absl::StatusOr<std::string> AlternativeNameOf(std::string_view pem, AlternativeName kind);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_AUTHENTICATION_CERTIFICATE_CERTIFICATE_NAME_H_
