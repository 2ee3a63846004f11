// What modules are told about the server. Any thread; texts stay for the life of the process.
#ifndef FLUXGATE_CORE_MODULE_SERVER_IDENTITY_H_
#define FLUXGATE_CORE_MODULE_SERVER_IDENTITY_H_

#include <string_view>

namespace fluxgate {

void SetServerIdentity(std::string_view version, std::string_view instance_name);
const char* ServerVersion();       // "" at first
const char* ServerInstanceName();  // "" at first

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_SERVER_IDENTITY_H_
