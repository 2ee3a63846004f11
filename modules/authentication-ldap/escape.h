// Text of users inside distinguished names and search filters.
#ifndef FLUXGATE_MODULES_AUTHENTICATION_LDAP_ESCAPE_H_
#define FLUXGATE_MODULES_AUTHENTICATION_LDAP_ESCAPE_H_

#include <string>
#include <string_view>

namespace fluxgate::modules {

// As the value of an attribute in a distinguished name (RFC 4514, section 2.4).
std::string EscapeDnValue(std::string_view text);

// As an assertion value in a filter (RFC 4515, section 3).
std::string EscapeFilterValue(std::string_view text);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_AUTHENTICATION_LDAP_ESCAPE_H_
